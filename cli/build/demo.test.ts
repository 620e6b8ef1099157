import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCommand } from "../testing.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const prompt = "$ npx hipaa-check ";

test("the demo prints what its commands print, makes a bundle that verifies, and says what a gate would have done", () => {
  const { status, stdout } = spawnSync(process.execPath, [`${root}cli/build/demo.ts`], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" },
  });
  expect(status).toBe(0);
  const commands = stdout.split("\n").filter((line) => line.startsWith(prompt));
  const shown = commands.filter((line) => !line.startsWith(`${prompt}evidence`));
  const runs = shown.map((line) => runCommand(line.slice(prompt.length).split(" "), { folder: root }));
  const printed = shown.map((line, index) => `\n${line}\n${runs[index]?.stdout ?? ""}`).join("");
  expect(stdout.startsWith(printed)).toBe(true);
  const closing = stdout.slice(printed.length);
  expect(commands.slice(shown.length).map((line) => line.slice(prompt.length).split(" ")[1])).toEqual([
    "keys",
    "build",
    "verify",
  ]);
  expect(closing).toContain("✓ authentic and whole");
  expect(closing).toMatch(/evaluated again: all \d+ verdicts were found again/);
  expect(closing).toContain(`exit code ${runs[0]?.exitCode}: it turns red`);
  const next = [...closing.matchAll(/^ {2}npx hipaa-check (.*)$/gm)].map((match) => match[1] ?? "");
  expect(next.length).toBeGreaterThan(2);
  for (const command of next.filter((words) => !words.includes("YOUR-OWN"))) {
    expect(runCommand(command.split(" "), { folder: root }).exitCode, command).toBeLessThan(2);
  }
});
