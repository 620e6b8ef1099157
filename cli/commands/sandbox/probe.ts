import { existsSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { interruption } from "#cli/interrupt.ts";
import { print, requireWritable, writeWhole } from "#cli/output.ts";
import { readOwnConfiguration } from "#cli/policies.ts";
import { defaultFactsFile, probeFlags } from "#cli/probe/flags.ts";
import { ProbeScreen } from "#cli/probe/screen.ts";
import { requireFittingDriver, requireOneSubject, runProbe } from "#cli/probe/subject.ts";
import { renderPostures } from "#cli/reporters/postures.ts";
import { outcomeWords, renderProbe } from "#cli/reporters/probe.ts";
import { bare, columnsOf, styleFor } from "#cli/ui/style.ts";
import { type FactsFile, factsFileEnding } from "#facts/facts-file.ts";

export class SandboxProbeCommand extends Command {
  static override summary = "put a sender, or a receiving server, to the test on the wire";
  static override description =
    "Has a sender meet hostile and plain mail servers and judges from the wire at the receiver, never from the sender's log. " +
    "Every run writes a facts file, which check takes like any other input. " +
    "Exit codes: 0 all held, 1 something leaked, was weak or got lost, 2 wrong usage, 3 invalid, inconclusive or interrupted.";
  static override examples = [
    "<%= config.bin %> sandbox probe --exec 'node send.mjs' --quick",
    "<%= config.bin %> sandbox probe --module src/mailer.ts --only certificate",
    "<%= config.bin %> sandbox probe --http http://localhost:3000/invite --start 'npm start'",
    "<%= config.bin %> sandbox probe --postfix /etc/postfix",
    "<%= config.bin %> sandbox probe --postfix /etc/postfix --fault",
    "<%= config.bin %> sandbox probe --server localhost:587 --recipient patient@clinic.test",
    "<%= config.bin %> sandbox probe --list",
  ];
  static override flags = probeFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxProbeCommand);
    if (flags.list) return await list(flags);
    requireOneSubject(flags);
    requireFittingDriver(flags);
    const output = flags.output === "-" ? undefined : flags.output;
    if (output !== undefined) requireWritable(output);
    const factsFile = flags.facts ?? defaultFactsFile;
    requireFactsFile(factsFile);
    const tested = await readTested(flags.configuration ?? flags.postfix ?? flags.module, factsFile);
    const owned = readOwnConfiguration(process.cwd(), flags.config)?.owned ?? [];
    const style = styleFor(process.stdout);
    const columns = columnsOf(process.stdout);
    const isLive = flags.format === "terminal" && output === undefined;
    const screen = new ProbeScreen({
      write: isLive ? (text) => void process.stdout.write(text) : undefined,
      style,
      columns,
    });
    const signal = interruption();
    const { report, facts } = await runProbe({ flags, owned, onEvent: screen.show, signal });
    screen.finish();
    const { probeExitCode, writeFactsFile } = await import("#sandbox/index.ts");
    await writeFactsFile(factsFile, {
      producer: "hipaa-check sandbox probe",
      recordedAt: new Date().toISOString(),
      evidence: "probe",
      ...tested,
      facts,
    });
    const exitCode = probeExitCode(report);
    const context = {
      style: output === undefined ? style : bare,
      columns,
      verbose: flags.verbose,
      outcome: { exitCode, words: outcomeWords(report, exitCode) },
      factsFile,
    };
    const text =
      flags.format === "json" ? `${JSON.stringify(report, undefined, 2)}\n` : renderProbe(report, context);
    if (output === undefined) await print(text);
    else writeWhole(output, text);
    process.exitCode = exitCode;
  }
}

async function list({ format, fault }: { format: "terminal" | "json"; fault: boolean }): Promise<void> {
  const { faultGroup, faults, loadPostures } = await import("#sandbox/index.ts");
  const failing = faults.map(({ id, title, why, requirements }) => ({
    id,
    group: faultGroup,
    title,
    why,
    requirements,
  }));
  const postures = [...(fault ? [] : await loadPostures()), ...failing];
  const { stdout } = process;
  await print(
    format === "json"
      ? `${JSON.stringify(postures, undefined, 2)}\n`
      : renderPostures(postures, styleFor(stdout), columnsOf(stdout)),
  );
}

function requireFactsFile(path: string): void {
  if (!path.endsWith(factsFileEnding)) {
    throw new UsageError(`--facts ${path}: the name must end in ${factsFileEnding}, so that check finds it.`);
  }
  requireWritable(path, "--facts");
}

/** The tested configuration as a facts file names it: relative to its own folder, with the state of its files. */
async function readTested(
  path: string | undefined,
  factsFile: string,
): Promise<Pick<FactsFile, "configuration" | "configurationFiles">> {
  if (path === undefined) return {};
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file or folder.`);
  const { readConfigurationFiles } = await import("#engine/configuration-files.ts");
  return {
    configuration:
      relative(dirname(resolve(factsFile)), resolve(path))
        .split(sep)
        .join("/") || ".",
    configurationFiles: readConfigurationFiles(process.cwd(), path),
  };
}
