import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import type { Value } from "#base/value.ts";
import type { Collected, CollectHost } from "#facts/collector.ts";
import { factsFileSchema, formatFactsFile, type StatedFact } from "#facts/facts-file.ts";
import { collector } from "./collector.ts";

const head = {
  producer: "test",
  recordedAt: "2026-11-01T09:00:00.000Z",
  evidence: "probe",
} as const;

const route: StatedFact = {
  kind: "mail.route",
  id: "node send.mjs",
  attributes: {
    "tls.mode": { value: "opportunistic", because: ["P01 leaked: body in clear text", "P03a leaked: body"] },
    "tls.weakCiphers": { value: [] },
    "tls.verification": { unknown: "P14 did not show that the sender verifies" },
    destination: undefined,
  },
};

async function read(text: string, file = "probes/run.facts.json"): Promise<Collected> {
  const host: CollectHost = {
    options: { varFiles: [], envFiles: [], terraformVariables: {} },
    read: (path) => (path === file ? text : undefined),
    holds: () => false,
    list: () => [],
  };
  const [unit] = collector.group([file], host);
  return unit === undefined ? { facts: [], diagnostics: [] } : await collector.collect(unit, host);
}

/** A value as the facts file states it. */
function stated(value: Value): unknown {
  const because = value.chain.length === 0 ? {} : { because: value.chain.map(({ text }) => text) };
  if (value.state === "absent") return undefined;
  return value.state === "known" ? { value: value.value, ...because } : { unknown: value.reason, ...because };
}

describe("a facts file", () => {
  test("gives back the facts that were written, each value on its line", async () => {
    const configurationFiles = { "main.cf": "0".repeat(64) };
    const text = formatFactsFile({ ...head, configuration: "../mail/", configurationFiles, facts: [route] });
    const { facts, diagnostics } = await read(text);
    expect(diagnostics).toEqual([]);
    const [fact] = facts;
    expect(facts).toHaveLength(1);
    expect(fact).toMatchObject({
      kind: route.kind,
      id: route.id,
      origin: { evidence: "probe", configuration: "mail", files: configurationFiles },
    });
    const attributes = Object.entries(fact?.attributes ?? {}).map(([name, value]) => [name, stated(value)]);
    expect(Object.fromEntries(attributes)).toEqual(JSON.parse(JSON.stringify(route.attributes)));
    const line = text.split("\n").findIndex((words) => words.includes(route.id)) + 1;
    expect(fact?.location).toMatchObject({ file: "probes/run.facts.json", line });
    const mode = fact?.attributes["tls.mode"];
    const lines = text.split("\n");
    const place = mode?.location;
    expect(place?.line).toBe(line);
    expect(lines[line - 1]?.slice((place?.column ?? 0) - 1, (place?.endColumn ?? 0) - 1)).toBe(
      `"tls.mode":${JSON.stringify(route.attributes["tls.mode"])}`,
    );
    expect(mode?.chain.map(({ location }) => location.line)).toEqual([line, line]);
  });

  test("that is empty says nothing", async () => {
    expect(await read(" \n")).toEqual({ facts: [], diagnostics: [] });
  });

  test("is described by the schema that is published", () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
    formats.default(ajv);
    const validate = ajv.compile(factsFileSchema());
    const good = JSON.parse(formatFactsFile({ ...head, facts: [route] }));
    expect(validate(good), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...good, facts: [{ ...route, kind: "mail.rout" }] })).toBe(false);
    expect(validate({ ...good, facts: [{ ...route, attributes: { "tls.mod": { value: "none" } } }] })).toBe(
      false,
    );
    expect(validate({ ...good, facts: [{ ...route, attributes: { "tls.mode": { value: "no" } } }] })).toBe(
      false,
    );
  });
});

/** The lines of a whole facts file with one line changed. */
function changed(from: string | RegExp, to: string): string {
  const text = formatFactsFile({ ...head, facts: [route, { ...route, id: "second" }] });
  const broken = text.replace(from, to);
  expect(broken).not.toBe(text);
  return broken;
}

