import { stripVTControlCharacters } from "node:util";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import { codeFrame } from "#cli/ui/code-frame.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, counted, labelled, printable, printableName } from "#cli/ui/text.ts";
import type { Report, Result, ResultControl } from "#engine/result.ts";
import { severities } from "#policy/rule.ts";
import { writtenBy } from "./decision.ts";
import { evidenceLines } from "./evidence.ts";
import { isTold, type ReportContext } from "./reporter.ts";

/** Longer chains are cut in the middle of the story, never at its ends. */
const longestChain = 6;
const frameIndent = 4;
const labelWidth = "expected  ".length;

/** For people: grouped by file, each failure in a code frame, a summary that fits a screen. */
export function renderTerminal(report: Report, context: ReportContext): string {
  const shown = report.results.filter(
    (result) => (isTold(result) && result.known !== true) || context.verbose,
  );
  const lines: string[] = [];
  for (const [file, results] of Map.groupBy(shown, (result) => result.location.file)) {
    lines.push("", context.style(["bold", "underline"], printableName(file)));
    for (const group of groupAlike(results)) lines.push("", ...resultLines(group, report, context));
  }
  if (report.diagnostics.length > 0) {
    lines.push("", context.style(["bold", "underline"], "Not judged, or to be known"), "");
    for (const diagnostic of report.diagnostics) lines.push(...diagnosticLines(diagnostic, context));
  }
  lines.push(...evidenceLines(report, context), ...summaryLines(report, context));
  return `${lines.join("\n")}\n`;
}

/** One finding as it is shown: the same question at the same place, of several facts and under several editions. */
type Group = readonly Result[];

function groupAlike(results: readonly Result[]): Group[] {
  const key = ({ rule, location, verdict, severity, actual }: Result): string =>
    JSON.stringify([rule, location, verdict, severity, actual]);
  return [...Map.groupBy(results, key).values()];
}

const marks: Readonly<
  Record<Result["verdict"], { readonly word: string; readonly look: Parameters<Style>[0] }>
> = {
  fail: { word: "✗ fail", look: ["bold", "red"] },
  unknown: { word: "? could not tell", look: ["bold", "yellow"] },
  pass: { word: "✓ pass", look: "green" },
  "not-applicable": { word: "– not applicable", look: "dim" },
  excepted: { word: "○ excepted", look: "cyan" },
};

function resultLines(group: Group, report: Report, context: ReportContext): string[] {
  const [result] = group;
  if (result === undefined) return [];
  const { style, columns } = context;
  const { word, look } = marks[result.verdict];
  const proposedOnly = group.every(({ edition }) => statusOf(report, edition) === "proposed");
  const shownWord = result.verdict === "fail" && proposedOnly ? "✗ would not meet" : word;
  const place = style("dim", `${result.location.line}:${result.location.column}`);
  const facts = printableName([...new Set(group.map(({ fact }) => fact.id))].join(", "));
  const asked = `  ${style(look, shownWord)}  ${style("bold", result.severity)}  ${result.rule}  ${place}`;
  const fits = stripVTControlCharacters(asked).length + 2 + facts.length <= columns;
  const head = fits ? [`${asked}  ${facts}`] : [asked, ...labelled("", facts, 4, columns)];
  if (!isTold(result)) {
    return [...head, ...labelled("", printable(result.message), 4, columns)];
  }
  const line = (label: string, text: string): string[] =>
    labelled(label.padEnd(labelWidth), printable(text), 4, columns).map((words, index) =>
      index === 0 && label !== "" ? words.replace(label, style("dim", label)) : words,
    );
  const frame = codeFrame(context.read(result.location.file), result.location, secretsIn(result, context), {
    style,
    columns: columns - frameIndent,
  });
  const floor = result.profile === undefined ? [] : [`${result.profile.title}: ${result.profile.source}`];
  return [
    ...head,
    ...labelled("", printable(result.message), 4, columns),
    "",
    ...frame.map((words) => `    ${words}`),
    ...(frame.length > 0 ? [""] : []),
    ...chainTexts(result).flatMap((text, index) => line(index === 0 ? "because" : "", text)),
    ...(result.verdict === "unknown" ? [] : line("found", result.actual)),
    ...line("expected", result.expected),
    ...floor.flatMap((text) => line("floor", text)),
    ...lawLines(group, report, context),
    ...(result.verdict === "fail" ? [...line("why", result.why), ...line("do", result.remedy)] : []),
    ...decisionTexts(result).flatMap((text, index) => line(index === 0 ? "decision" : "", text)),
    ...line("more", `hipaa-check explain ${result.rule} · ${result.documentation}`),
  ];
}

/** Everything about the decision that lifted a finding. */
function decisionTexts({ decision }: Result): string[] {
  if (decision === undefined) return [];
  const { id, kind, file, line, reason, measure, assessment, owner, approver, date, until } = decision;
  return [
    `${id}, ${kind} (${file}:${line}): ${reason}`,
    ...(assessment === undefined ? [] : [`assessment: ${assessment}`]),
    `${kind === "risk-acceptance" ? "residual risk" : "in its place"}: ${measure}`,
    `approved by ${approver} on ${date}, until ${until}; owner ${owner}`,
    ...[writtenBy(decision)].filter((words) => words !== ""),
  ];
}

