import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { readText } from "#base/files.ts";
import type { Json } from "#base/value.ts";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { writeWhole } from "#cli/output.ts";
import type { Report, Result, Verdict } from "#engine/result.ts";

/** A finding that was known when the baseline was made. */
interface KnownFinding {
  readonly fingerprint: string;
  readonly edition: string;
  readonly rule: string;
  readonly fact: string;
  readonly file: string;
}

/** Findings that do not fail a gate because they are known: `--baseline`. */
export interface Baseline {
  readonly schemaVersion: "1";
  readonly findings: readonly KnownFinding[];
}

/** The JSON Schema (draft-07) of a baseline. */
export function baselineSchema(): Record<string, Json> {
  const text: Json = { type: "string", minLength: 1 };
  const names = ["fingerprint", "edition", "rule", "fact", "file"];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/baseline.schema.json",
    title: "Baseline of a hipaa-check gate",
    type: "object",
    additionalProperties: false,
    required: ["schemaVersion", "findings"],
    properties: {
      schemaVersion: { const: "1" },
      findings: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: names,
          properties: Object.fromEntries(names.map((name) => [name, text])),
        },
      },
    },
  };
}

/** @throws UsageError where the file is not there or is no baseline */
export async function readBaseline(path: string): Promise<Baseline> {
  const found = readText(resolve(path), path);
  if (found === undefined) {
    throw new UsageError(
      `--baseline ${path}: there is no such file. Make it with: hipaa-check baseline update ${path}`,
    );
  }
  if ("problem" in found) throw new UsageError(diagnosticLine(found.problem));
  let value: unknown;
  try {
    value = JSON.parse(found.text);
  } catch {
    throw new UsageError(
      `--baseline ${path}: the file is not JSON. Remove it, and make it anew with: hipaa-check baseline update ${path}`,
    );
  }
  const { Ajv } = await import("ajv");
  const validate = new Ajv().compile<Baseline>(baselineSchema());
  if (validate(value)) return value;
  const [error] = validate.errors ?? [];
  throw new UsageError(`--baseline ${path}: this is no baseline: ${error?.instancePath} ${error?.message}.`);
}

/** Failures that count for a gate, as a baseline keeps them, in a stable order. */
export function baselineOf(report: Report): Baseline {
  const proposed = new Set(report.editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  const findings = report.results
    .filter(({ verdict, edition }) => verdict === "fail" && !proposed.has(edition))
    .map(({ fingerprint, edition, rule, fact, location }) => ({
      fingerprint,
      edition,
      rule,
      fact: fact.id,
      file: location.file,
    }));
  const key = ({ file, rule, fact, fingerprint }: KnownFinding): string =>
    [file, rule, fact, fingerprint].join("\n");
  return { schemaVersion: "1", findings: findings.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

export function writeBaseline(path: string, baseline: Baseline): void {
  const lines = baseline.findings.map((finding) => JSON.stringify(finding));
  const body = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`;
  writeWhole(path, `{\n"schemaVersion": "1",\n"findings": ${body}\n}\n`, "--baseline");
}

export interface Compared {
  /** The report with known findings marked. */
  readonly report: Report;
  /** Known findings that are gone: fixed, or their file is. */
  readonly fixed: readonly KnownFinding[];
  /** Known findings that a decision lifts: when it ends, they fail. */
  readonly decided: readonly KnownFinding[];
  /** The baseline without either. */
  readonly remaining: Baseline;
}

/** What tells one finding from another whatever the given path: two alike in one file are counted. */
export function keyOf(
  { edition, rule, file }: { edition: string; rule: string; file: string },
  fact: string,
): string {
  return [edition, rule, file, fact].join("\n");
}

/**
 * Marks what is known. A finding counts as fixed only where the run could have found it again: its rule was asked in its file under
 * its edition, or the file is gone; and the run was left without no input, and did not end in "could not tell".
 */
export function compareWithBaseline(report: Report, baseline: Baseline): Compared {
  const known = Map.groupBy(baseline.findings, (finding) => keyOf(finding, finding.fact));
  const open = new Map([...known].map(([key, findings]) => [key, findings.length]));
  const results = report.results.map((result): Result => {
    const { edition, rule, location, fact } = result;
    const key = keyOf({ edition, rule, file: location.file }, fact.id);
    const left = open.get(key) ?? 0;
    if (result.verdict !== "fail" || left === 0) return result;
    open.set(key, left - 1);
    return { ...result, known: true };
  });
  const verdicts = Map.groupBy(results, (result) =>
    keyOf({ ...result, file: result.location.file }, result.fact.id),
  );
  const isNow = (key: string, verdict: Verdict): boolean =>
    verdicts.get(key)?.some((result) => result.verdict === verdict) === true;
  const asked = new Set(
    results.map(({ edition, rule, location }) => `${edition}\n${rule}\n${location.file}`),
  );
  const gone = [...known].flatMap(([key, findings]): KnownFinding[] => {
    const couldBeFound = findings.filter(
      ({ edition, rule, file }) => asked.has(`${edition}\n${rule}\n${file}`) || !existsSync(file),
    );
    const missing = open.get(key) ?? 0;
    if (missing === 0 || report.summary.errors > 0 || isNow(key, "unknown")) return [];
    return couldBeFound.slice(-missing);
  });
  const isDecided = (finding: KnownFinding): boolean => isNow(keyOf(finding, finding.fact), "excepted");
  return {
    report: { ...report, results },
    fixed: gone.filter((finding) => !isDecided(finding)),
    decided: gone.filter(isDecided),
    remaining: {
      schemaVersion: "1",
      findings: baseline.findings.filter((finding) => !gone.includes(finding)),
    },
  };
}
