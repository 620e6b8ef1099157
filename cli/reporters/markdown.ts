import type { Report, Result } from "#engine/result.ts";
import type { ReportContext } from "./reporter.ts";

/** A step summary of GitHub holds one megabyte; what is beyond is counted. */
const mostCharacters = 900_000;

function cell(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, "\\$&").replaceAll("\n", " ");
}

function row(result: Result, report: Report): string {
  const proposed = report.editions.find(({ id }) => id === result.edition)?.status === "proposed";
  const words = {
    fail: proposed ? "would not meet" : result.known === true ? "known" : "**fail**",
    unknown: "could not tell",
    excepted: `excepted (${result.decision?.id ?? ""})`,
    pass: "pass",
    "not-applicable": "not applicable",
  }[result.verdict];
  const law = result.controls.map(({ citation }) => citation).join(", ");
  return `| ${words} | ${result.severity} | \`${result.rule}\` | ${cell(`${result.location.file}:${result.location.line}`)} | ${cell(result.message)} | ${cell(law)} |`;
}

/** Markdown for a step summary, a merge request or a ticket. */
export function renderMarkdown(report: Report, { outcome, verbose }: ReportContext): string {
  const counts = report.editions.map(({ id, status, statusAsOf }) => {
    const of = (verdict: Result["verdict"]): number =>
      report.results.filter((result) => result.edition === id && result.verdict === verdict).length;
    return `| ${id} (${status}, as of ${statusAsOf}) | ${of("fail")} | ${of("unknown")} | ${of("excepted")} | ${of("pass")} | ${of("not-applicable")} |`;
  });
  const shown = report.results.filter(
    ({ verdict }) => verbose || verdict === "fail" || verdict === "unknown" || verdict === "excepted",
  );
  const rows: string[] = [];
  let length = 0;
  for (const result of shown) {
    const line = row(result, report);
    length += line.length + 1;
    if (length > mostCharacters) break;
    rows.push(line);
  }
  const left = shown.length - rows.length;
  const unread = report.diagnostics.map(({ level, code, message, location }) => {
    const place = location === undefined ? "" : `${location.file}:${location.line}: `;
    return `- **${level}** ${cell(`${place}${message}`)} (\`${code}\`)`;
  });
  return [
    "# hipaa-check",
    "",
    `Exit ${outcome.exitCode}: ${outcome.words}.`,
    "",
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
          ...(left > 0 ? ["", `${left} more are left out here.`] : []),
          "",
        ]),
    ...(unread.length === 0 ? [] : ["## Not judged, or to be known", "", ...unread, ""]),
    ...report.notLookedAt.map(({ reason, count }) => `- not looked at: ${count}, ${cell(reason)}`),
    ...(report.notLookedAt.length === 0 ? [] : [""]),
    report.disclaimer,
    "",
  ].join("\n");
}
