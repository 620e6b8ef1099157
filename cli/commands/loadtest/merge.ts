import { Args, Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { loadReportFlags } from "#cli/loadtest/flags.ts";
import { chooseDestinations, requireWritable } from "#cli/output.ts";
import type { LoadFormat } from "#cli/reporters/loadtest/registry.ts";
import { version } from "#cli/version.ts";

export class LoadtestMergeCommand extends Command {
  static override summary = "join what processes that shared one load measured, and judge the whole";
  static override description =
    "Takes reports of loadtest run --format json, or the logs of an exported load's pods with the report of their sink. " +
    "Counts and rates add up; percentiles are read from the joined histograms and never averaged; the service levels are held against the whole. " +
    "A part that is invalid, missing or did not run beside the others makes the whole invalid. " +
    "Exit codes: 0 service levels met, 1 not met, 2 wrong usage, 3 invalid or not measured.";
  static override examples = [
    "<%= config.bin %> loadtest merge results/",
    "<%= config.bin %> loadtest merge one.json two.json --format json --output whole.json",
  ];
  static override strict = false;
  static override args = { report: Args.string({ description: "report, log or folder (repeatable)" }) };
  static override flags = loadReportFlags;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(LoadtestMergeCommand);
    if (argv.length === 0) throw new UsageError("Name the reports to join.");
    const destinations = chooseDestinations(
      (flags.format ?? []) as LoadFormat[],
      flags.output ?? [],
      "terminal",
    );
    for (const { file } of destinations) if (file !== undefined) requireWritable(file);
    const { requireFactsFile, writeLoadFacts } = await import("#cli/loadtest/facts.ts");
    if (flags.facts !== undefined) requireFactsFile(flags.facts);
    const { loadExitCode, mergeParts, readParts } = await import("#loadtests/index.ts");
    let report = mergeParts(await readParts(argv as string[]), version);
    if (flags.facts !== undefined) report = writeLoadFacts(report, flags.facts);
    const { writeLoadReport } = await import("#cli/reporters/loadtest/registry.ts");
    await writeLoadReport(report, destinations);
    process.exitCode = loadExitCode(report);
  }
}
