import { Args, Command } from "@oclif/core";
import { baselineOf, writeBaseline } from "#cli/baseline.ts";
import { collectFlags, editionFlag } from "#cli/flags.ts";
import { GitAuthors } from "#cli/git/authors.ts";
import { checkRequest, requirePaths } from "#cli/input.ts";
import { print, requireWritable } from "#cli/output.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import { counted } from "#cli/ui/text.ts";
import { check } from "#engine/check.ts";

export class BaselineUpdateCommand extends Command {
  static override summary = "write down what fails today, so that a gate blocks what is new only";
  static override description =
    "Findings are kept by fingerprint: one in another file, or a second one of the same kind, is new. check --baseline takes what was " +
    "fixed out of the file by itself. Exit codes: 0 written, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> baseline update baseline.json infrastructure mail",
    "<%= config.bin %> check infrastructure mail --baseline baseline.json",
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ required: true, description: "the baseline" }),
    path: Args.string({ description: "file or folder (repeatable); default: this folder" }),
  };
  static override flags = { edition: editionFlag, ...collectFlags };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(BaselineUpdateCommand);
    const [file = "", ...given] = argv as string[];
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, given);
    requireWritable(file, "baseline update");
    const policies = readPolicies(workingFolder, flags.config);
    const progress = new Progress();
    using authors = new GitAuthors(workingFolder);
    const { report } = await check({
      findAuthors: authors.find,
      ...checkRequest(workingFolder, paths, flags, policies, chooseEditions(policies, flags.edition ?? [])),
      onProgress: progress.report,
    });
    progress.finish();
    const baseline = baselineOf(report);
    writeBaseline(file, baseline);
    await print(`${file}: ${counted(baseline.findings.length, "finding")} known from now on\n`);
  }
}
