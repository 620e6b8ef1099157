import { Args, Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { loadReportFlags } from "#cli/loadtest/flags.ts";
import { chooseDestinations, requireWritable } from "#cli/output.ts";
import type { LoadFormat } from "#cli/reporters/loadtest/registry.ts";

export class LoadtestMergeCommand extends Command {
  static override summary = "join the reports of processes that shared one load";
  static override description =
    "Counts and rates add up; percentiles are read from the joined histograms and never averaged. Exit codes: 0 joined, 2 wrong usage, 3 a part is invalid.";
  static override examples = [
    "<%= config.bin %> loadtest merge pods/*.json --format json --output whole.json",
  ];
  static override strict = false;
  static override args = { report: Args.string({ description: "report or folder (repeatable)" }) };
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
    const { mergeReports, readReports } = await import("#loadtests/index.ts");
    const parts = await Promise.all((argv as string[]).map((path) => readReports(path)));
    const report = mergeReports(parts.flat());
    const { writeLoadReport } = await import("#cli/reporters/loadtest/registry.ts");
    await writeLoadReport(report, destinations);
    process.exitCode = report.validity.valid ? 0 : 3;
  }
}
