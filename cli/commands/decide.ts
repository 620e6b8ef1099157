import { Args, Command, Flags } from "@oclif/core";
import { collectFlags, dayFlag, editionFlag } from "#cli/flags.ts";
import { checkRequest, requirePaths } from "#cli/input.ts";
import { print } from "#cli/output.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import { type DecisionKind, decisionKinds } from "#facts/compliance-file.ts";

export class DecideCommand extends Command {
  static override summary = "write down a decision about a finding, with who approved it and until when";
  static override description =
    "Writes one decision into compliance.yaml, or into a file that it includes, that covers the named findings and nothing else. " +
    "Findings are named by fingerprint, or by rule and path. The decision is tried before it is written: what would not lift the " +
    "findings (a rule that cannot be waived, a life beyond the policy, an author who approves, a paragraph that is not addressable) is " +
    "refused, and nothing is written. Exit codes: 0 written, 2 refused or wrong usage.";
  static override examples = [
    '<%= config.bin %> decide . --rule storage/versioned --path infrastructure/mail.tf --kind waiver --reason "Copies are made anew each night." --measure "The originals are versioned." --owner operations --approver "security officer" --expires 2027-03-01',
    '<%= config.bin %> decide . --finding FINGERPRINT --kind addressable --reason "The partner has no TLS." --assessment "The line is leased." --alternative "The line is encrypted." --owner operations --approver "security officer" --review 2027-03-01',
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ description: "file or folder (repeatable), as for check; default: this folder" }),
  };
  static override flags = {
    finding: Flags.string({
      multiple: true,
      helpValue: "FINGERPRINT",
      exclusive: ["rule", "path", "fact"],
      description: "finding that it is about, as check --format json shows it (repeatable)",
    }),
    rule: Flags.string({ helpValue: "ID", description: "rule whose findings it is about" }),
    path: Flags.string({
      multiple: true,
      helpValue: "GLOB",
      dependsOn: ["rule"],
      description: "files that they stand in (repeatable)",
    }),
    fact: Flags.string({
      multiple: true,
      helpValue: "ID",
      dependsOn: ["rule"],
      description: "things that they are about, such as aws_s3_bucket.mail (repeatable)",
    }),
    kind: Flags.string({ required: true, options: [...decisionKinds], description: "what is decided" }),
    reason: Flags.string({ required: true, helpValue: "TEXT", description: "why" }),
    measure: Flags.string({ helpValue: "TEXT", description: "of a waiver: what compensates meanwhile" }),
    assessment: Flags.string({
      helpValue: "TEXT",
      description: "of addressable: why the specification is not reasonable and appropriate here",
    }),
    alternative: Flags.string({
      helpValue: "TEXT",
      description: "of addressable: the equivalent measure in its place",
    }),
    "residual-risk": Flags.string({
      helpValue: "TEXT",
      description: "of risk-acceptance: what remains, and how likely and bad it is",
    }),
    owner: Flags.string({ required: true, helpValue: "NAME", description: "who has to end the exception" }),
    author: Flags.string({ helpValue: "NAME", description: "who wrote it" }),
    approver: Flags.string({ required: true, helpValue: "NAME", description: "who approved it" }),
    date: dayFlag({ description: "day of the decision; default: the day that counts as today" }),
    expires: dayFlag({ description: "last day of a waiver or accepted risk" }),
    review: dayFlag({ description: "of addressable: day by which it is reviewed" }),
    id: Flags.string({
      helpValue: "ID",
      description: "id of the decision; default: the next free D-1, D-2, …",
    }),
    into: Flags.string({
      helpValue: "FILE",
      description: "file to write into; default: the nearest compliance.yaml above the finding",
    }),
    edition: editionFlag,
    ...collectFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(DecideCommand);
    const decision = { ...flags, kind: flags.kind as DecisionKind };
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, argv as string[]);
    const policies = readPolicies(workingFolder, flags.config);
    const progress = new Progress();
    const { decide } = await import("#cli/decide/decide.ts");
    const decided = await decide(
      {
        ...checkRequest(workingFolder, paths, flags, policies, chooseEditions(policies, flags.edition ?? [])),
        onProgress: progress.report,
      },
      decision,
    );
    progress.finish();
    const { id, file, rule, findings, warnings } = decided;
    for (const warning of warnings) process.stderr.write(`hipaa-check: ${warning}\n`);
    const lines = findings.map(({ fact, location }) => `  ${fact.id} (${location.file}:${location.line})\n`);
    await print(
      `${file}: ${flags.kind} ${id} lifts ${rule} until ${flags.expires ?? flags.review}\n${lines.join("")}`,
    );
  }
}
