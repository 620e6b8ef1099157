import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCommand } from "#cli/testing.ts";
import type { Report, Result } from "#engine/result.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const clinic = "docs/examples/clinic";

/** One row of the table in the example's README. */
interface Expected {
  readonly file: string;
  readonly line: string;
  readonly what: string;
  readonly rule: string;
  readonly verdict: string;
}

function readTable(text: string): Expected[] {
  return text
    .split("\n")
    .filter((line) => /^\| `/.test(line))
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim().replaceAll("`", ""));
      const [, file = "", place = "", what = "", rule = "", verdict = ""] = cells;
      return { file, line: place, what, rule, verdict };
    });
}

function words({ file, line, what, rule, verdict }: Expected): string {
  return `${file}:${line} ${rule} ${what}: ${verdict}`;
}

function found({ location, fact, rule, verdict }: Result): string {
  const file = location.file.slice(clinic.length + 1);
  return words({ file, line: String(location.line), what: fact.id, rule, verdict });
}

describe("the example clinic", () => {
  const expected = readTable(readFileSync(join(root, clinic, "README.md"), "utf8"));
  const { stdout } = runCommand(["check", clinic, "--format", "json"], { folder: root });
  const { results, diagnostics } = JSON.parse(stdout) as Report;
  const outcomes = results.map(found);

  test("has at least 25 outcomes of four verdicts in its table, each once", () => {
    expect(expected.length).toBeGreaterThanOrEqual(25);
    expect([...new Set(expected.map(({ verdict }) => verdict))].sort()).toEqual([
      "fail",
      "not-applicable",
      "pass",
      "unknown",
    ]);
    expect(new Set(expected.map(words)).size).toBe(expected.length);
  });

  test("is judged as the table says", () => {
    expect(expected.map(words).filter((row) => !outcomes.includes(row))).toEqual([]);
  });

  test("fails, and leaves open, nothing that the table does not hold", () => {
    const rows = expected.map(words);
    const told = results.filter(({ verdict }) => verdict === "fail" || verdict === "unknown").map(found);
    expect(told.filter((outcome) => !rows.includes(outcome))).toEqual([]);
  });

  test("holds nothing that cannot be read", () => {
    expect(diagnostics).toEqual([]);
  });
});
