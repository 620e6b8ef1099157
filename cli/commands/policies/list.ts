import { Command, Flags } from "@oclif/core";
import { configFlag, jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { readPolicies } from "#cli/policies.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";
import { alignWrapped } from "#cli/ui/text.ts";

export class PoliciesListCommand extends Command {
  static override summary = "list editions and rules";
  static override examples = ["<%= config.bin %> policies list", "<%= config.bin %> policies list --rules"];
  static override flags = {
    rules: Flags.boolean({ description: "only the rules" }),
    editions: Flags.boolean({ description: "only the editions" }),
    format: jsonFormatFlag,
    config: configFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PoliciesListCommand);
    const policies = readPolicies(process.cwd(), flags.config);
    const showEditions = flags.editions || !flags.rules;
    const showRules = flags.rules || !flags.editions;
    const editions = policies.editions.map(({ id, title, status, statusAsOf, controls }) => ({
      id,
      title,
      status,
      statusAsOf,
      controls: controls.length,
    }));
    const rules = policies.rules.map(({ id, title, severity, requirements, select }) => ({
      id,
      title,
      severity,
      kind: select.kind,
      requirements,
    }));
    if (flags.format === "json") {
      const body = { ...(showEditions ? { editions } : {}), ...(showRules ? { rules } : {}) };
      await print(`${JSON.stringify(body, undefined, 2)}\n`);
      return;
    }
    const style = styleFor(process.stdout);
    // Where it is piped each keeps a line of its own, for grep and its like.
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Number.POSITIVE_INFINITY;
    const lines: string[] = [];
    if (showEditions) {
      lines.push(style("bold", "Editions"));
      const rows = editions.map(({ id, status, statusAsOf, controls, title }) => [
        `  ${id}`,
        `${status}, as of ${statusAsOf}`,
        `${controls} controls`,
        title,
      ]);
      lines.push(...alignWrapped(rows, columns).flat(), "");
    }
    if (showRules) {
      lines.push(style("bold", "Rules"));
      const rows = rules.map(({ id, severity, requirements, title }) => [
        `  ${id}`,
        severity,
        requirements.join(" "),
        title,
      ]);
      lines.push(...alignWrapped(rows, columns).flat(), "");
    }
    await print(lines.join("\n"));
  }
}
