import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { missingLine, Reader, readSteps, type Step } from "./walkthrough.ts";

const folder = fileURLToPath(new URL("guide/", import.meta.url));

function title(step: Step): string {
  if (step.kind === "file") return `write ${step.path}`;
  return step.commands.trim().split("\n")[0] ?? "";
}

/** Programs of the reader's own that steps need, by what the page calls them. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "python3 and openssl": ["python3", "openssl"],
};
const missing = (needs: string): boolean =>
  programs[needs]?.some((name) => spawnSync(name, ["--help"]).error !== undefined) ?? true;

const pages = ["evidence", "auditor", "approver", "ci-gate"];

/** A `*.yml` that a page has the reader write is a job of a CI system, and what it runs is run. */
describe.each(pages)("a reader follows the page about %s, step by step", (name) => {
  const steps = readSteps(readFileSync(join(folder, `${name}.md`), "utf8"));
  const reader = new Reader([]);
  afterAll(() => reader[Symbol.dispose]());

  for (const step of steps) {
    const needs = step.kind === "commands" ? step.needs : undefined;
    if (needs !== undefined && programs[needs] === undefined) continue;
    const isLeftOut = needs !== undefined && missing(needs);
    test.skipIf(isLeftOut)(`${title(step)}${isLeftOut ? `, which needs ${needs}` : ""}`, () => {
      if (step.kind === "file") return reader.write(step.path, step.content);
      const { exitCode, output } = reader.run(step.commands);
      expect(exitCode, output).toBe(step.exitCode);
      expect(missingLine(output, step.shown), output).toBeUndefined();
    });
  }

  const jobs = steps.filter((step) => step.kind === "file" && step.path.endsWith(".yml"));
  const gates = jobs.flatMap((job) =>
    job.kind === "file" ? [...job.content.matchAll(/npx hipaa-check [^\n]*/g)].map(([line]) => line) : [],
  );
  test.each(gates)("a job runs: %s", (command) => {
    const { exitCode, output } = reader.run(`export GITHUB_STEP_SUMMARY=summary.md\n${command}`);
    expect([0, 1], output).toContain(exitCode);
  });
});