describe("a mistake is one error with file, line and what to do", () => {
  test.each<[string, string, number, RegExp]>([
    ["text that is no JSON", changed("\n]\n}", "\n]\n"), 1, /\}/],
    [
      "a comment",
      changed('"producer"', '// written by hand\n"producer"'),
      3,
      /a comment \(JSON has none\) follows\./,
    ],
    ["a list at the top", "[]\n", 1, /^the facts file must be an object\./],
    [
      "another version",
      changed('"schemaVersion": "1"', '"schemaVersion": "2"'),
      2,
      /version "2" are not known/,
    ],
    [
      "no version",
      changed('"schemaVersion": "1",\n', ""),
      1,
      /^the facts file lacks "schemaVersion"\. Add it\./,
    ],
    [
      "an unknown key",
      changed('"producer"', '"author": "me",\n"producer"'),
      3,
      /^Unknown key "author" in the facts file/,
    ],
    ["a key that stands twice", changed('"producer"', '"producer": "x",\n"producer"'), 4, /stands twice/],
    [
      "a time that is none",
      changed(/"2026[^"]+"/, '"yesterday"'),
      4,
      /^recordedAt is no time\. Write it as ISO 8601/,
    ],
    [
      "evidence of no kind",
      changed('"evidence": "probe"', '"evidence": "guess"'),
      5,
      /^evidence must be one of static, probe, load, record\./,
    ],
    [
      "an absolute path",
      changed('"facts"', '"configuration": "/etc/postfix",\n"facts"'),
      6,
      /^configuration must be relative/,
    ],
    [
      "facts that are no list",
      '{"schemaVersion":"1","producer":"a","recordedAt":"2026-11-01T09:00:00Z","evidence":"probe","facts":{}}',
      1,
      /^"facts" must be a list/,
    ],
    ["an unknown kind", changed("mail.route", "mail.rout"), 7, /^There is no kind of fact "mail\.rout"/],
    [
      "an unknown attribute",
      changed("tls.mode", "tls.mod"),
      7,
      /^mail\.route has no attribute "tls\.mod"\. See: hipaa-check explain mail\.route\./,
    ],
    [
      "a value that its attribute cannot have",
      changed('"opportunistic"', '"sometimes"'),
      7,
      /^tls\.mode must be one of none, opportunistic, required\./,
    ],
    [
      "a value of another type",
      changed('"tls.weakCiphers":{"value":[]}', '"tls.weakCiphers":{"value":"none"}'),
      7,
      /^tls\.weakCiphers must be array\./,
    ],
    [
      "both a value and a reason",
      changed('{"value":[]}', '{"value":[],"unknown":"x"}'),
      7,
      /^tls\.weakCiphers must have either "value" or "unknown"\./,
    ],
    ["neither", changed('{"value":[]}', "{}"), 7, /must have either/],
    ["an id that is empty", changed('"id":"node send.mjs"', '"id":""'), 7, /^id must be a text/],
    [
      "an id that stands twice",
      changed('"id":"second"', '"id":"node send.mjs"'),
      8,
      /stands on line 7 already/,
    ],
    [
      "steps that are no list",
      changed(/"because":\[[^\]]+\]/, '"because":"P01"'),
      7,
      /^because must be a list of sentences\./,
    ],
    [
      "files of no configuration",
      changed('"facts"', '"configurationFiles": {},\n"facts"'),
      6,
      /^configurationFiles says nothing without a configuration/,
    ],
    [
      "a digest that is none",
      changed('"facts"', '"configuration": "mail",\n"configurationFiles": {"main.cf": "abc"},\n"facts"'),
      7,
      /^main\.cf must be a SHA-256 of 64 hexadecimal digits\.$/,
    ],
    [
      "100,000 levels",
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      1,
      /^Nested more than 250 levels deep/,
    ],
  ])("%s", async (_, text, line, message) => {
    const { diagnostics } = await read(text);
    expect(diagnostics.map(({ level }) => level)).toEqual(["error"]);
    expect(diagnostics[0]?.location).toMatchObject({ file: "probes/run.facts.json", line });
    expect(diagnostics[0]?.message).toMatch(message);
  });

  test("in one fact leaves the others standing", async () => {
    const { facts, diagnostics } = await read(changed("tls.mode", "tls.mod"));
    expect(diagnostics).toHaveLength(1);
    expect(facts.map(({ id }) => id)).toEqual(["second"]);
  });

  test("in the head leaves none", async () => {
    expect((await read(changed('"evidence": "probe"', '"evidence": "guess"'))).facts).toEqual([]);
  });
});
