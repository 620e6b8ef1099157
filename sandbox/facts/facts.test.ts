import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "#base/value.ts";
import type { StatedFact } from "#facts/facts-file.ts";
import { findFactKind } from "#facts/registry.ts";
import { type ProbeOutcome, probeSender } from "../probe/probe.ts";
import { probeReportSchema } from "../probe/report-schema.ts";
import type { ProbeOptions } from "../probe/run.ts";
import { execSender } from "../probe/senders/exec.ts";
import { moduleSender } from "../probe/senders/module.ts";
import { probeServer } from "../receiver/probe-server.ts";
import { startSandbox } from "../start.ts";
import { writeFactsFile } from "./facts-file.ts";
import { probeFacts } from "./probe-facts.ts";
import { serverFacts } from "./server-facts.ts";

const fixtures = fileURLToPath(new URL("../probe/fixtures/", import.meta.url));
const ajv = new Ajv({ strict: false });
const reportSchema = ajv.compile(probeReportSchema());

async function probeNodemailer(nodemailer: object, options: Partial<ProbeOptions>): Promise<ProbeOutcome> {
  process.env.TEST_NODEMAILER_OPTIONS = JSON.stringify(nodemailer);
  return await probeSender({
    sender: moduleSender(`${fixtures}nodemailer.mjs`),
    retryWaitMs: 200,
    ...options,
  });
}

afterEach(() => {
  delete process.env.TEST_NODEMAILER_OPTIONS;
});

/** What is wrong with facts by their kinds; empty when nothing is. */
function mistakes(facts: readonly StatedFact[]): string[] {
  return facts.flatMap(({ kind, id, attributes }) => {
    const found = findFactKind(kind);
    if (found === undefined) return [`${kind} is no kind`];
    return Object.entries(attributes).flatMap(([name, stated]) => {
      const schema = found.attributes[name]?.schema;
      if (schema === undefined) return [`${kind} has no ${name}`];
      return stated !== undefined && "value" in stated && !ajv.validate(schema, stated.value)
        ? [`${id} ${name} ${JSON.stringify(stated.value)}`]
        : [];
    });
  });
}

/** Values by attribute, `unknown` where one is not known. */
function values({ attributes }: StatedFact): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, stated]) =>
      stated === undefined ? [] : [[name, "value" in stated ? stated.value : "unknown"]],
    ),
  );
}

