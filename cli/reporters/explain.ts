import type { Json } from "#base/value.ts";
import type { Policies } from "#cli/policies.ts";
import type { Reference } from "#cli/reference.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, labelled } from "#cli/ui/text.ts";
import type { FactKind } from "#facts/fact.ts";
import { describeAssertion, show } from "#policy/assertion.ts";
import { type Control, type Edition, lineWords } from "#policy/edition.ts";
import { effectiveParameters } from "#policy/load.ts";
import type { Requirement } from "#policy/requirements.ts";
import type { Conditions, Rule } from "#policy/rule.ts";

export interface ExplainView {
  readonly policies: Policies;
  readonly reference: Reference;
  readonly style: Style;
  readonly columns: number;
}

export function explainRule(rule: Rule, view: ExplainView): string {
  const { style, columns, policies, reference } = view;
  const lines = [
    `${style("bold", rule.id)}  ${rule.title}`,
    "",
    ...labelled("what      ", rule.what.trim(), 2, columns),
    ...labelled("why       ", rule.why.trim(), 2, columns),
    ...labelled("do        ", rule.do.trim(), 2, columns),
    "",
    `  severity  ${rule.severity}`,
    `  asks of   ${rule.select.kind}`,
    ...conditionLines("only if   ", rule.select.where),
    ...conditionLines("must hold ", rule.assert),
    ...(rule.assertAny ?? []).flatMap((conditions, index) =>
      conditionLines(index === 0 ? "either    " : "or        ", conditions),
    ),
  ];
  if (rule.profile !== undefined) {
    lines.push(...labelled("floor     ", `${rule.profile.title}: ${rule.profile.source}`, 2, columns));
  }
  lines.push(...requirementLines(rule.requirements, view));
  for (const [peer, ids] of Object.entries(rule.references ?? {}))
    lines.push(`  ${peer.padEnd(10)}${ids.join(", ")}`);
  for (const edition of policies.editions) lines.push("", ...ruleUnderEdition(rule, edition, view));
  const cases = reference.cases[rule.id] ?? [];
  if (cases.length > 0) lines.push("", style("bold", "Cases"));
  for (const example of cases) {
    const verdicts = [...new Set(example.expect.map(({ verdict }) => verdict))].join(", ") || "no result";
    const [head = "", ...more] = labelled("", `${verdicts}: ${example.name}`, 2, columns);
    lines.push("", head.replace(verdicts, style("underline", verdicts)), ...more);
    for (const [file, text] of Object.entries(example.files)) {
      lines.push(
        `    ${style("dim", file)}`,
        ...text
          .trimEnd()
          .split("\n")
          .map((line) => `      ${line}`.trimEnd()),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function conditionLines(label: string, conditions: Conditions | undefined): string[] {
  return Object.entries(conditions ?? {}).map(
    ([attribute, assertion], index) =>
      `  ${index === 0 ? label : " ".repeat(label.length)}${attribute} is ${describeAssertion(assertion)}`,
  );
}

function requirementLines(ids: readonly string[], { reference, columns }: ExplainView): string[] {
  return ids.flatMap((id) => {
    const title = reference.requirements.find((requirement) => requirement.id === id)?.title ?? "";
    return labelled("covers    ", `${id} ${title}`, 2, columns);
  });
}

function ruleUnderEdition(rule: Rule, edition: Edition, { style, columns }: ExplainView): string[] {
  const mapping = edition.mappings.find((entry) => entry.rule === rule.id);
  const lines = [`${style("bold", edition.id)} (${edition.status}, as of ${edition.statusAsOf})`];
  for (const { citation, relation } of mapping?.controls ?? []) {
    const control = edition.controls.find((line) => line.citation === citation);
    if (control !== undefined) {
      lines.push(...labelled(`${relation.padEnd(10)}`, lineWords(control), 2, columns));
    }
  }
  if (mapping === undefined) lines.push("  no paragraph is mapped to this rule; it is judged all the same");
  const parameters = effectiveParameters(rule, mapping);
  for (const [name, value] of Object.entries(parameters)) {
    lines.push(
      ...labelled(
        "parameter ",
        `${name} = ${show(value)}: ${rule.parameters?.[name]?.doc ?? ""}`,
        2,
        columns,
      ),
    );
  }
  return lines;
}

/** Undefined where no edition has the paragraph. */
export function explainControl(
  citation: string,
  { policies, style, columns }: ExplainView,
): string | undefined {
  const lines: string[] = [];
  for (const edition of policies.editions) {
    const control = edition.controls.find((line) => line.citation === citation);
    if (control === undefined) continue;
    if (lines.length > 0) lines.push("");
    const { source, asOf, grade } = control.verification;
    lines.push(
      `${style("bold", `${edition.id} (${edition.status})`)}  ${lineWords(control)}`,
      ...labelled("duty      ", control.duty, 2, columns),
    );
    if (control.number !== undefined) lines.push(...labelled("number    ", numberWords(control), 2, columns));
    if (control.exception !== undefined) lines.push(...labelled("exception ", control.exception, 2, columns));
    if (control.parent !== null) lines.push(`  part of   ${control.parent}`);
    for (const origin of control.derivesFrom) lines.push(`  from      ${origin.edition} ${origin.citation}`);
    if (control.originNote !== undefined)
      lines.push(...labelled("origin    ", control.originNote, 2, columns));
    if (control.page !== undefined) lines.push(`  page      ${control.page}`);
    lines.push(...labelled("verified  ", `grade ${grade}: ${source}, as of ${asOf}`, 2, columns));
    const rules = edition.mappings.filter(({ controls }) =>
      controls.some((entry) => entry.citation === citation),
    );
    for (const later of policies.editions) {
      const derived = later.controls.filter(({ derivesFrom }) =>
        derivesFrom.some((origin) => origin.edition === edition.id && origin.citation === citation),
      );
      for (const line of derived) {
        lines.push(...labelled("leads to  ", `${later.id} ${lineWords(line)}`, 2, columns));
      }
    }
    const rows = rules.map(({ rule, controls }) => [
      `  rule      ${rule}`,
      controls.find((entry) => entry.citation === citation)?.relation ?? "",
    ]);
    lines.push(...alignColumns(rows));
    if (rules.length === 0) lines.push("  no rule bears on this paragraph yet");
  }
  return lines.length === 0 ? undefined : `${lines.join("\n")}\n`;
}

/** "6 years, from creation; documentation only": value and unit, where the time starts, what else the text says. */
function numberWords({ number }: Control): string {
  if (number === undefined || number === null || typeof number !== "object" || Array.isArray(number)) {
    return show(number ?? null);
  }
  const { value, unit, date, formula, from, rule } = number as Readonly<Record<string, Json | undefined>>;
  const figure = [value, unit].flatMap((part) => (part === undefined ? [] : [show(part)])).join(" ");
  const starts = from === undefined ? [] : [from].flat().map((start) => `from ${show(start)}`);
  const parts = [figure, date, formula, starts.join(", or "), rule].flatMap((part) =>
    part === undefined || part === "" ? [] : [show(part)],
  );
  return parts.join("; ");
}

export function explainRequirement(
  requirement: Requirement,
  { policies, style, columns }: ExplainView,
): string {
  const lines = [
    `${style("bold", requirement.id)}  ${requirement.topic}`,
    ...labelled("", requirement.title, 2, columns),
    `  evidence  ${requirement.evidence.join(", ")}`,
  ];
  const rules = policies.rules.filter((rule) => rule.requirements.includes(requirement.id));
  for (const rule of rules) lines.push(...labelled("rule      ", `${rule.id}: ${rule.title}`, 2, columns));
  if (rules.length === 0) lines.push("  no rule covers this requirement yet");
  return `${lines.join("\n")}\n`;
}

export function explainFactKind(kind: FactKind, { policies, style, columns }: ExplainView): string {
  const lines = [`${style("bold", kind.kind)}  ${kind.title}`, ...labelled("", kind.doc, 2, columns), ""];
  for (const [name, { doc, schema }] of Object.entries(kind.attributes)) {
    const type = schema.enum === undefined ? String(schema.type ?? "") : schema.enum.map(show).join(" | ");
    lines.push(`  ${style("bold", name)}  ${style("dim", type)}`, ...labelled("", doc, 4, columns));
  }
  const rules = policies.rules.filter((rule) => rule.select.kind === kind.kind).map(({ id }) => id);
  lines.push("", ...labelled("rules     ", rules.join(", ") || "none", 2, columns));
  return `${lines.join("\n")}\n`;
}
