import { Args, Command } from "@oclif/core";
import { collectFlags, jsonFormatFlag } from "#cli/flags.ts";
import { collectRequest, requirePaths } from "#cli/input.ts";
import { print } from "#cli/output.ts";
import { readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import { renderFactsJson, renderFactsText } from "#cli/reporters/facts.ts";
import { styleFor } from "#cli/ui/style.ts";
import { gather } from "#engine/check.ts";

export class FactsCommand extends Command {
  static override summary = "show the facts that rules see, with where each value comes from";
  static override examples = [
    "<%= config.bin %> facts mail/main.cf",
    "<%= config.bin %> facts infrastructure --format json",
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ description: "file or folder (repeatable); default: this folder" }),
  };
  static override flags = { format: jsonFormatFlag, ...collectFlags };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FactsCommand);
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, argv as string[]);
    const policies = readPolicies(workingFolder, flags.config);
    const progress = new Progress();
    const gathered = await gather({
      ...collectRequest(workingFolder, paths, flags, policies),
      onProgress: progress.report,
    });
    progress.finish();
    const isJson = flags.format === "json";
    await print(isJson ? renderFactsJson(gathered) : renderFactsText(gathered, styleFor(process.stdout)));
    process.exitCode = gathered.diagnostics.some(({ level }) => level === "error") ? 3 : 0;
  }
}
