import { uuidOfUrl } from "#base/uuid.ts";
import type { Report, Result } from "#engine/result.ts";

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
  const proposed = new Set(report.editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  return report.results.filter(
    ({ verdict, edition, known }) => verdict === "fail" && known !== true && !proposed.has(edition),
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

/** GitLab's SAST report, version 15: shown as vulnerabilities. It has no time of its own, so that equal runs give equal reports. */
export function renderGitlabSast(report: Report): string {
  const vendor = { name: "hipaa-check" };
  const tool = { id: "hipaa-check", name: "hipaa-check", version: report.tool.version, vendor };
  const epoch = "1970-01-01T00:00:00";
  const vulnerabilities = failures(report).map((result) => ({
    id: uuidOfUrl(`https://hipaa-check.dev/finding/${result.fingerprint}`),
    name: result.title,
    description: `${result.message}\n\n${result.why}\n\n${law(result)}`,
    severity: severities[result.severity],
    solution: result.remedy,
    identifiers: [
      {
        type: "hipaa_check_rule",
        name: result.rule,
        value: result.rule,
        url: `https://hipaa-check.dev/${result.documentation}`,
      },
      ...result.controls.map(({ citation }) => ({
        type: "cfr",
        name: `45 CFR ${citation}`,
        value: citation,
      })),
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
    start_time: epoch,
    end_time: epoch,
    status: report.summary.errors === 0 ? "success" : "failure",
  };
  return `${JSON.stringify({ version: "15.2.1", scan, vulnerabilities }, undefined, 2)}\n`;
}
