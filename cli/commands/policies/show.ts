import { Args, Command } from "@oclif/core";
import { configFlag, jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { findEdition, readPolicies } from "#cli/policies.ts";
import { type Style, styleFor } from "#cli/ui/style.ts";
import { alignColumns } from "#cli/ui/text.ts";
import { type Edition, isVerified } from "#policy/edition.ts";

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
    const isJson = flags.format === "json";
    await print(isJson ? renderJson(edition) : renderText(edition, styleFor(process.stdout)));
  }
}

function rulesOf(edition: Edition, citation: string): { id: string; relation: string }[] {
  return edition.mappings.flatMap(({ rule, controls }) =>
    controls
      .filter((control) => control.citation === citation)
      .map(({ relation }) => ({ id: rule, relation })),
  );
}

function renderJson(edition: Edition): string {
  const { id, title, status, statusAsOf, dates, source, derivedFrom, notes } = edition;
  const controls = edition.controls.map((control) => ({
    ...control,
    rules: rulesOf(edition, control.citation).map(({ id }) => id),
    relations: Object.fromEntries(
      rulesOf(edition, control.citation).map(({ id, relation }) => [id, relation]),
    ),
  }));
  const body = { id, title, status, statusAsOf, dates, source, derivedFrom, notes, controls };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

function renderText(edition: Edition, style: Style): string {
  const lines = [
    style("bold", edition.title),
    `  id       ${edition.id}`,
    `  status   ${edition.status}, as of ${edition.statusAsOf}`,
  ];
  for (const note of edition.notes) lines.push(`  note     ${note}`);
  for (const [safeguard, controls] of Map.groupBy(edition.controls, (control) => control.safeguard)) {
    lines.push("", style("bold", safeguard));
    const rows = controls.map((control) => {
      const rules = rulesOf(edition, control.citation).length;
      const doubt = isVerified(control.verification)
        ? ""
        : ` [not verified: grade ${control.verification.grade}]`;
      const covered = rules === 0 ? "" : ` · ${rules} rule${rules === 1 ? "" : "s"}`;
      return [`  ${control.citation}`, control.designation, `${control.title}${doubt}${covered}`];
    });
    lines.push(...alignColumns(rows));
  }
  return `${lines.join("\n")}\n`;
}
