import type { Diagnostic } from "#base/diagnostic.ts";
import { codeFrame } from "#cli/ui/code-frame.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, counted, labelled, printable } from "#cli/ui/text.ts";
import type { Report, Result, ResultControl } from "#engine/result.ts";
import type { ReportContext } from "./reporter.ts";

/** Longer chains are cut in the middle of the story, never at its ends. */
const longestChain = 6;

/** For people: grouped by file, each failure in a code frame, a summary that fits a screen. */
export function renderTerminal(report: Report, context: ReportContext): string {
  const shown = report.results.filter(
    ({ verdict }) => verdict === "fail" || verdict === "unknown" || context.verbose,
  );
  const lines: string[] = [];
  for (const [file, results] of Map.groupBy(shown, (result) => result.location.file)) {
    lines.push("", context.style(["bold", "underline"], printable(file)));
    for (const group of groupEditions(results)) lines.push("", ...resultLines(group, report, context));
  }
  if (report.diagnostics.length > 0) {
    lines.push("", context.style(["bold", "underline"], "Not judged, or to be known"), "");
    for (const diagnostic of report.diagnostics) lines.push(...diagnosticLines(diagnostic, context));
  }
  lines.push(...summaryLines(report, context));
  return `${lines.join("\n")}\n`;
}

/** Results that differ in their edition only are shown as one. */
function groupEditions(results: readonly Result[]): Result[][] {
  const key = ({ rule, fact, location, verdict }: Result): string =>
    JSON.stringify([rule, fact.kind, fact.id, location.line, location.column, verdict]);
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

function resultLines(group: readonly Result[], report: Report, context: ReportContext): string[] {
  const [result] = group;
  if (result === undefined) return [];
  const { style, columns } = context;
  const { word, look } = marks[result.verdict];
  const proposedOnly = group.every(({ edition }) => statusOf(report, edition) === "proposed");
  const shownWord = result.verdict === "fail" && proposedOnly ? "✗ would not meet" : word;
  const place = `${result.location.line}:${result.location.column}`;
  const head = `  ${style(look, shownWord)}  ${style("bold", result.severity)}  ${result.rule}  ${style("dim", place)}  ${printable(result.fact.id)}`;
  if (result.verdict !== "fail" && result.verdict !== "unknown") {
    return [head, ...labelled("", printable(result.message), 4, columns)];
  }
  const frame = codeFrame(context.read(result.location.file), result.location, style);
  const details = [
    ...labelled("", printable(result.message), 4, columns),
    ...frame.map((line) => `    ${line}`),
    ...chainLines(result, context),
    ...labelled("found     ", printable(result.actual), 4, columns),
    ...labelled("expected  ", printable(result.expected), 4, columns),
  ];
  if (result.profile !== undefined) {
    details.push(...labelled("floor     ", `${result.profile.title} (${result.profile.source})`, 4, columns));
  }
  for (const each of group) details.push(...citationLines(each, report, context));
  if (result.verdict === "fail") {
    details.push(
      ...labelled("why       ", result.why, 4, columns),
      ...labelled("do        ", result.remedy, 4, columns),
    );
  }
  details.push(
    `    ${style("dim", `more      hipaa-check explain ${result.rule} · ${result.documentation}`)}`,
  );
  return [head, ...details];
}

function statusOf(report: Report, edition: string): string | undefined {
  return report.editions.find(({ id }) => id === edition)?.status;
}

function chainLines(result: Result, { columns }: ReportContext): string[] {
  const { chain } = result;
  const cut = chain.length > longestChain ? chain.length - longestChain : 0;
  const half = longestChain / 2;
  const kept = cut > 0 ? [...chain.slice(0, half), ...chain.slice(-half)] : chain;
  const lines = kept.flatMap((step, index) => [
    ...(cut > 0 && index === half ? [`    … ${counted(cut, "more step")} (all with --format json)`] : []),
    ...labelled(
      index === 0 ? "because   " : "          ",
      printable(`${step.text} (${step.file}:${step.line})`),
      4,
      columns,
    ),
  ]);
  return lines;
}

function citationLines(result: Result, report: Report, { columns }: ReportContext): string[] {
  const status = statusOf(report, result.edition) ?? "";
  const label = `${result.edition}${status === "proposed" ? " (proposed)" : ""}`;
  if (result.controls.length === 0) {
    return labelled("law       ", `${label}: no paragraph is mapped to this rule`, 4, columns);
  }
  const text = result.controls.map(controlWords).join("; ");
  return labelled("law       ", `${label}: ${text}`, 4, columns);
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
    `  ${word}  ${printable(place)}${style("dim", code)}`,
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
      `${of("pass")} pass`,
      `${of("not-applicable")} not applicable`,
    ];
  });
  lines.push(...alignColumns(rows));
  const { files, facts, errors } = report.summary;
  const warnings = report.diagnostics.length - errors;
  lines.push(
    `  ${counted(files, "file")} looked at, ${counted(facts, "fact")}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
  );
  for (const { reason, count, examples } of report.notLookedAt) {
    lines.push(
      ...labelled(
        "  not looked at: ",
        `${count}, ${reason} (${printable(examples.slice(0, 3).join(", "))}${count > 3 ? ", …" : ""})`,
        0,
        columns,
      ),
    );
  }
  for (const filter of filters) lines.push(`  filtered: ${filter}`);
  const look = outcome.exitCode === 0 ? "green" : outcome.exitCode === 1 ? "red" : "yellow";
  lines.push("", `  ${style(["bold", look], `exit ${outcome.exitCode}`)}: ${outcome.words}`);
  lines.push(...labelled("", style("dim", report.disclaimer), 2, columns + 20));
  return lines;
}
