import { Args, Command, Flags } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { asOfFlag, configFlag, editionFlag, varFileFlag } from "#cli/flags.ts";
import { collectOptions, requirePaths } from "#cli/input.ts";
import { print, requireWritable } from "#cli/output.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import { styleFor } from "#cli/ui/style.ts";
import { factsFileEnding } from "#facts/facts-file.ts";

export class EvidenceBuildCommand extends Command {
  static override summary = "write a signed bundle that an auditor can verify alone";
  static override description =
    "Judges the given files and facts and writes everything that the judgement rests on into one archive: original inputs with secrets masked, " +
    "rules, editions, results, a page for each paragraph, digests and signatures. The same inputs give the same bytes on any machine " +
    "(SOURCE_DATE_EPOCH sets the time). Exit codes: 0 the bundle is whole, whatever the verdicts, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> evidence build docs/examples/clinic --key key.pem -o clinic.tar",
    "<%= config.bin %> evidence build . --facts probe.facts.json --facts load.facts.json --key key.pem --approver-key approver.pem -o bundle.tar",
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ description: "file or folder (repeatable); default: this folder" }),
  };
  static override flags = {
    output: Flags.string({
      char: "o",
      required: true,
      helpValue: "FILE",
      description: "the bundle; with --folder, a folder that does not exist",
    }),
    folder: Flags.boolean({
      description: "write the files of the bundle into a folder in place of an archive",
    }),
    facts: Flags.string({
      multiple: true,
      helpValue: "FILE",
      description: "facts of a probe or load run (repeatable)",
    }),
    key: Flags.string({
      multiple: true,
      helpValue: "FILE",
      description: "private key of the assessor, PEM (repeatable)",
    }),
    "approver-key": Flags.string({
      multiple: true,
      helpValue: "FILE",
      description: "private key of the approver, PEM (repeatable)",
    }),
    "sign-with": Flags.string({
      helpValue: "COMMAND",
      description: "program that signs: message on its input, signature on its output",
    }),
    "sign-with-key": Flags.string({
      helpValue: "FILE",
      dependsOn: ["sign-with"],
      description: "its public key, PEM",
    }),
    "digests-only": Flags.boolean({ description: "keep digests of the inputs and not their contents" }),
    "as-of": asOfFlag,
    edition: editionFlag,
    config: configFlag,
    "var-file": varFileFlag,
    "env-file": Flags.string({
      multiple: true,
      helpValue: "FILE",
      description: "environment of the programs under check (repeatable); only its digest is kept",
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(EvidenceBuildCommand);
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, argv as string[]);
    if (flags.output === "-") throw new UsageError("-o -: a bundle is a file or a folder. Name one.");
    if (!flags.folder) requireWritable(flags.output);
    const facts = flags.facts ?? [];
    requireFacts(workingFolder, facts);
    const { buildBundle, chooseSigners, creationTime, subjectOf } = await import("#cli/evidence/index.ts");
    const signers = chooseSigners({
      key: flags.key ?? [],
      approverKey: flags["approver-key"] ?? [],
      signWith: flags["sign-with"],
      signWithKey: flags["sign-with-key"],
    });
    const createdAt = creationTime();
    const asOf = flags["as-of"] ?? createdAt.toISOString().slice(0, 10);
    const subject = subjectOf(workingFolder, paths);
    const policies = readPolicies(flags.config === undefined ? subject.root : workingFolder, flags.config);
    const [varFiles, envFiles] = [flags["var-file"] ?? [], flags["env-file"] ?? []];
    const { terraformVariables } = collectOptions(workingFolder, varFiles, envFiles);
    const progress = new Progress();
    const { manifest } = await buildBundle(
      {
        subject,
        workingFolder,
        factsFiles: facts,
        varFiles,
        envFiles,
        terraformVariables,
        policies,
        editions: chooseEditions(policies, flags.edition ?? []),
        digestsOnly: flags["digests-only"],
        createdAt,
        asOf,
        onProgress: progress.report,
      },
      { output: flags.output, asFolder: flags.folder },
      signers,
    );
    progress.finish();
    const { renderBuilt } = await import("#cli/reporters/bundles.ts");
    await print(renderBuilt(flags.output, manifest, styleFor(process.stdout)));
  }
}

function requireFacts(workingFolder: string, files: readonly string[]): void {
  for (const file of files) {
    if (!file.endsWith(factsFileEnding))
      throw new UsageError(`--facts ${file}: the name must end in ${factsFileEnding}.`);
  }
  if (files.length > 0) requirePaths(workingFolder, files);
}
