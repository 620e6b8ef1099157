import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errors, run } from "@oclif/core";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { EvidenceError } from "#cli/evidence/error.ts";
import { version } from "#cli/version.ts";
import { ConfigurationError } from "#engine/check.ts";
import { LoadTestError } from "#loadtests/error.ts";
import { SandboxError } from "#sandbox/error.ts";
import { COMMANDS } from "./commands/index.ts";

const exitFailed = 1;
const exitUsage = 2;
const exitUndecided = 3;
const exitInternal = 70;

const topics = {
  baseline: { description: "findings that are known" },
  evidence: { description: "bundles that an auditor can verify alone" },
  "evidence:keys": { description: "keys for signing bundles" },
  loadtest: { description: "load tests of the send path" },
  policies: { description: "editions and rules" },
  sandbox: { description: "a mail server for tests, and proof on the wire" },
  "sandbox:inbox": { description: "what arrived in the sandbox" },
};

/**
 * Runs the command line. Never throws: whatever goes wrong is one clear line and an exit code.
 * @param words the arguments, without Node and the script
 */
export async function main(words: readonly string[]): Promise<void> {
  process.stdout.on("error", () => undefined);
  try {
    const root = new URL(".", import.meta.url);
    await run(withCommand(words), {
      root: root.pathname,
      pjson: {
        name: "hipaa-check",
        version,
        oclif: {
          bin: "hipaa-check",
          dirname: "hipaa-check",
          topicSeparator: " ",
          topics,
          commands: { strategy: "explicit", target: "./commands.js", identifier: "COMMANDS" },
        },
      },
    });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** A bare `hipaa-check PATH…` is `hipaa-check check PATH…`. */
function withCommand(words: readonly string[]): string[] {
  const first = words.find((word) => !word.startsWith("-"));
  const known = Object.keys(COMMANDS).flatMap((id) => [id, id.split(":")[0]]);
  const isHelp = words[0] === "help" || words.some((word) => word === "--help" || word === "-h");
  if (words[0] === "--help" || words[0] === "help") return [...words];
  if (words[0] !== undefined && known.includes(words[0])) return [...words];
  if (isHelp && first === undefined) return [...words];
  return ["check", ...words];
}

/** Prints one clear line and gives the exit code. */
function explain(error: unknown): number {
  const say = (message: string): void => {
    process.stderr.write(`hipaa-check: ${message}\n`);
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
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0;
  if (error instanceof Errors.CLIError) {
    // oclif puts a heading over what is wrong.
    const [first = "", second = ""] = error.message.split("\n").map((line) => line.trim());
    say(first.endsWith(":") && second !== "" ? `${second}.` : first);
    return exitUsage;
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
