import { isProposed, type ReportContext, verdictOrder, worstFirst } from "#cli/reporters/reporter.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlTable } from "#cli/ui/page.ts";
import { counted } from "#cli/ui/text.ts";
import type { Report } from "#engine/result.ts";
import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";
import type { Edition } from "#policy/edition.ts";
import { resultAnchor } from "./result.ts";
import { verdictWords } from "./verdicts.ts";

const mostLinks = 40;

/** The answer in one line. Nothing that was left open is green. */
export function verdictLine(report: Report): string {
  const { results, summary } = report;
  if (results.length === 0) return '<p class="verdict open">? Nothing was judged.</p>';
  const binding = results.filter(({ edition }) => !isProposed(report, edition));
  const failing = binding.filter(({ verdict }) => verdict === "fail").length;
  const unknown = binding.filter(({ verdict }) => verdict === "unknown").length;
  const open = [
    ...(unknown > 0 ? [`${counted(unknown, "result")} could not be told`] : []),
    ...(summary.errors > 0 ? [`${counted(summary.errors, "input")} could not be judged`] : []),
  ];
  const rest = open.length === 0 ? "" : ` ${open.join("; ")}.`;
  if (failing > 0) {
    const words = failing === 1 ? "1 result fails" : `${failing} results fail`;
    return `<p class="verdict bad">✗ ${words}.${rest}</p>`;
  }
  if (open.length > 0) return `<p class="verdict open">? Nothing fails.${rest}</p>`;
  if (binding.length === 0)
    return '<p class="verdict open">Only editions that are proposed were judged: they bind nobody.</p>';
  return '<p class="verdict good">✓ Nothing fails.</p>';
}

/** How many of each verdict there are under each edition: narrow enough for a phone. */
export function overview(report: Report, context: ReportContext): string {
  const heads = report.editions.map(
    ({ id, status, statusAsOf }) =>
      `${escapeHtml(id)} <span class="quiet">(${status}, as of <span class="whole">${statusAsOf}</span>)</span>`,
  );
  const rows = verdictOrder.map((verdict) => [
    verdict === "fail" ? "fail, or would not meet" : verdictWords(verdict, false),
    ...report.editions.map(({ id }) =>
      String(report.results.filter((each) => each.edition === id && each.verdict === verdict).length),
    ),
  ]);
  const { files, facts, errors } = report.summary;
  return [
    htmlTable(
      "results by edition",
      ["verdict", ...heads],
      rows,
      heads.map((_, index) => index + 1),
    ),
    `<p>${escapeHtml(context.outcome.words)}. ${counted(files, "file")} were looked at and gave ${counted(facts, "fact")}; ${counted(errors, "error")}.</p>`,
    ...context.filters.map((words) => `<p class="open">Narrowed: ${escapeHtml(words)}</p>`),
  ].join("");
}

const missingWords: Readonly<Record<EvidenceKind, string>> = {
  static: "no configuration or code was read",
  probe: "nothing was put to the test on the wire",
  load: "nothing was measured under load",
  record: "no record or statement was given",
};

/** What the verdicts do not speak of: files, kinds of evidence, and lines of each edition. */
export function notLookedAt(report: Report, editions: readonly Edition[]): string {
  const unread = report.diagnostics.map(({ level, message, location }) => {
    const place =
      location === undefined ? "" : `<code>${escapeHtml(`${location.file}:${location.line}`)}</code> `;
    return `<li class="${level === "error" ? "bad" : "open"}">${level}: ${place}${escapeHtml(message)}</li>`;
  });
  const ignored = report.notLookedAt.map(
    ({ reason, count, examples }) =>
      `<li>${count}: ${escapeHtml(reason)} <span class="quiet">(${escapeHtml(examples.join(", "))}${count > examples.length ? ", …" : ""})</span></li>`,
  );
  const missing = evidenceKinds
    .filter((kind) => !report.results.some(({ evidence }) => evidence === kind))
    .map((kind) => `<li>${missingWords[kind]}</li>`);
  const lines = editions.map((edition) => {
    const judged = new Set(
      report.results
        .filter(({ edition: id }) => id === edition.id)
        .flatMap(({ controls }) => controls.map(({ citation }) => citation)),
    );
    const without = edition.controls.filter(({ citation }) => !judged.has(citation));
    const groups = [...Map.groupBy(without, ({ safeguard }) => safeguard)].map(
      ([safeguard, own]) => `${escapeHtml(safeguard)} ${own.length}`,
    );
    const words = groups.length === 0 ? "" : ` <span class="quiet">(${groups.join(", ")})</span>`;
    return `<li>${escapeHtml(edition.id)}: ${without.length} of ${edition.controls.length} lines have no evidence here${words}</li>`;
  });
  return `<h2>What was not looked at, or could not be judged</h2><ul>${[...unread, ...ignored, ...missing, ...lines].join("")}</ul>`;
}

/** Links to what fails, the worst of it; the rest is counted. */
export function whatFails(report: Report): string {
  const failing = report.results.filter(({ verdict }) => verdict === "fail").toSorted(worstFirst(report));
  if (failing.length === 0) return "";
  const links = failing
    .slice(0, mostLinks)
    .map(
      (result) =>
        `<li><a href="#${resultAnchor(result)}">${escapeHtml(result.rule)}</a> <code>${escapeHtml(`${result.location.file}:${result.location.line}`)}</code> <span class="quiet">${result.severity}, ${escapeHtml(result.edition)}</span></li>`,
    );
  const left = failing.length - links.length;
  return `<h2>What fails, or would not meet</h2><ul>${links.join("")}${left > 0 ? `<li>${left} more, below</li>` : ""}</ul>`;
}
