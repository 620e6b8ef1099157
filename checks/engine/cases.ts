import type { Diagnostic } from "#base/diagnostic.ts";
import { memoryFiles } from "#base/files.ts";
import type { Json } from "#base/value.ts";
import { collectors } from "#collectors/manifest.ts";
import type { Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";
import { type PolicyFile, readValidated } from "#policy/validate.ts";
import { collect } from "./collect.ts";
import { evaluate } from "./evaluate.ts";
import { FileStore } from "./host.ts";
import { nameMatcher, nameOf } from "./paths.ts";
import { type Result, type Verdict, verdicts } from "./result.ts";
import { RuleSettings } from "./settings.ts";

/** The day that counts as today for every case. */
const dayOfCases = "2026-11-25";

/** One example of a rule: files, and every result the rule must give for them. */
export interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The environment of the programs under check, as `--env-file` gives it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The edition whose parameters count; the one in force where none is named. */
  readonly edition?: string;
  readonly expect: readonly ExpectedResult[];
}

export interface ExpectedResult {
  readonly fact: string;
  readonly verdict: Verdict;
  readonly file?: string;
  readonly line?: number;
}

/** The JSON Schema of `cases.yaml`. */
export function casesSchema(): Record<string, Json> {
  const texts: Json = { type: "object", additionalProperties: { type: "string" } };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/cases.schema.json",
    title: "Cases of a hipaa-check rule",
    type: "object",
    additionalProperties: false,
    required: ["cases"],
    properties: {
      cases: {
        type: "array",
        minItems: 1,
        items: {
          type: "object",
          additionalProperties: false,
          required: ["name", "files", "expect"],
          properties: {
            name: { type: "string", minLength: 1 },
            files: { ...texts, minProperties: 1 },
            environment: texts,
            edition: { type: "string", minLength: 1 },
            expect: {
              type: "array",
              items: {
                type: "object",
                additionalProperties: false,
                required: ["fact", "verdict"],
                properties: {
                  fact: { type: "string" },
                  verdict: { enum: [...verdicts] },
                  file: { type: "string" },
                  line: { type: "integer" },
                },
              },
            },
          },
        },
      },
    },
  };
}

/** Reads a `cases.yaml`. */
export function readCases(file: PolicyFile): {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const { document, diagnostics } = readValidated(file, "cases", casesSchema);
  if (document === undefined) return { cases: [], diagnostics };
  return { cases: (document.value as unknown as { cases: readonly Case[] }).cases, diagnostics };
}

export interface CaseOutcome {
  readonly name: string;
  /** What differs from the expectation, one line each; empty when all is as expected. */
  readonly differences: readonly string[];
}

const environmentFile = "case.env";

/** Runs one case with the engine that users run. */
export async function runCase(rule: Rule, edition: Edition, example: Case): Promise<CaseOutcome> {
  const environment = Object.entries(example.environment ?? {});
  const files = { ...example.files };
  if (environment.length > 0) {
    files[environmentFile] = environment
      .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
      .join("");
  }
  const matches = nameMatcher(collectors.flatMap((manifest) => manifest.activation));
  const collected = await collect({
    files: Object.keys(example.files)
      .filter((path) => matches(nameOf(path)))
      .sort(),
    store: new FileStore(memoryFiles(files)),
    options: {
      varFiles: [],
      envFiles: environment.length > 0 ? [environmentFile] : [],
      terraformVariables: {},
      asOf: dayOfCases,
    },
    manifests: collectors,
    cache: undefined,
  });
  const results = evaluate({
    facts: collected.facts,
    rules: [rule],
    editions: [edition],
    settings: new RuleSettings(new Map(), [rule]),
    positionFree: (file) => file,
  });
  return { name: example.name, differences: compare(example.expect, results) };
}

function compare(expected: readonly ExpectedResult[], results: readonly Result[]): string[] {
  const open = [...results];
  const differences: string[] = [];
  for (const wanted of expected) {
    const at = open.findIndex(
      (result) =>
        result.fact.id === wanted.fact &&
        result.verdict === wanted.verdict &&
        (wanted.file ?? result.location.file) === result.location.file &&
        (wanted.line ?? result.location.line) === result.location.line,
    );
    if (at === -1) differences.push(`expected ${resultWords(wanted)}, which is not among the results`);
    else open.splice(at, 1);
  }
  for (const result of open) {
    const { file, line } = result.location;
    const found = { fact: result.fact.id, verdict: result.verdict, file, line };
    differences.push(`found ${resultWords(found)} (${result.actual}), which was not expected`);
  }
  return differences;
}

function resultWords({ fact, verdict, file, line }: ExpectedResult): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  return `${verdict} for ${fact}${place === "" ? "" : ` at ${place}`}`;
}
