import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../commands/index.ts";
import { runCommand } from "../testing.ts";

/**
 * Each `*.scenario` file shows commands with their real output, run in the folder of the repository:
 *
 *     $ hipaa-check explain mail.route
 *     …what it prints…
 *     [exit 0]
 *
 * `npm run scenarios` writes the outputs anew; read the difference before you keep it.
 */
const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "../..");
const rewrite = process.env.HIPAA_CHECK_WRITE_SCENARIOS === "1";
const prompt = "$ hipaa-check ";

function wordsOf(line: string): string[] {
  return (line.slice(prompt.length).match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

function play(text: string): string {
  const commands = text.split("\n").filter((line) => line.startsWith(prompt));
  const heading = text.slice(0, text.indexOf(prompt));
  const parts = commands.map((line) => {
    const { exitCode, stdout, stderr } = runCommand(wordsOf(line), { folder: root });
    const output = `${stdout}${stderr}`.trimEnd();
    return `${line}\n${output}\n[exit ${exitCode}]\n`;
  });
  return heading + parts.join("\n");
}

const scenarios = readdirSync(folder).filter((name) => name.endsWith(".scenario"));

test.each(scenarios)("%s", (name) => {
  const path = join(folder, name);
  const written = readFileSync(path, "utf8");
  const played = play(written);
  if (rewrite) writeFileSync(path, played);
  else expect(played).toBe(written);
});

describe("every command has a scenario", () => {
  const all = scenarios.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  test.each(Object.keys(COMMANDS))("%s", (id) => {
    expect(all).toContain(`${prompt}${id.replaceAll(":", " ")}`);
  });
});
