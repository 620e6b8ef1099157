import { Args, Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { configFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { type Policies, readPolicies } from "#cli/policies.ts";
import { type Reference, readReference } from "#cli/reference.ts";
import { explainControl, explainFactKind, explainRequirement, explainRule } from "#cli/reporters/explain.ts";
import { columnsOf, styleFor } from "#cli/ui/style.ts";
import { factKinds, findFactKind } from "#facts/registry.ts";
import { findRule } from "#policy/load.ts";

export class ExplainCommand extends Command {
  static override summary = "explain a rule, a paragraph, a requirement or a kind of fact";
  static override examples = [
    "<%= config.bin %> explain mail/outbound-tls",
    '<%= config.bin %> explain "164.312(e)(2)(ii)"',
    "<%= config.bin %> explain TLS-01",
    "<%= config.bin %> explain mail.route",
  ];
  static override args = {
    name: Args.string({ required: true, description: "rule id, citation, requirement id or fact kind" }),
  };
  static override flags = { config: configFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ExplainCommand);
    const policies = readPolicies(process.cwd(), flags.config);
    const view = {
      policies,
      reference: readReference(),
      style: styleFor(process.stdout),
      columns: columnsOf(process.stdout),
    };
    const rule = findRule(policies.rules, args.name);
    if (rule !== undefined) return print(explainRule(rule, view));
    const kind = findFactKind(args.name);
    if (kind !== undefined) return print(explainFactKind(kind, view));
    const requirement = view.reference.requirements.find(({ id }) => id === args.name.toUpperCase());
    if (requirement !== undefined) return print(explainRequirement(requirement, view));
    const citation = args.name.replace(/^(45 CFR |§)\s*/, "");
    const text = explainControl(citation, view);
    if (text !== undefined) return print(text);
    throw new UsageError(`Nothing is called "${args.name}". ${nearest(args.name, policies, view.reference)}`);
  }
}

/** Names that share the most with what was asked for. */
function nearest(asked: string, policies: Policies, reference: Reference): string {
  const names = [
    ...policies.rules.map(({ id }) => id),
    ...factKinds.map(({ kind }) => kind),
    ...reference.requirements.map(({ id }) => id),
  ];
  const words = asked
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);
  const close = names.filter((name) => words.some((word) => name.toLowerCase().includes(word))).slice(0, 5);
  return close.length > 0 ? `Did you mean ${close.join(", ")}?` : "See: hipaa-check policies list.";
}