function secretsIn({ location }: Result, { secrets }: ReportContext): readonly Location[] {
  return secrets.filter(({ file }) => file === location.file);
}

function statusOf(report: Report, edition: string): string | undefined {
  return report.editions.find(({ id }) => id === edition)?.status;
}

/** The steps that led to a value, one text each; a long story loses its middle. */
function chainTexts({ chain, location }: Result): string[] {
  const texts = chain.map(({ text, file, line }) =>
    file === location.file ? `${text} (line ${line})` : `${text} (${printableName(file)}:${line})`,
  );
  if (texts.length <= longestChain) return texts;
  const half = longestChain / 2;
  const cut = `… ${counted(texts.length - longestChain, "more step")} (all with --format json)`;
  return [...texts.slice(0, half), cut, ...texts.slice(-half)];
}

/** The paragraphs of each edition; an edition that is not the only one in force is named above its own. */
function lawLines(group: Group, report: Report, { style, columns }: ReportContext): string[] {
  const byEdition = new Map(group.toReversed().map((result) => [result.edition, result]));
  const label = `    ${style("dim", "law")}${" ".repeat(labelWidth - "law".length)}`;
  const lines = [...byEdition.values()].toReversed().flatMap(({ edition, controls }) => {
    const proposed = statusOf(report, edition) === "proposed" ? " (proposed)" : "";
    const isNamed = report.editions.length > 1 || proposed !== "";
    const texts = controls.map(controlWords);
    const shown = texts.length > 0 ? texts : ["no paragraph is mapped to this rule"];
    const indent = 4 + labelWidth + (isNamed ? 2 : 0);
    const heading = isNamed ? [`${" ".repeat(4 + labelWidth)}${edition}${proposed}`] : [];
    return [...heading, ...shown.flatMap((text) => labelled("", printable(text), indent, columns))];
  });
  return lines.map((line, index) => (index === 0 ? `${label}${line.trimStart()}` : line));
}

/** "164.312(e)(2)(ii) Encryption, addressable, supports". */
export function controlWords(control: ResultControl): string {
  const paragraph = /^\d/.test(control.citation) ? `45 CFR ${control.citation}` : control.citation;
  const doubt = control.verified ? "" : ", not verified against the text";
  return `${paragraph} ${control.title} (${control.designation}, ${control.relation}${doubt})`;
}

function diagnosticLines({ level, code, message, location }: Diagnostic, context: ReportContext): string[] {
  const { style, columns } = context;
  const place = location === undefined ? "" : `${location.file}:${location.line}:${location.column}  `;
  const word = level === "error" ? style(["bold", "red"], "error") : style("yellow", "warning");
  return [
    `  ${word}  ${printableName(place)}${style("dim", code)}`,
    ...labelled("", printable(message), 4, columns),
  ];
}

function summaryLines(report: Report, context: ReportContext): string[] {
  const { style, columns, outcome, filters } = context;
  const lines = ["", style(["bold", "underline"], "Summary"), ""];
  const rows = report.editions.map((edition) => {
    const of = (verdict: Result["verdict"]): number =>
      report.results.filter((result) => result.edition === edition.id && result.verdict === verdict).length;
    const failed = edition.status === "proposed" ? "would not meet" : "fail";
    return [
      `  ${edition.id} (${edition.status}, as of ${edition.statusAsOf})`,
      `${of("fail")} ${failed}`,
      `${of("unknown")} could not tell`,
      ...(report.summary.excepted > 0 ? [`${of("excepted")} excepted`] : []),
      `${of("pass")} pass`,
      `${of("not-applicable")} not applicable`,
    ];
  });
  const aligned = alignColumns(rows);
  if (aligned.every((line) => line.length <= columns)) lines.push(...aligned);
  else {
    for (const [edition = "", ...counts] of rows)
      lines.push(edition, ...labelled("", counts.join(", "), 4, columns));
  }
  const failing = failuresBySeverity(report);
  if (failing !== "") lines.push(`  failing: ${failing}`);
  const { files, facts, errors } = report.summary;
  const warnings = report.diagnostics.length - errors;
  lines.push(
    `  ${counted(files, "file")} looked at, ${counted(facts, "fact")}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
  );
  for (const { reason, count, examples } of report.notLookedAt) {
    lines.push(
      ...labelled(
        "  not looked at: ",
        `${count}, ${reason} (${printableName(examples.slice(0, 3).join(", "))}${count > 3 ? ", …" : ""})`,
        0,
        columns,
      ),
    );
  }
  for (const filter of filters) lines.push(`  filtered: ${filter}`);
  const look = outcome.exitCode === 0 ? "green" : outcome.exitCode === 1 ? "red" : "yellow";
  lines.push("", `  ${style(["bold", look], `exit ${outcome.exitCode}`)}: ${outcome.words}`);
  for (const sentence of report.disclaimer.split(/(?<=\.) /)) {
    lines.push(...labelled("", sentence, 2, columns).map((line) => style("dim", line)));
  }
  return lines;
}

/** "1 critical, 3 high": the failures under editions that bind. */
function failuresBySeverity(report: Report): string {
  const binding = report.results.filter(
    ({ verdict, edition }) => verdict === "fail" && statusOf(report, edition) !== "proposed",
  );
  return severities
    .map((severity) => ({ severity, count: binding.filter((result) => result.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`)
    .join(", ");
}
