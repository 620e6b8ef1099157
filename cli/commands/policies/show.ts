import { Args, Command } from "@oclif/core";
import { configFlag, jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { findEdition, readPolicies } from "#cli/policies.ts";
import { renderEditionJson, renderEditionText } from "#cli/reporters/edition.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";

export class PoliciesShowCommand extends Command {
  static override summary = "show an edition: its status, dates, source and every line";
  static override examples = [
    "<%= config.bin %> policies show hipaa-2013",
    "<%= config.bin %> policies show hipaa-nprm-2025 --format json",
  ];
  static override args = { edition: Args.string({ required: true, description: "edition id" }) };
  static override flags = { format: jsonFormatFlag, config: configFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PoliciesShowCommand);
    const edition = findEdition(readPolicies(process.cwd(), flags.config), args.edition);
    const { stdout } = process;
    await print(
      flags.format === "json"
        ? renderEditionJson(edition)
        : renderEditionText(edition, styleFor(stdout), columnsOf(stdout)),
    );
  }
}
