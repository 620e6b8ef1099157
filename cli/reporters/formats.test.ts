// Holds each format against what its readers ask for: with the example, and with inputs that mean no good.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import * as formats from "ajv-formats";
import { afterAll, describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));

function schemaText(name: string): string {
  return readFileSync(new URL(`./fixtures/schemas/${name}`, import.meta.url), "utf8");
}

function compile(schema: object, unicodeRegExp = true): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp });
  formats.default.default(ajv);
  return ajv.compile(schema);
}

/** SARIF's schema is draft-04 in name only: what it uses means the same in draft-07, but for the name of its id. */
function sarifSchema(): ValidateFunction {
  const folder = join(require.resolve("@microsoft/jest-sarif/package.json"), "..");
  const { id: _, ...schema } = JSON.parse(
    readFileSync(join(folder, "lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
  ) as { readonly id: string };
  return compile({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" }, false);
}

const jsonFormats: Readonly<Record<string, ValidateFunction>> = {
  sarif: sarifSchema(),
  "gitlab-sast": compile(JSON.parse(schemaText("gitlab-sast.schema.json")) as object),
  "gitlab-codequality": compile(JSON.parse(schemaText("gitlab-codequality.schema.json")) as object),
  oscal: compile(JSON.parse(schemaText("oscal_assessment-results_schema.json")) as object),
  "oscal-plan": compile(JSON.parse(schemaText("oscal_assessment-plan_schema.json")) as object),
};

/** Control characters, characters that XML lacks, half a surrogate pair, the ends of sections, formulas, markup, and a book. */
const nasty = [
  "=cmd|' /C calc'!A0 +1 -1 @sum",
  "\u0000\u0001\u0008\u000b\u000c\u001b[31m\u007f\u0085\u2028\u2029\ufffe\uffff\ud800",
  "]]> <!-- --> <script>alert(1)</script> &amp; &#0; \" ' %0A::error::x",
  "| `code` *bold* _em_ [a](javascript:1) ![b](http://192.0.2.1/c.png) <img src=x> {{ insert: param, x }}",
  "Zoë 患者 🏥\r\nsecond line\ttab",
  "\u202eeman \u2066",
  "x".repeat(300_000),
].join(" ");

const file = "=a,b]]>\n::error::<b>|`ü` 患.facts.json";
const facts = {
  schemaVersion: "1",
  producer: "test",
  recordedAt: "2026-11-25T00:00:00Z",
  evidence: "record",
  facts: [
    {
      kind: "vendor",
      id: nasty,
      attributes: { name: { value: nasty }, "agreement.present": { value: false } },
    },
    {
      kind: "vendor",
      id: "second",
      attributes: { "agreement.present": { unknown: nasty, because: [nasty] } },
    },
    ...Array.from({ length: 60 }, (_, index) => ({
      kind: "vendor",
      id: `vendor ${index}`,
      attributes: { name: { value: "患".repeat(20_000) }, "agreement.present": { value: false } },
    })),
  ],
};

const folder = new TemporaryFolder({
  [file]: JSON.stringify(facts),
  "main.cf": `smtp_tls_security_level = ${nasty.replace(/[\r\n]/g, "")}\n`,
  "bad 患.tf": 'resource "a" "b" {\n',
});
afterAll(() => folder[Symbol.dispose]());

const subjects = ["the example", "inputs that mean no good"] as const;
const outputs = new Map<string, string>();

function render(subject: (typeof subjects)[number], format: string): string {
  const key = `${subject} ${format}`;
  const known = outputs.get(key);
  if (known !== undefined) return known;
  const { stdout, exitCode } = runCommand(
    ["check", subject === "the example" ? "docs/examples/clinic" : ".", "--format", format],
    {
      folder: subject === "the example" ? root : folder.path,
      environment: { SOURCE_DATE_EPOCH: "1795600000" },
    },
  );
  expect(exitCode).toBe(1);
  outputs.set(key, stdout);
  return stdout;
}

describe.each(subjects)("%s", (subject) => {
  test.each(Object.keys(jsonFormats))("%s is valid against its schema", (format) => {
    const validate = jsonFormats[format];
    validate?.(JSON.parse(render(subject, format)));
    expect(validate?.errors ?? []).toEqual([]);
  });

  test("JUnit is valid against the XSD of Jenkins", async () => {
    const { errors, valid } = await validateXML({
      xml: { fileName: "report.xml", contents: render(subject, "junit") },
      schema: { fileName: "junit-10.xsd", contents: schemaText("junit-10.xsd") },
      maxMemoryPages: 4096,
    });
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect(valid).toBe(true);
  });

  test("annotations are at most ten of each kind, each a command of its own", () => {
    const lines = render(subject, "github").trimEnd().split("\n");
    const kinds = Map.groupBy(
      lines,
      (line) => /^::(error|warning|notice) [^:]*title=[^:]*::/.exec(line)?.[1],
    );
    expect(kinds.has(undefined)).toBe(false);
    for (const own of kinds.values()) expect(own.length).toBeLessThanOrEqual(10);
  });

  test("Markdown fits a step summary of 1 MiB, and each row has its cells", () => {
    const text = render(subject, "markdown");
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    const cells = new Set(rows.map((line) => line.replace(/\\./g, "").split("|").length));
    expect([...cells]).toEqual([8]);
    expect(text.replace(/\\./g, "")).not.toMatch(/<script|<img|!\[|\]\(/);
  });

  test("CSV has as many cells in each row, and none is a formula", () => {
    const rows = readCsv(render(subject, "csv"));
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[\s\p{Cc}]*[=+\-@]/u);
  });

  test.each(["terminal", "markdown", "html"])(
    "nothing turns the direction of what is behind it: %s",
    (format) => {
      expect(render(subject, format)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    },
  );

  test("HTML holds no markup of an input", () => {
    const page = render(subject, "html");
    expect(page).not.toMatch(/<script|<img|\son\w+=/i);
    expect(page).not.toMatch(/(?![\t\n\r])\p{Cc}/u);
  });
});

/** RFC 4180. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("the schemas reject what is broken in a small way", () => {
  for (const [format, change] of [
    ["sarif", ['"kind": "fail"', '"kind": "bad"']],
    ["gitlab-sast", ['"severity": "High"', '"severity": "high"']],
    ["gitlab-codequality", ['"severity": "major"', '"severity": "Major"']],
  ] as const) {
    const text = render("the example", format);
    const broken = text.replace(change[0], change[1]);
    expect(broken).not.toBe(text);
    expect(jsonFormats[format]?.(JSON.parse(broken))).toBe(false);
  }
});
