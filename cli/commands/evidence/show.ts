import { Args, Command } from "@oclif/core";
import { jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";

export class EvidenceShowCommand extends Command {
  static override summary = "show what is in a bundle";
  static override description =
    "What fails, what could not be told, what was decided and by whom, and what was not looked at. " +
    "Reads a bundle that is whole and agrees with itself, whoever signed it: use verify to know by whom. Exit codes: 0 shown, 1 not whole, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> evidence show clinic.tar",
    "<%= config.bin %> evidence show clinic.tar --format json",
  ];
  static override args = {
    bundle: Args.string({ required: true, description: "the archive, or the folder form" }),
  };

  static override flags = { format: jsonFormatFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceShowCommand);
    const { readBundle, stampOf } = await import("#cli/evidence/index.ts");
    if (flags.format === "json") {
      const { manifest, parts, timeStamp } = await readBundle(args.bundle);
      const contents = { schemaVersion: "1", manifest, report: parts.report, timeStamp: stampOf(timeStamp) };
      await print(`${JSON.stringify(contents, undefined, 2)}\n`);
      return;
    }
    const { renderShown } = await import("#cli/reporters/bundle-contents.ts");
    await print(
      renderShown(await readBundle(args.bundle), {
        style: styleFor(process.stdout),
        columns: columnsOf(process.stdout),
      }),
    );
  }
}
