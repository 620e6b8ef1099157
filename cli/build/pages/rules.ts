import type { Case } from "#engine/cases.ts";
import { describeAssertion, show } from "#policy/assertion.ts";
import { type Edition, lineWords } from "#policy/edition.ts";
import { effectiveParameters, type PolicySet } from "#policy/load.ts";
import type { Conditions, Rule } from "#policy/rule.ts";
import { heading, table } from "./markdown.ts";

/** Every rule: what it asks, why, what to do, the paragraphs it bears on and its cases. */
export function rulesPage(
  { rules, editions }: PolicySet,
  cases: ReadonlyMap<string, readonly Case[]>,
): string {
  const index = rules.map((rule) => [
    `[${rule.id}](#${anchorOf(rule)})`,
    rule.severity,
    rule.title,
    rule.requirements.join(", "),
  ]);
  const sections = rules.map((rule) => section(rule, editions, cases.get(rule.id) ?? []));
  const words = "Each rule names a technique. Which law it bears on is said by the editions.";
  const head = ["rule", "severity", "title", "requirements"];
  return `${heading("Rules", words)}\n${table(head, index)}\n\n${sections.join("\n\n")}\n`;
}

function anchorOf(rule: Rule): string {
  return rule.id.replaceAll("/", "-");
}

function section(rule: Rule, editions: readonly Edition[], cases: readonly Case[]): string {
  const parts = [
    `<a id="${anchorOf(rule)}"></a>\n\n## ${rule.title}`,
    `\`${rule.id}\` · ${rule.severity} · asks of \`${rule.select.kind}\` · ${rule.requirements.join(", ")}`,
    `**What is wrong.** ${rule.what.trim()}`,
    `**Why it matters.** ${rule.why.trim()}`,
    `**What to do.** ${rule.do.trim()}`,
    [
      ...conditionLines("Asked only if", rule.select.where),
      ...conditionLines("Must hold", rule.assert),
      ...(rule.assertAny ?? []).flatMap((conditions, index) =>
        conditionLines(index === 0 ? "Either must hold" : "Or must hold", conditions),
      ),
    ].join("\n"),
    table(
      ["edition", "paragraphs", "parameters"],
      editions.map((edition) => editionRow(rule, edition)),
    ),
  ];
  if (rule.profile !== undefined) parts.push(`Floor: ${rule.profile.title} (${rule.profile.source}).`);
  const peers = Object.entries(rule.references ?? {}).map(([peer, ids]) => `${peer} ${ids.join(", ")}`);
  if (peers.length > 0) parts.push(`Asked alike by: ${peers.join("; ")}.`);
  const names = cases.map(({ name, expect }) => {
    const verdicts = [...new Set(expect.map(({ verdict }) => verdict))].join(", ");
    return `- ${verdicts || "no result"}: ${name}`;
  });
  if (names.length > 0) parts.push(`Cases:\n\n${names.join("\n")}`);
  return parts.join("\n\n");
}

function conditionLines(label: string, conditions: Conditions | undefined): string[] {
  return Object.entries(conditions ?? {}).map(
    ([attribute, assertion]) => `- ${label}: \`${attribute}\` is ${describeAssertion(assertion)}`,
  );
}

function editionRow(rule: Rule, edition: Edition): string[] {
  const mapping = edition.mappings.find((entry) => entry.rule === rule.id);
  const lines = (mapping?.controls ?? []).map(({ citation, relation }) => {
    const control = edition.controls.find((line) => line.citation === citation);
    return control === undefined ? citation : `${lineWords(control)}, ${relation}`;
  });
  const parameters = Object.entries(effectiveParameters(rule, mapping)).map(
    ([name, value]) => `${name} = ${show(value)}`,
  );
  return [edition.id, lines.join("; ") || "none", parameters.join(", ")];
}
