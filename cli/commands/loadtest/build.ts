import { Command } from "@oclif/core";
import { interruption } from "#cli/interrupt.ts";
import { print } from "#cli/output.ts";
import { Progress } from "#cli/progress.ts";

export class LoadtestBuildCommand extends Command {
  static override summary = "build k6 with the SMTP extension";
  static override description =
    "Needs Go; modules come from the Go module proxy once, later builds take seconds. The binary lies in .hipaa-check of this folder, " +
    "where loadtest run finds it, and its path is printed. k6 is AGPL-3.0, so the binary is too. Exit codes: 0 built, 3 not.";
  static override examples = ["<%= config.bin %> loadtest build"];

  async run(): Promise<void> {
    await this.parse(LoadtestBuildCommand);
    const { buildK6 } = await import("#loadtests/index.ts");
    const signal = interruption();
    const progress = new Progress();
    progress.report("building k6");
    const k6 = await buildK6(process.cwd(), (line) => progress.report(`building k6: ${line}`), signal);
    progress.finish();
    await print(`${k6.path}\n`);
  }
}
