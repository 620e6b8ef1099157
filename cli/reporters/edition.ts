import type { Json } from "#base/value.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignWrapped, counted, labelled } from "#cli/ui/text.ts";
import { show } from "#policy/assertion.ts";
import { doubtWords, type Edition, type Relation } from "#policy/edition.ts";

interface RuleOfLine {
  readonly id: string;
  readonly relation: Relation;
}

function rulesOf(edition: Edition, citation: string): RuleOfLine[] {
  return edition.mappings.flatMap(({ rule, controls }) =>
    controls
      .filter((control) => control.citation === citation)
      .map(({ relation }) => ({ id: rule, relation })),
  );
}

/** The contract of `policies show --format json`. */
export function renderEditionJson(edition: Edition): string {
  const { id, title, status, statusAsOf, dates, source, derivedFrom, notes, removed } = edition;
  const controls = edition.controls.map((control) => {
    const rules = rulesOf(edition, control.citation);
    return {
      ...control,
      rules: rules.map((rule) => rule.id),
      relations: Object.fromEntries(rules.map((rule) => [rule.id, rule.relation])),
    };
  });
  const body = { id, title, status, statusAsOf, dates, source, derivedFrom, notes, controls, removed };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

/** For people: status, source and dates, and every line with how many rules bear on it. */
export function renderEditionText(edition: Edition, style: Style, columns: number): string {
  const lines = [
    style("bold", edition.title),
    "",
    `  id        ${edition.id}`,
    `  status    ${edition.status}, as of ${edition.statusAsOf}`,
    ...(edition.derivedFrom === null ? [] : [`  from      ${edition.derivedFrom}`]),
    ...labelled("source    ", sourceWords(edition.source), 2, columns),
    "",
    ...dateLines(edition.dates, style, columns),
    "",
    ...edition.notes.flatMap((note) => labelled("note      ", note, 2, columns)),
  ];
  for (const [safeguard, controls] of Map.groupBy(edition.controls, (control) => control.safeguard)) {
    lines.push("", style("bold", safeguard));
    const rows = controls.map(({ citation, designation, title, verification }) => {
      const rules = rulesOf(edition, citation).length;
      const covered = rules === 0 ? "" : ` · ${counted(rules, "rule")}`;
      return [`  ${citation}`, designation, `${title}${doubtWords(verification)}${covered}`];
    });
    lines.push(...alignWrapped(rows, columns).flat());
  }
  return `${lines.join("\n")}\n`;
}

function sourceWords(source: Json): string {
  const { title, citation, document } = source as Readonly<Record<string, Json | undefined>>;
  return [title, citation, document].flatMap((part) => (part === undefined ? [] : [show(part)])).join("; ");
}

function dateLines(dates: Edition["dates"], style: Style, columns: number): string[] {
  const rows = Object.entries(dates).map(([name, date]) => ({ label: dateLabel(name), ...plainDate(date) }));
  const width = Math.max(...rows.map(({ label }) => label.length)) + 2;
  return rows.flatMap(({ label, when, note }) => [
    ...labelled(label.padEnd(width), when, 2, columns),
    ...(note === undefined
      ? []
      : labelled(" ".repeat(width), note, 2, columns).map((line) => style("dim", line))),
  ]);
}

/** `commentsClosed` as "comments closed". */
function dateLabel(name: string): string {
  return name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
}

function plainDate(written: Json): { readonly when: string; readonly note: string | undefined } {
  const { date, formula, note } = written as Readonly<Record<string, Json | undefined>>;
  return { when: show(date ?? formula ?? null), note: note === undefined ? undefined : show(note) };
}
