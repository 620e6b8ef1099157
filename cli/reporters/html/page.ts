import {
  acrossEditions,
  isProposed,
  isTold,
  type ReportContext,
  worstFirst,
} from "#cli/reporters/reporter.ts";
import { codeFrame } from "#cli/ui/code-frame.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlPage } from "#cli/ui/page.ts";
import { bare } from "#cli/ui/style.ts";
import type { Report, Result } from "#engine/result.ts";
import { matrix, safeguards } from "./editions.ts";
import { loadRuns } from "./load-runs.ts";
import { notLookedAt, overview, verdictLine, whatFails } from "./overview.ts";
import { probeMatrix } from "./probe-matrix.ts";
import { resultHtml } from "./result.ts";
import { verdictHtml, verdictWords } from "./verdicts.ts";

function findings(report: Report, context: ReportContext): string {
  const shown = report.results.filter(isTold).toSorted(worstFirst(report));
  if (shown.length === 0) return "<p>None.</p>";
  return acrossEditions(shown)
    .map((results) => findingHtml(results, report, context))
    .join("");
}

function findingHtml(results: readonly Result[], report: Report, { secrets, read }: ReportContext): string {
  const [result] = results;
  if (result === undefined) return "";
  const { verdict, location } = result;
  const own = secrets.filter(({ file }) => file === location.file);
  const frame = codeFrame(read(location.file), location, own, { style: bare, columns: 110 });
  const words = new Set(results.map(({ edition }) => verdictWords(verdict, isProposed(report, edition))));
  const known = results.some((each) => each.known === true) ? ", known from the baseline" : "";
  const mark = verdictHtml(verdict, `${[...words].join(", ")}${known}`);
  return resultHtml(results, mark, frame);
}

/** "2026-11-25 09:46 UTC" */
function minuteWords(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** One self-contained page: read on a screen of any width, or on paper. */
export function renderHtml(report: Report, context: ReportContext): string {
  const editions = report.editions.flatMap(
    ({ id }) => context.editions.find((edition) => edition.id === id) ?? [],
  );
  const body = [
    `<p class="quiet">hipaa-check ${escapeHtml(report.tool.version)} · <time datetime="${context.time}">${minuteWords(context.time)}</time></p>`,
    "<h1>Compliance report</h1>",
    verdictLine(report),
    `<p class="quiet">${escapeHtml(report.disclaimer)}</p>`,
    overview(report, context),
    notLookedAt(report, editions),
    whatFails(report),
    "<h2>By edition</h2>",
    ...editions.flatMap((edition) => [safeguards(report, edition), matrix(report, edition)]),
    probeMatrix(report, context),
    loadRuns(report, context),
    "<h2>Findings</h2>",
    findings(report, context),
  ];
  return htmlPage("hipaa-check report", body.join("\n"));
}
