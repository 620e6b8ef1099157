import { Args, Command, Flags } from "@oclif/core";
import { collectFlags, dayFlag, editionFlag } from "#cli/flags.ts";
import { checkRequest, requirePaths } from "#cli/input.ts";
import { print } from "#cli/output.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";

export class DecideRenewCommand extends Command {
  static override summary = "let a decision last longer, with who approved that and until when";
  static override description =
    "Gives a decision in compliance.yaml a new last day, date and approver where it stands, so that comments that point to it stay right. " +
    "Renew before it ends, or after. It is tried before it is written, as decide does: what would not lift all that the decision is about " +
    "is refused, and nothing is written. Exit codes: 0 written, 2 refused or wrong usage.";
  static override examples = [
    '<%= config.bin %> decide renew D-1 . --approver "security officer" --expires 2027-09-01',
    '<%= config.bin %> decide renew D-2 . --approver "security officer" --review 2027-09-01 --reason "The partner has TLS from autumn on."',
  ];
  static override strict = false;
  static override args = {
    id: Args.string({ required: true, description: "the decision" }),
    path: Args.string({ description: "file or folder (repeatable), as for check; default: this folder" }),
  };
  static override flags = {
    approver: Flags.string({ required: true, helpValue: "NAME", description: "who approved it this time" }),
    expires: dayFlag({ description: "new last day of a waiver or accepted risk" }),
    review: dayFlag({ description: "of addressable: new day by which it is reviewed" }),
    reason: Flags.string({ helpValue: "TEXT", description: "why, where that is another reason now" }),
    author: Flags.string({ helpValue: "NAME", description: "who wrote the renewal" }),
    date: dayFlag({ description: "day of the renewal; default: the day that counts as today" }),
    edition: editionFlag,
    ...collectFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(DecideRenewCommand);
    const [id = "", ...given] = argv as string[];
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, given);
    const policies = readPolicies(workingFolder, flags.config);
    const progress = new Progress();
    const { renew } = await import("#cli/decide/renew.ts");
    const { approver, expires, review, reason, author, date } = flags;
    const { kind, until, file, rule, findings, warnings } = await renew(
      {
        ...checkRequest(workingFolder, paths, flags, policies, chooseEditions(policies, flags.edition ?? [])),
        onProgress: progress.report,
      },
      { id, approver, expires, review, reason, author, date },
    );
    progress.finish();
    for (const warning of warnings) process.stderr.write(`hipaa-check: ${warning}\n`);
    const lines = findings.map(({ fact, location }) => `  ${fact.id} (${location.file}:${location.line})\n`);
    await print(`${file}: ${kind} ${id} lifts ${rule} until ${until}\n${lines.join("")}`);
  }
}
