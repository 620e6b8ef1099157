import type { Report, Result } from "#engine/result.ts";

const columns: Readonly<Record<string, (result: Result) => string>> = {
  edition: ({ edition }) => edition,
  verdict: ({ verdict }) => verdict,
  severity: ({ severity }) => severity,
  rule: ({ rule }) => rule,
  title: ({ title }) => title,
  fact: ({ fact }) => fact.id,
  kind: ({ fact }) => fact.kind,
  file: ({ location }) => location.file,
  line: ({ location }) => String(location.line),
  message: ({ message }) => message,
  expected: ({ expected }) => expected,
  actual: ({ actual }) => actual,
  paragraphs: ({ controls }) =>
    controls.map(({ citation, designation }) => `${citation} (${designation})`).join("; "),
  requirements: ({ requirements }) => requirements.join(" "),
  decision: ({ decision }) => (decision === undefined ? "" : `${decision.id} until ${decision.until}`),
  fingerprint: ({ fingerprint }) => fingerprint,
  known: ({ known }) => (known === true ? "yes" : ""),
};

/** A text that a spreadsheet takes as text: not as a formula, whatever it begins with. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Every result as a line of a table (RFC 4180). */
export function renderCsv(report: Report): string {
  const rows = report.results.map((result) => Object.values(columns).map((read) => cell(read(result))));
  return [Object.keys(columns), ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}
