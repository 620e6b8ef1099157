import { existsSync, statSync } from "node:fs";
import { Args, Command } from "@oclif/core";
import { baselineOf, readBaseline, writeBaseline } from "#cli/baseline.ts";
import { UsageError } from "#cli/errors.ts";
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
    "fixed out of the file by itself. Exit codes: 0 written, 2 wrong usage, 3 written without what fails in input that could not be judged.";
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
    await requireBaselineOrNothing(file);
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
    const { errors } = report.summary;
    if (errors === 0) return;
    process.stderr.write(
      `hipaa-check: ${counted(errors, "error")} kept input from being judged, so what fails there is not in the baseline. See them with: hipaa-check check\n`,
    );
    process.exitCode = 3;
  }
}

/** A baseline replaces a baseline and nothing else. */
async function requireBaselineOrNothing(file: string): Promise<void> {
  if (!existsSync(file) || statSync(file).size === 0) return;
  try {
    await readBaseline(file);
  } catch {
    throw new UsageError(
      `baseline update ${file}: there is a file of this name, and it is no baseline. Name another, or remove it.`,
    );
  }
}
