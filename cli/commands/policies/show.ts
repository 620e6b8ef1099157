import { Args, Command, Flags } from "@oclif/core";
import { configFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { findEdition, readPolicies } from "#cli/policies.ts";
import { renderEditionJson, renderEditionText } from "#cli/reporters/edition.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";

export class PoliciesShowCommand extends Command {
  static override summary = "show an edition: its status, dates, source and every line";
  static override examples = [
    "<%= config.bin %> policies show hipaa-2013",
    "<%= config.bin %> policies show hipaa-nprm-2025 --format json",
    "<%= config.bin %> policies show hipaa-2013 --format oscal > catalog-hipaa-2013.json",
  ];
  static override args = { edition: Args.string({ required: true, description: "edition id" }) };
  static override flags = {
    format: Flags.string({
      options: ["text", "json", "oscal"],
      default: "text",
      description: "how to print; oscal: as an OSCAL catalog",
    }),
    config: configFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PoliciesShowCommand);
    const policies = readPolicies(process.cwd(), flags.config);
    const edition = findEdition(policies, args.edition);
    const { stdout } = process;
    if (flags.format === "oscal") {
      const { renderCatalog } = await import("#cli/reporters/oscal/catalog.ts");
      await print(renderCatalog(edition, policies.rules));
    } else if (flags.format === "json") await print(renderEditionJson(edition));
    else await print(renderEditionText(edition, styleFor(stdout), columnsOf(stdout)));
  }
}
