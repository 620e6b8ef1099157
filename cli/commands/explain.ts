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

/** Names that differ in few letters from what was asked for, or hold it. */
function nearest(asked: string, policies: Policies, reference: Reference): string {
  const names = [
    ...policies.rules.map(({ id }) => id),
    ...factKinds.map(({ kind }) => kind),
    ...reference.requirements.map(({ id }) => id),
  ];
  const wanted = asked.toLowerCase();
  const ranked = names
    .map((name) => ({
      name,
      away: name.toLowerCase().includes(wanted) ? 0 : distance(wanted, name.toLowerCase()),
    }))
    .filter(({ away }) => away <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.away - b.away);
  const close = ranked.slice(0, 3).map(({ name }) => name);
  return close.length > 0 ? `Did you mean ${close.join(", ")}?` : "See: hipaa-check policies list.";
}

/** Letters to change, add or leave out to make one word the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const changed = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
