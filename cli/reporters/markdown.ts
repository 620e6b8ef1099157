import { escapeMarkdown } from "#cli/ui/markdown.ts";
import type { Report, Result } from "#engine/result.ts";
import { acrossEditions, isProposed, isTold, type ReportContext, worstFirst } from "./reporter.ts";

/** A step summary of GitHub holds one megabyte; what is beyond is counted. */
const mostOctets = 900_000;

const longestCell = 1000;

/** A text on one line, and not a long one: a table with a book in it is not read. */
function cell(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return escapeMarkdown(line.length > longestCell ? `${line.slice(0, longestCell).toWellFormed()}…` : line);
}

function verdictWords(result: Result, report: Report): string {
  const failing = result.known === true ? "known" : "**fail**";
  return {
    fail: isProposed(report, result.edition) ? "would not meet" : failing,
    unknown: "could not tell",
    excepted: `excepted (${result.decision?.id ?? ""})`,
    pass: "pass",
    "not-applicable": "not applicable",
  }[result.verdict];
}

/** A finding, with the paragraphs of each edition that it is under. */
function row(results: readonly Result[], report: Report): string[] {
  const [result] = results;
  if (result === undefined) return [];
  const words = [...new Set(results.map((each) => verdictWords(each, report)))].join(", ");
  const law = results
    .map(({ edition, controls }) => {
      const citations = controls.map(({ citation }) => citation).join(", ");
      return report.editions.length > 1 ? `${edition}: ${citations || "none"}` : citations;
    })
    .join("; ");
  const line = `| ${words} | ${result.severity} | \`${result.rule}\` | ${cell(`${result.location.file}:${result.location.line}`)} | ${cell(result.message)} | ${cell(law)} |`;
  return [line];
}

/** The lines from the first on that there is room for, which they take. */
function fitting(lines: readonly string[], room: { octets: number }): string[] {
  const end = lines.findIndex((line) => {
    room.octets -= Buffer.byteLength(line) + 1;
    return room.octets < 0;
  });
  return end === -1 ? [...lines] : lines.slice(0, end);
}

function leftOut(count: number): string[] {
  return count > 0 ? ["", `${count} more are left out here.`] : [];
}

/** Markdown for a step summary, a merge request or a ticket. */
export function renderMarkdown(report: Report, { outcome, verbose, filters }: ReportContext): string {
  const counts = report.editions.map(({ id, status, statusAsOf }) => {
    const of = (verdict: Result["verdict"]): number =>
      report.results.filter((result) => result.edition === id && result.verdict === verdict).length;
    return `| ${id} (${status}, as of ${statusAsOf}) | ${of("fail")} | ${of("unknown")} | ${of("excepted")} | ${of("pass")} | ${of("not-applicable")} |`;
  });
  const told = report.results.filter((result) => verbose || isTold(result));
  const shown = acrossEditions(told.toSorted(worstFirst(report)));
  const room = { octets: mostOctets };
  const unread = fitting(
    report.diagnostics.map(({ level, code, message, location }) => {
      const place = location === undefined ? "" : `${location.file}:${location.line}: `;
      return `- **${level}** ${cell(`${place}${message}`)} (\`${code}\`)`;
    }),
    room,
  );
  const rows = fitting(
    shown.flatMap((results) => row(results, report)),
    room,
  );
  return [
    "# hipaa-check",
    "",
    `Exit ${outcome.exitCode}: ${outcome.words}.`,
    "",
    ...filters.flatMap((words) => [`Narrowed: ${cell(words)}`, ""]),
    "| edition | fail | could not tell | excepted | pass | not applicable |",
    "| --- | --- | --- | --- | --- | --- |",
    ...counts,
    "",
    ...(rows.length === 0
      ? []
      : [
          "| verdict | severity | rule | place | what | paragraphs |",
          "| --- | --- | --- | --- | --- | --- |",
          ...rows,
          ...leftOut(shown.length - rows.length),
          "",
        ]),
    ...(unread.length === 0
      ? []
      : [
          "## Not judged, or to be known",
          "",
          ...unread,
          ...leftOut(report.diagnostics.length - unread.length),
          "",
        ]),
    ...report.notLookedAt.map(({ reason, count }) => `- not looked at: ${count}, ${cell(reason)}`),
    ...(report.notLookedAt.length === 0 ? [] : [""]),
    report.disclaimer,
    "",
  ].join("\n");
}
