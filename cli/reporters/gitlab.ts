import { uuidOfUrl } from "#base/uuid.ts";
import { escapeMarkdown } from "#cli/ui/markdown.ts";
import type { Report, Result } from "#engine/result.ts";
import { isProposed, type ReportContext } from "./reporter.ts";

const grades: Readonly<Record<Result["severity"], string>> = {
  critical: "critical",
  high: "major",
  medium: "minor",
  low: "info",
};

const severities: Readonly<Record<Result["severity"], string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};

/** Failures that count: not those of a proposed edition, nor known ones. */
function failures(report: Report): Result[] {
  return report.results.filter(
    ({ verdict, edition, known }) => verdict === "fail" && known !== true && !isProposed(report, edition),
  );
}

function law({ controls }: Result): string {
  return controls.map(({ citation, title }) => `${citation} ${title}`).join("; ");
}

/** GitLab Code Quality: shown in the changes of a merge request. */
export function renderGitlabCodeQuality(report: Report): string {
  const issues = failures(report).map((result) => ({
    description: `${result.message} ${law(result)}`.trim(),
    check_name: result.rule,
    fingerprint: result.fingerprint,
    severity: grades[result.severity],
    location: {
      path: result.location.file,
      lines: { begin: result.location.line, end: result.location.endLine },
    },
  }));
  return `${JSON.stringify(issues, undefined, 2)}\n`;
}

/** No longer than GitLab takes; what is cut off is marked. */
function within(most: number, text: string): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}

/** What could not be judged or told: it is missing here, and not fixed. */
function messages({ diagnostics, summary }: Report) {
  const open =
    summary.unknown === 0 ? [] : [{ level: "warn", value: `${summary.unknown} results could not be told` }];
  return [
    ...diagnostics.map(({ level, message, location }) => ({
      level: level === "error" ? "warn" : "info",
      value: location === undefined ? message : `${location.file}:${location.line}: ${message}`,
    })),
    ...open,
  ];
}

/** GitLab's SAST report, version 15.2.1: shown as vulnerabilities. */
export function renderGitlabSast(report: Report, { time }: ReportContext): string {
  const vendor = { name: "hipaa-check" };
  const tool = { id: "hipaa-check", name: "hipaa-check", version: report.tool.version, vendor };
  // What an organisation demands of itself is no law.
  const own = new Set(report.editions.filter(({ status }) => status === "organisation").map(({ id }) => id));
  const vulnerabilities = failures(report).map((result) => ({
    id: uuidOfUrl(`https://hipaa-check.dev/finding/${result.fingerprint}`),
    name: within(255, result.title),
    description: within(1_048_576, escapeMarkdown(`${result.message}\n\n${result.why}\n\n${law(result)}`)),
    severity: severities[result.severity],
    solution: within(7000, result.remedy),
    identifiers: [
      {
        type: "hipaa_check_rule",
        name: result.rule,
        value: result.rule,
        url: `https://hipaa-check.dev/${result.documentation}`,
      },
      ...result.controls.map(({ edition, citation }) =>
        own.has(edition)
          ? { type: "hipaa_check_edition", name: `${edition} ${citation}`, value: citation }
          : { type: "cfr", name: `45 CFR ${citation}`, value: citation },
      ),
    ],
    location: {
      file: result.location.file,
      start_line: result.location.line,
      end_line: result.location.endLine,
    },
  }));
  const scan = {
    analyzer: tool,
    scanner: tool,
    type: "sast",
    start_time: time.slice(0, 19),
    end_time: time.slice(0, 19),
    status: report.summary.errors === 0 ? "success" : "failure",
    messages: messages(report),
  };
  return `${JSON.stringify({ version: "15.2.1", scan, vulnerabilities }, undefined, 2)}\n`;
}
