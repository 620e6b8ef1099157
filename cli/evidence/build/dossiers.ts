import { escapeMarkdown } from "#cli/ui/markdown.ts";
import type { Report, Result, ResultDecision, Verdict } from "#engine/result.ts";
import type { EvidenceKind } from "#facts/fact.ts";
import { type Control, doubtWords, type Edition } from "#policy/edition.ts";
import type { WrittenMember } from "../bundle/seal.ts";

/** `164.312(e)(2)(ii)` as a file name: `164.312-e-2-ii`. */
export function citationSlug(citation: string): string {
  return citation
    .replace(/\)\(|\(/g, "-")
    .replace(/\)/g, "")
    .replace(/[^\w.-]+/g, "-");
}

/** Text of an input on one line, as Markdown shows it. */
function line(text: string): string {
  return escapeMarkdown(text.replace(/[\s\p{Cc}]+/gu, " ").trim());
}

/** Text of an input as code, whatever it holds. */
function code(text: string): string {
  const inner = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const longest = Math.max(0, ...[...inner.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = inner.startsWith("`") || inner.endsWith("`") ? " " : "";
  return `${fence}${space}${inner}${space}${fence}`;
}

function place(file: string, at: number): string {
  return `${code(file)}, line ${at}`;
}

const kindWords: Readonly<Record<EvidenceKind, string>> = {
  static: "configured",
  probe: "seen on the wire",
  load: "measured under load",
  record: "on record",
};

const order: readonly Verdict[] = ["fail", "unknown", "excepted", "pass", "not-applicable"];

/** What a column of counts and what a section is called. */
function namesOf(verdict: Verdict, { status }: Edition): readonly [column: string, heading: string] {
  const names: Readonly<Record<Verdict, readonly [string, string]>> = {
    fail: status === "proposed" ? ["would not meet", "Would not meet the proposed rule"] : ["fail", "Fails"],
    unknown: ["could not tell", "Could not be told"],
    excepted: ["excepted", "Lifted by a decision"],
    pass: ["pass", "Passes"],
    "not-applicable": ["not applicable", "Does not apply"],
  };
  return names[verdict];
}

function count(results: readonly Result[], verdict: Verdict): number {
  return results.filter((result) => result.verdict === verdict).length;
}

function decisionLines({ id, kind, reason, measure, assessment, ...rest }: ResultDecision): string[] {
  const { owner, approver, date, until, file, line: at } = rest;
  return [
    `  - decision ${line(id)} (${kind}, ${place(file, at)}): ${line(reason)}`,
    ...(assessment === undefined ? [] : [`  - assessment: ${line(assessment)}`]),
    `  - ${kind === "risk-acceptance" ? "residual risk" : "in its place"}: ${line(measure)}`,
    `  - approved by ${line(approver)} on ${date}, until ${until}; owner ${line(owner)}`,
  ];
}

function resultLines(result: Result, control: Control): string[] {
  const { verdict, rule, title, severity, fact, location, message, actual, expected, evidence } = result;
  const relation = result.controls.find(({ citation }) => citation === control.citation)?.relation;
  const open = verdict !== "pass" && verdict !== "not-applicable";
  return [
    `- ${code(rule)} (${severity}, ${relation ?? "supports"}, ${kindWords[evidence]}): ${line(message || title)}`,
    `  - ${line(fact.kind)} ${code(fact.id)} in ${place(location.file, location.line)}`,
    ...(actual === "" ? [] : [`  - found: ${line(actual)}`]),
    ...(expected === "" || !open ? [] : [`  - expected: ${line(expected)}`]),
    ...(open
      ? result.chain.map((step) => `  - because: ${line(step.text)} (${place(step.file, step.line)})`)
      : []),
    ...(result.decision === undefined ? [] : decisionLines(result.decision)),
    ...(open ? [`  - do: ${line(result.remedy)}`] : []),
  ];
}

/** What does not apply, a line for each rule and reason. */
function idleLines(results: readonly Result[]): string[] {
  return [...Map.groupBy(results, ({ rule, message }) => `${code(rule)}: ${line(message)}`)].map(
    ([words, own]) => `- ${words} (${own.map(({ fact }) => code(fact.id)).join(", ")})`,
  );
}

function sections(edition: Edition, control: Control, results: readonly Result[]): string[] {
  if (results.length === 0)
    return ["No rule that was judged bears on this line: **this bundle holds no evidence about it.**", ""];
  return order.flatMap((verdict) => {
    const own = results.filter((result) => result.verdict === verdict);
    if (own.length === 0) return [];
    const lines =
      verdict === "not-applicable" ? idleLines(own) : own.flatMap((result) => resultLines(result, control));
    return [`## ${namesOf(verdict, edition)[1]} (${own.length})`, "", ...lines, ""];
  });
}

function page(edition: Edition, control: Control, results: readonly Result[]): string {
  const { citation, title, designation, duty, exception, derivesFrom, verification } = control;
  const doubt = doubtWords(verification);
  const origins = derivesFrom.map((origin) => `${origin.citation} (${origin.edition})`);
  const counts = order.map((verdict) => `${count(results, verdict)} ${namesOf(verdict, edition)[0]}`);
  return [
    `# ${line(citation)} ${line(title)}`,
    "",
    `- edition: ${line(edition.id)}, ${edition.status} as of ${edition.statusAsOf}`,
    `- designation: ${designation}${doubt === "" ? "" : `; **${doubt.replace(/^, /, "")}**`}`,
    `- duty, in the words of hipaa-check: ${line(duty)}`,
    ...(exception === undefined ? [] : [`- exception: ${line(exception)}`]),
    ...(origins.length === 0 ? [] : [`- derives from: ${line(origins.join(", "))}`]),
    `- source: ${line(verification.source)} (grade ${verification.grade}, ${verification.asOf})`,
    `- evidence: ${counts.join(", ")}`,
    "",
    ...sections(edition, control, results),
  ].join("\n");
}

/** The pages of an edition in its order, with what each says. */
function contents(
  edition: Edition,
  pages: readonly { readonly control: Control; readonly results: readonly Result[] }[],
): string {
  const rows = pages.map(({ control, results }) => {
    const cells = order.map((verdict) => (results.length === 0 ? "" : String(count(results, verdict))));
    const name = `[${line(control.citation)}](${citationSlug(control.citation)}.md) ${line(control.title)}`;
    return `| ${name} | ${control.designation} | ${cells.join(" | ")} |`;
  });
  const without = pages.filter(({ results }) => results.length === 0).length;
  return [
    `# ${line(edition.title)}`,
    "",
    `${edition.id}, ${edition.status} as of ${edition.statusAsOf}. ${without} of ${pages.length} lines have no evidence in this bundle: their counts are empty.`,
    "",
    `| line | designation | ${order.map((verdict) => namesOf(verdict, edition)[0]).join(" | ")} |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** One page for each line of each edition, named by its paragraph, also for those without evidence, which say so; and a page that lists them. */
export function dossiers(report: Report, editions: readonly Edition[]): WrittenMember[] {
  return editions.flatMap((edition) => {
    const own = report.results.filter((result) => result.edition === edition.id);
    const pages = edition.controls.map((control) => ({
      control,
      results: own.filter(({ controls }) => controls.some(({ citation }) => citation === control.citation)),
    }));
    const folder = `dossiers/${edition.id}`;
    return [
      { path: `${folder}/README.md`, content: Buffer.from(contents(edition, pages)) },
      ...pages.map(({ control, results }) => ({
        path: `${folder}/${citationSlug(control.citation)}.md`,
        content: Buffer.from(page(edition, control, results)),
      })),
    ];
  });
}
