import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ArchiveReader } from "#cli/evidence/bundle/archive-reader.ts";
import { k6, needsK6 } from "#loadtests/testing.ts";
import { runCommand } from "../testing.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const prompt = "$ npx hipaa-check ";

interface Demo {
  readonly stdout: string;
  /** The commands that it showed, without the prompt. */
  readonly commands: readonly string[];
}

/** Runs the demo, which has to succeed. @param k6Path what `HIPAA_CHECK_K6` names */
function runDemo(k6Path: string): Demo {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}cli/build/demo.ts`], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", HIPAA_CHECK_K6: k6Path },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  const lines = stdout.split("\n").filter((line) => line.startsWith(prompt));
  return { stdout, commands: lines.map((line) => line.slice(prompt.length)) };
}

async function memberOf(bundle: string, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  await new ArchiveReader(bundle).scan((path) =>
    path === name ? (chunk) => void chunks.push(Buffer.from(chunk)) : undefined,
  );
  return Buffer.concat(chunks).toString("utf8");
}

const bundle = `${root}.hipaa-check/demo/clinic.tar`;

describe("the demo", () => {
  test("prints what its commands print, makes a bundle that verifies, and says what is left out without k6", async () => {
    const { stdout, commands } = runDemo("/nowhere/k6");
    expect(commands.map((command) => command.split(" ").slice(0, 2).join(" "))).toEqual([
      "check docs/examples/clinic",
      "policies diff",
      "sandbox probe",
      "evidence keys",
      "evidence build",
      "evidence verify",
    ]);
    expect(stdout).toContain("Under load: left out, so the bundle holds nothing about load:");
    expect(stdout).toContain("HIPAA_CHECK_K6 names /nowhere/k6, which is no program that can be run");

    const judged = commands.slice(0, 2);
    const runs = judged.map((command) => runCommand(command.split(" "), { folder: root }));
    const printed = judged.map((command, index) => `\n${prompt}${command}\n${runs[index]?.stdout ?? ""}`);
    expect(stdout.startsWith(printed.join(""))).toBe(true);
    expect(stdout).toContain(`exit code ${runs[0]?.exitCode}: it turns red`);

    expect(stdout).toMatch(/P02a +STARTTLS is overwritten on the way/);
    expect(stdout).toContain("docs/examples/clinic/mailer/src/reminders.ts: 9 held, 3 leaked");
    expect(stdout).toContain("✓ authentic and whole");
    expect(stdout).toMatch(/evaluated again: all \d+ verdicts were found again/);
    expect(await memberOf(bundle, "results/report.html")).toContain("P02a leaked");
    expect(await memberOf(bundle, "inputs/facts/probe.facts.json")).toContain("P02a leaked");

    const next = [...stdout.matchAll(/^ {2}npx hipaa-check (.*)$/gm)].map((match) => match[1] ?? "");
    expect(next.length).toBeGreaterThan(2);
    for (const command of next.filter((words) => !words.includes("YOUR-OWN"))) {
      expect(runCommand(command.split(" "), { folder: root }).exitCode, command).toBeLessThan(2);
    }
  });

  test.skipIf(k6 === undefined)(
    `loads the sandbox and keeps the figures in the bundle${needsK6}`,
    async () => {
      const { stdout, commands } = runDemo(k6?.path ?? "");
      const load = commands.findIndex((command) => command.startsWith("loadtest run smoke"));
      expect(commands.slice(load + 1).map((command) => command.split(" ")[1])).toEqual([
        "keys",
        "build",
        "verify",
      ]);
      expect(commands.at(-2)).toMatch(/--facts \S+probe\.facts\.json --facts \S+load\.facts\.json/);
      expect(stdout).toContain("✓ authentic and whole");
      const report = JSON.parse(await memberOf(bundle, "results/report.json")) as {
        results: { evidence?: string; location: { file: string } }[];
      };
      expect(report.results.map(({ location }) => location.file)).toContain("facts/load.facts.json");
    },
  );
});
