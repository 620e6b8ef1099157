import { Args, Command, Flags } from "@oclif/core";
import { collectFlags, jsonFormatFlag } from "#cli/flags.ts";
import { GitAuthors } from "#cli/git/authors.ts";
import { checkRequest, requirePaths } from "#cli/input.ts";
import { print } from "#cli/output.ts";
import { findEdition, readPolicies } from "#cli/policies.ts";
import { renderDiffJson, renderDiffText } from "#cli/reporters/diff.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";
import { check } from "#engine/check.ts";
import { diffEditions } from "#policy/diff.ts";

export class PoliciesDiffCommand extends Command {
  static override summary = "show what changes between two editions, in the text and for your own files";
  static override examples = [
    "<%= config.bin %> policies diff hipaa-2013 hipaa-nprm-2025",
    "<%= config.bin %> policies diff hipaa-2013 hipaa-nprm-2025 infrastructure mail",
  ];
  static override strict = false;
  static override args = {
    before: Args.string({ required: true, description: "edition to start from" }),
    after: Args.string({ required: true, description: "edition to go to" }),
    path: Args.string({
      description: "file or folder to judge under both (repeatable); default: this folder",
    }),
  };
  static override flags = {
    format: jsonFormatFlag,
    all: Flags.boolean({ description: "list every line of the text that changes" }),
    ...collectFlags,
  };

  async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(PoliciesDiffCommand);
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, (argv as string[]).slice(2));
    const policies = readPolicies(workingFolder, flags.config);
    const before = findEdition(policies, args.before);
    const after = findEdition(policies, args.after);
    using authors = new GitAuthors(workingFolder);
    const { report } = await check({
      findAuthors: authors.find,
      ...checkRequest(
        workingFolder,
        paths,
        flags,
        policies,
        before.id === after.id ? [before] : [before, after],
      ),
    });
    const diff = { before, after, changes: diffEditions(before, after), report };
    await print(
      flags.format === "json"
        ? renderDiffJson(diff)
        : renderDiffText(diff, flags.all, styleFor(process.stdout), columnsOf(process.stdout)),
    );
    process.exitCode = report.summary.errors > 0 ? 3 : 0;
  }
}
