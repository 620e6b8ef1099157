import { Args, Command } from "@oclif/core";
import { jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { styleFor } from "#cli/ui/style.ts";

export class EvidenceDiffCommand extends Command {
  static override summary = "say what changed between two bundles";
  static override description =
    "What is new, what expired or was decided and by whom, what was fixed, and which inputs, rules and editions changed. Exit codes: 0 compared, 1 a bundle is not whole, 2 wrong usage.";
  static override examples = ["<%= config.bin %> evidence diff spring.tar autumn.tar"];
  static override args = {
    before: Args.string({ required: true, description: "the earlier bundle" }),
    after: Args.string({ required: true, description: "the later bundle" }),
  };
  static override flags = { format: jsonFormatFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceDiffCommand);
    const { diffBundles, readBundle } = await import("#cli/evidence/index.ts");
    const difference = diffBundles(await readBundle(args.before), await readBundle(args.after));
    if (flags.format === "json") {
      await print(`${JSON.stringify(difference, undefined, 2)}\n`);
      return;
    }
    const { renderDifference } = await import("#cli/reporters/bundle-difference.ts");
    await print(renderDifference(difference, styleFor(process.stdout)));
  }
}