function only(facts: readonly StatedFact[], kind: string): StatedFact {
  const found = facts.filter((fact) => fact.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as StatedFact;
}

describe("facts of a sender", () => {
  test("that holds show a route with mandatory, verified, current TLS", async () => {
    const outcome = await probeNodemailer({ requireTLS: true, logIn: true }, { quick: true });
    const facts = probeFacts(outcome);
    expect(mistakes(facts)).toEqual([]);
    expect(values(only(facts, "mail.route"))).toEqual({
      product: "module",
      "tls.mode": "required",
      "tls.verification": "name",
      "tls.minimumVersion": "TLSv1.2",
      "tls.weakCiphers": [],
      "authentication.mechanism": "password",
      "authentication.cleartextAllowed": false,
    });
    expect(values(only(facts, "probe.message"))).toMatchObject({
      "signature.dkim": false,
      "recipients.unexpected": 0,
      copies: 1,
    });
    expect(facts.filter(({ kind }) => kind === "probe.posture")).toHaveLength(12);
    expect(reportSchema(outcome.report), JSON.stringify(reportSchema.errors)).toBe(true);
  });

  test("that falls back show an opportunistic route, and why", async () => {
    const outcome = await probeNodemailer(
      { logIn: true, tls: { rejectUnauthorized: false } },
      { only: ["P01", "P14", "P65b", "P61", "P57", "P38"] },
    );
    const facts = probeFacts(outcome);
    expect(mistakes(facts)).toEqual([]);
    const route = only(facts, "mail.route");
    expect(values(route)).toMatchObject({
      "tls.mode": "opportunistic",
      "tls.verification": "none",
      "authentication.cleartextAllowed": true,
    });
    // It leaks without the header too, so the header is not what lowers its level.
    expect(route.attributes["message.loweringHonoured"]).toBeUndefined();
    expect(route.attributes["tls.mode"]?.because?.[0]).toMatch(/^P01 leaked: .*in clear text/);
    const postures = facts.filter(({ kind }) => kind === "probe.posture");
    expect(postures.map((fact) => [values(fact).posture, values(fact).verdict])).toEqual([
      ["P01", "leaked"],
      ["P14", "weak"],
      ["P61", "leaked"],
      ["P65b", "leaked"],
      // What could have been met elsewhere is unknown, not silent.
      ["P38, P57", "unknown"],
    ]);
    expect(postures.at(-1)?.attributes.verdict).toMatchObject({
      unknown: expect.stringContaining("it needs a sender in a container"),
    });
  });

  test("that speaks clear text to a good server show a route without TLS", async () => {
    const facts = probeFacts(await probeNodemailer({ ignoreTLS: true }, { only: ["P01"] }));
    expect(values(only(facts, "mail.route"))).toMatchObject({
      "tls.mode": "none",
      "tls.verification": "unknown",
      "tls.minimumVersion": "unknown",
      "tls.weakCiphers": "unknown",
    });
  });

  test("that was asked too little claim nothing", async () => {
    const facts = probeFacts(await probeNodemailer({ requireTLS: true }, { only: ["P01", "P14"] }));
    const route = only(facts, "mail.route");
    expect(route.attributes["tls.mode"]).toMatchObject({
      unknown: "P02a, P03a, P04a did not show that the sender holds",
    });
    expect(route.attributes["tls.verification"]).toMatchObject({ unknown: expect.any(String) });
  });

  test("that bounces the content show that", async () => {
    const sender = execSender(`'${process.execPath}' '${fixtures}bounce-only.mjs'`);
    const facts = probeFacts(await probeSender({ sender, only: ["P50a"], retryWaitMs: 200 }));
    expect(mistakes(facts)).toEqual([]);
    expect(values(only(facts, "mail.bounce"))).toMatchObject({ "content.returned": true });
    const heads = execSender(`'${process.execPath}' '${fixtures}bounce-only.mjs' headers`);
    const better = probeFacts(await probeSender({ sender: heads, only: ["P50a"], retryWaitMs: 200 }));
    expect(values(only(better, "mail.bounce"))).toMatchObject({ "content.returned": false });
    expect(values(only(better, "probe.posture"))).toMatchObject({
      verdict: "held",
      "leaked.bounce": false,
      attempts: 2,
    });
  });
});

describe("facts of a receiving server", () => {
  test.each([
    [
      "submission",
      { purpose: "submission", "tls.mode": "required", "authentication.cleartextAllowed": false },
    ],
    ["mx", { purpose: "relay", "authentication.cleartextAllowed": false }],
  ] as const)("show what the %s listener of the sandbox is", async (service, expected) => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    const endpoint = sandbox.connection[service];
    const outcome = await probeServer({
      target: `${endpoint.host}:${endpoint.port}`,
      recipient: "patient@clinic.test",
      ...("user" in endpoint ? { logIn: { user: endpoint.user, password: endpoint.password } } : {}),
    });
    const facts = serverFacts(outcome);
    expect(mistakes(facts)).toEqual([]);
    expect(values(only(facts, "mail.listener"))).toMatchObject({
      ...expected,
      "tls.minimumVersion": "TLSv1.2",
      "tls.weakCiphers": [],
    });
    expect(facts.filter(({ kind }) => kind === "probe.server")).toHaveLength(13);
    expect(reportSchema(outcome.report), JSON.stringify(reportSchema.errors)).toBe(true);
    expect(JSON.stringify(outcome.report)).not.toContain(sandbox.connection.submission.password);
    expect(await sandbox.mailbox.list()).toEqual([]);
  });
});

test("a facts file is written whole or not at all", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  const file = {
    producer: "test",
    recordedAt: "1970-01-01T00:00:00.000Z",
    evidence: "probe",
    facts: [],
  } as const;
  await writeFactsFile(join(folder, "run.facts.json"), file);
  expect(readdirSync(folder)).toEqual(["run.facts.json"]);
  expect(JSON.parse(readFileSync(join(folder, "run.facts.json"), "utf8"))).toEqual({
    schemaVersion: "1",
    ...file,
  });
  await expect(writeFactsFile(join(folder, "no", "x.facts.json"), file)).rejects.toThrow(
    /cannot be written \(ENOENT\): name a file in a folder that exists/,
  );
  rmSync(folder, { recursive: true });
});
