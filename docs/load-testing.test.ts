import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCommand } from "#cli/testing.ts";
import { missingLine, Reader, readSteps, type Step } from "./walkthrough.ts";

const page = join(fileURLToPath(new URL(".", import.meta.url)), "guide/load-testing.md");
const steps = readSteps(readFileSync(page, "utf8"));
const reader = new Reader(["nodemailer"]);
const root = fileURLToPath(new URL("..", import.meta.url));

/** What `doctor` finds on this machine, by name. */
const found = new Map(
  (
    JSON.parse(runCommand(["doctor", "--format", "json"], { folder: root }).stdout) as {
      findings: { name: string; present: boolean; found: string }[];
    }
  ).findings.map((finding) => [finding.name, finding]),
);
const hasGo = found.get("go")?.present === true;
/** The path of a k6 with the extension. */
const k6 = /with the SMTP extension, (\S+) \(/.exec(found.get("k6")?.found ?? "")?.[1];
const needsK6 =
  k6 === undefined ? ", which needs k6 with the SMTP extension (hipaa-check loadtest build, or .ci/k6)" : "";
const minutes = 60_000;

afterAll(() => reader[Symbol.dispose]());

/** Why a step is left out; empty where it is not. */
function missing(step: Step): string {
  if (step.kind === "file" || step.needs === undefined) return "";
  if (step.needs === "Go") return hasGo ? "" : ", which needs Go";
  return needsK6;
}

function title(step: Step): string {
  if (step.kind === "file") return `write ${step.path}`;
  return `${step.commands.trim().split("\n")[0]}${missing(step)}`;
}

/** Runs commands with the k6 that the tests use, which needs no building. */
function run(commands: string): { readonly exitCode: number | null; readonly output: string } {
  return reader.run(k6 === undefined ? commands : `export HIPAA_CHECK_K6='${k6}'\n${commands}`);
}

describe("a reader follows the page about load tests, step by step", () => {
  const own = steps.filter((step) => step.kind === "file" || [undefined, "Go", "k6"].includes(step.needs));

  for (const step of own) {
    // A machine that is busy with other things makes a run invalid, and says so: then it is run once more.
    test.skipIf(missing(step) !== "")(title(step), { timeout: 25 * minutes, retry: 2 }, () => {
      if (step.kind === "file") return reader.write(step.path, step.content);
      const builds = step.needs === "Go";
      const { exitCode, output } = builds ? reader.run(step.commands) : run(step.commands);
      expect(exitCode, output).toBe(step.exitCode);
      expect(missingLine(output, step.shown), output).toBeUndefined();
    });
  }

  test.skipIf(k6 === undefined)(
    `the gate of the page's job runs and passes${needsK6}`,
    { timeout: 10 * minutes, retry: 2 },
    () => {
      const { jobs } = parse(readFileSync(join(reader.path, ".github/workflows/load.yml"), "utf8")) as {
        jobs: { load: { steps: { run?: string }[] } };
      };
      const commands = jobs.load.steps.flatMap(({ run: command }) => command ?? []);
      const [install, build, load, check] = commands;
      expect([install, build]).toEqual(["npm ci", "npx hipaa-check loadtest build"]);
      for (const command of [load, check]) {
        const { exitCode, output } = run(command ?? "false");
        expect(exitCode, output).toBe(0);
      }
    },
  );
});
