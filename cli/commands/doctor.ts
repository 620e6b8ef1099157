import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command } from "@oclif/core";
import { jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";
import { labelled, printable } from "#cli/ui/text.ts";
import { version } from "#cli/version.ts";

interface Finding {
  readonly name: string;
  readonly present: boolean;
  /** What is there, or why it is not. */
  readonly found: string;
  /** What works with it only. */
  readonly usedFor: string;
}

const nameWidth = "hipaa-check  ".length;

export class DoctorCommand extends Command {
  static override summary = "say what is installed, and what is missing for what";
  static override description =
    "Nothing of it is needed to check configurations. Exit codes: 0 always, whatever is missing.";
  static override examples = ["<%= config.bin %> doctor", "<%= config.bin %> doctor --format json"];
  static override flags = { format: jsonFormatFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(DoctorCommand);
    const findings: readonly Finding[] = [
      {
        name: "hipaa-check",
        present: true,
        found: `${version}, on Node ${process.version}`,
        usedFor: "everything",
      },
      await containers(),
      await k6(),
      program("go", ["version"], "loadtest build"),
      program("openssl", ["version"], "docs/examples/verify.py, a verifier of bundles without hipaa-check"),
    ];
    if (flags.format === "json") {
      await print(`${JSON.stringify({ schemaVersion: "1", findings }, undefined, 2)}\n`);
      return;
    }
    const style = styleFor(process.stdout);
    const columns = columnsOf(process.stdout);
    const lines = findings.flatMap(({ name, present, found, usedFor }) => {
      const [first = "", ...more] = labelled(`  ${name.padEnd(nameWidth)}`, printable(found), 0, columns);
      const mark = present ? style("green", "✓") : style("yellow", "–");
      const uses = labelled("", `for ${usedFor}`, 2 + nameWidth, columns);
      return [`${mark}${first.slice(1)}`, ...more, ...uses.map((line) => style("dim", line))];
    });
    await print(`${lines.join("\n")}\n`);
  }
}

function message(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

async function containers(): Promise<Finding> {
  const usedFor = "sandbox with a real Postfix; without it the one in process is used";
  const { drivers } = await import("#sandbox/index.ts");
  const state = await drivers.find(({ name }) => name === "containers")?.check();
  const found = state === undefined || state.available ? "an engine answers" : state.reason;
  return { name: "containers", present: state?.available === true, found, usedFor };
}

async function k6(): Promise<Finding> {
  const usedFor = "loadtest run";
  const { findK6 } = await import("#loadtests/index.ts");
  const packageFolder = fileURLToPath(new URL("..", import.meta.url));
  try {
    const { path, origin, version: release, hasSmtp } = await findK6([process.cwd(), packageFolder]);
    const extension = hasSmtp ? "with the SMTP extension" : "without the SMTP extension: --http only";
    return { name: "k6", present: hasSmtp, found: `${release} ${extension}, ${path} (${origin})`, usedFor };
  } catch (error) {
    return { name: "k6", present: false, found: message(error), usedFor };
  }
}

function program(name: string, words: readonly string[], usedFor: string): Finding {
  const { status, stdout } = spawnSync(name, words, { encoding: "utf8", timeout: 10_000 });
  const present = status === 0;
  return { name, present, found: present ? (stdout.split("\n", 1)[0] ?? "") : "not found", usedFor };
}
