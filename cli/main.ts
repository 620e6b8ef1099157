import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIError, ExitError } from "@oclif/core/errors";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { EvidenceError } from "#cli/evidence/error.ts";
import { version } from "#cli/version.ts";
import { ConfigurationError } from "#engine/check.ts";
import { LoadTestError } from "#loadtests/error.ts";
import { SandboxError } from "#sandbox/error.ts";
import { commands, loadCommand } from "./commands/index.ts";
import { unwritable } from "./output.ts";
import { program } from "./program.ts";
import { printable } from "./ui/text.ts";

const exitFailed = 1;
const exitUsage = 2;
const exitUndecided = 3;
const exitInternal = 70;

/**
 * Runs the command line. Never throws: whatever goes wrong is one clear line and an exit code.
 * @param words the arguments, without Node and the script
 */
export async function main(words: readonly string[]): Promise<void> {
  try {
    const chosen = withCommand(words.map((word) => (word === "-h" ? "--help" : word)));
    const id = asksForHelp(chosen) ? undefined : commandIn(chosen);
    if (id === undefined) {
      const { runAny } = await import("./any-command.ts");
      // oclif throws what it hears there, where nobody catches it.
      process.stdout.removeAllListeners("error").once("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") process.exitCode = explain(unwritable(error));
      });
      await runAny(chosen);
    } else {
      const command = await loadCommand(id);
      // Whoever writes is told anyway.
      process.stdout.removeAllListeners("error").on("error", () => undefined);
      await command.run(chosen.slice(id.split(":").length), program);
    }
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** The id of the command that words begin with: of `evidence build PATH` it is `evidence:build`. */
function commandIn(words: readonly string[]): string | undefined {
  const ids = words.map((_, index) => words.slice(0, index + 1).join(":"));
  return ids.slice(0, deepestCommand).findLast((id) => Object.hasOwn(commands, id));
}

const deepestCommand = 3;

function asksForHelp(words: readonly string[]): boolean {
  return words.includes("--help");
}

/** A bare `hipaa-check PATH…` is `hipaa-check check PATH…`. */
function withCommand(words: readonly string[]): string[] {
  const [first] = words;
  if (first === "help") return [...words.slice(1), "--help"];
  const known = Object.keys(commands).flatMap((id) => [id, id.split(":")[0]]);
  if (first !== undefined && known.includes(first)) return [...words];
  if (asksForHelp(words) && words.every((word) => word.startsWith("-"))) return [...words];
  return ["check", ...words];
}

/** Prints one clear line and gives the exit code. */
function explain(error: unknown): number {
  const say = (message: string): void => {
    process.stderr.write(`hipaa-check: ${printable(message)}\n`);
  };
  if (error instanceof ConfigurationError) {
    for (const diagnostic of error.diagnostics) say(diagnosticLine(diagnostic));
    return exitUsage;
  }
  if (error instanceof UsageError) {
    // oclif puts words around what the parser of a flag throws.
    say(/^Parsing --\S+ \n\t(.*)/.exec(error.message)?.[1] ?? error.message);
    return exitUsage;
  }
  if (error instanceof EvidenceError) {
    say(error.message);
    return { inauthentic: exitFailed, usage: exitUsage, undecided: exitUndecided }[error.kind];
  }
  if (error instanceof SandboxError || error instanceof LoadTestError) {
    say(error.message);
    return error.kind === "usage" ? exitUsage : exitUndecided;
  }
  if (error instanceof ExitError) return error.oclif.exit ?? 0;
  if (error instanceof CLIError) {
    // oclif puts a heading over what is wrong.
    const [first = "", second = ""] = error.message.split("\n").map((line) => line.trim());
    const missing = /^Missing \d+ required arg/.test(first) ? second.split(/\s/)[0] : undefined;
    if (missing !== undefined) say(`${missing.toUpperCase()} is missing. See --help.`);
    else say(first.endsWith(":") && second !== "" ? `${second}.` : first);
    return exitUsage;
  }
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOSPC") {
    say(`no space is left on a disk that had to be written to; temporary files go to ${tmpdir()}.`);
    return exitUndecided;
  }
  const details = join(tmpdir(), `hipaa-check-crash-${process.pid}.log`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  let where = "the details could not be written";
  try {
    writeFileSync(details, `hipaa-check ${version}, node ${process.version}\n${stack}\n`, {
      mode: 0o600,
      flag: "wx",
    });
    where = `details are in ${details}`;
  } catch {
    // The message below is all there is then.
  }
  say(
    `internal error (${error instanceof Error ? error.message.split("\n")[0] : "unknown"}); ${where}. Please report it.`,
  );
  return exitInternal;
}
