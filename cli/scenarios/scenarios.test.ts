import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../commands/all.ts";
import { runCommand, TemporaryFolder } from "../testing.ts";

/**
 * Each `*.scenario` file shows commands with their real output, run in the folder of the repository:
 *
 *     $ hipaa-check explain mail.route
 *     …what it prints…
 *     [exit 0]
 *
 * `npm run scenarios` writes the outputs anew; read the difference before you keep it. What differs from run to run
 * (ports, passwords, times, temporary files) stands as a word in capitals.
 */
const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "../..");
const rewrite = process.env.HIPAA_CHECK_WRITE_SCENARIOS === "1";
const prompt = "$ hipaa-check ";

function wordsOf(line: string): string[] {
  return (line.slice(prompt.length).match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

/** What a command prints, without what differs from run to run. */
function steady(output: string): string {
  return output
    .replace(/^hipaa-check: .* …\n/gm, "")
    .replace(/\/\S*\/hipaa-check-sandbox-\d+-[0-9a-f]+/g, "/TEMPORARY")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/\b[0-9a-f]{24}\b/g, "PASSWORD")
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b\d\d:\d\d:\d\d\b/g, "TIME");
}

function play(text: string): string {
  using runtime = new TemporaryFolder();
  const environment = { XDG_RUNTIME_DIR: runtime.path };
  const commands = text.split("\n").filter((line) => line.startsWith(prompt));
  const heading = text.slice(0, text.indexOf(prompt));
  const parts = commands.map((line) => {
    const { exitCode, stdout, stderr } = runCommand(wordsOf(line), { folder: root, environment });
    const output = steady(`${stdout}${stderr}`).trimEnd();
    return `${line}\n${output}\n[exit ${exitCode}]\n`;
  });
  runCommand(["sandbox", "down"], { folder: root, environment });
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
