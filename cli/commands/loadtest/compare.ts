import { Args, Command } from "@oclif/core";
import { jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { styleFor } from "#cli/ui/style.ts";
import { alignColumns } from "#cli/ui/text.ts";

export class LoadtestCompareCommand extends Command {
  static override summary = "say whether a send path has become slower";
  static override description =
    "Compares reports of loadtest run --format json by the Mann-Whitney test, so that a noisy machine is not called a slower path: " +
    "run by run where there are four or more on each side (give folders), else second by second. " +
    "Exit codes: 0 same or faster, 1 slower, 2 wrong usage, 3 cannot tell.";
  static override examples = [
    "<%= config.bin %> loadtest compare before.json after.json",
    "<%= config.bin %> loadtest compare runs/main runs/branch",
  ];
  static override args = {
    before: Args.string({ required: true, description: "report, or folder with several" }),
    after: Args.string({ required: true, description: "report, or folder with several" }),
  };
  static override flags = { format: jsonFormatFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LoadtestCompareCommand);
    const { compareReports, comparisonExitCode, readReports } = await import("#loadtests/index.ts");
    const comparisons = compareReports(await readReports(args.before), await readReports(args.after));
    process.exitCode = comparisonExitCode(comparisons);
    if (flags.format === "json") {
      await print(`${JSON.stringify({ schemaVersion: "1", comparisons }, undefined, 2)}\n`);
      return;
    }
    const style = styleFor(process.stdout);
    const looks = { slower: "red", faster: "green", same: "green", "cannot-tell": "yellow" } as const;
    const rows = comparisons.map(({ figure, verdict, medianBefore, medianAfter, by, reason }) => [
      `  ${figure}`,
      `${medianBefore ?? "–"} ms`,
      `${medianAfter ?? "–"} ms`,
      style(looks[verdict], verdict.replace("-", " ")),
      `by ${by}: ${reason}`,
    ]);
    await print(`${alignColumns([["", "before", "after", "verdict", ""], ...rows]).join("\n")}\n`);
  }
}
