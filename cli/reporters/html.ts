import { codeFrame } from "#cli/ui/code-frame.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlPage, htmlTable } from "#cli/ui/page.ts";
import { bare } from "#cli/ui/style.ts";
import type { Report, Result, Verdict } from "#engine/result.ts";
import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";
import { type Control, type Edition, isVerified } from "#policy/edition.ts";
import { resultAnchor, resultHtml } from "./html-result.ts";
import type { ReportContext } from "./reporter.ts";

const kindWords: Readonly<Record<EvidenceKind, string>> = {
  static: "configured",
  probe: "on the wire",
  load: "under load",
  record: "on record",
};

const order: readonly Verdict[] = ["fail", "unknown", "excepted", "pass", "not-applicable"];

/** The worst of several verdicts; undefined where there is none. */
function worst(results: readonly Result[]): Verdict | undefined {
  return order.find((verdict) => results.some((result) => result.verdict === verdict));
}

function words(verdict: Verdict, proposed: boolean): string {
  if (verdict === "fail") return proposed ? "would not meet" : "fail";
  return {
    unknown: "could not tell",
    excepted: "excepted",
    pass: "pass",
    "not-applicable": "not applicable",
  }[verdict];
}

const looks: Readonly<Record<Verdict, string>> = {
  fail: "bad",
  unknown: "open",
  excepted: "open",
  pass: "good",
  "not-applicable": "quiet",
};

const marks: Readonly<Record<Verdict, string>> = {
  fail: "✗",
  unknown: "?",
  excepted: "○",
  pass: "✓",
  "not-applicable": "–",
};

function verdictCell(results: readonly Result[], proposed: boolean): string {
  const verdict = worst(results);
  if (verdict === undefined) return '<span class="quiet">no evidence</span>';
  const counts = order
    .map((each) => [each, results.filter((result) => result.verdict === each).length] as const)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `${count} ${words(each, proposed)}`);
  return `<span class="${looks[verdict]}">${marks[verdict]}</span> ${counts.join(", ")}`;
}

function isProposed(report: Report, edition: string): boolean {
  return report.editions.find(({ id }) => id === edition)?.status === "proposed";
}

function overview(report: Report, context: ReportContext): string {
  const rows = report.editions.map(({ id, title, status, statusAsOf }) => {
    const own = report.results.filter(({ edition }) => edition === id);
    const count = (verdict: Verdict): string =>
      String(own.filter((result) => result.verdict === verdict).length);
    return [
      `<strong>${escapeHtml(id)}</strong> ${escapeHtml(title)} <span class="quiet">(${status}, as of ${statusAsOf})</span>`,
      ...order.map(count),
    ];
  });
  const heads = ["edition", "fail or would not meet", "could not tell", "excepted", "pass", "not applicable"];
  const { files, facts, errors } = report.summary;
  const unread = report.diagnostics.map(({ level, message, location }) => {
    const place =
      location === undefined ? "" : `<code>${escapeHtml(`${location.file}:${location.line}`)}</code> `;
    return `<li class="${level === "error" ? "bad" : "open"}">${level}: ${place}${escapeHtml(message)}</li>`;
  });
  const ignored = report.notLookedAt.map(
    ({ reason, count, examples }) =>
      `<li>${count}: ${escapeHtml(reason)} <span class="quiet">(${escapeHtml(examples.join(", "))}${count > examples.length ? ", …" : ""})</span></li>`,
  );
  return [
    htmlTable(heads, rows, [1, 2, 3, 4, 5]),
    `<p>${escapeHtml(context.outcome.words)}. ${files} files were looked at and gave ${facts} facts; ${errors} errors.</p>`,
    "<h2>What was not looked at, or could not be judged</h2>",
    ignored.length + unread.length === 0
      ? "<p>Nothing: every file that was met was judged.</p>"
      : `<ul>${[...unread, ...ignored].join("")}</ul>`,
  ].join("");
}

function safeguards(report: Report, edition: Edition): string {
  const proposed = edition.status === "proposed";
  const own = report.results.filter((result) => result.edition === edition.id);
  const bearing = (control: Control): Result[] =>
    own.filter(({ controls }) => controls.some(({ citation }) => citation === control.citation));
  const groups = [...Map.groupBy(edition.controls, ({ safeguard }) => safeguard)];
  const rows = groups.map(([safeguard, controls]) => {
    const judged = controls.filter((control) => bearing(control).length > 0);
    return [
      escapeHtml(safeguard),
      String(controls.length),
      String(judged.length),
      verdictCell(judged.flatMap(bearing), proposed),
    ];
  });
  return `<h3>${escapeHtml(edition.id)}: by safeguard</h3>${htmlTable(["safeguard", "lines", "with evidence", "results"], rows, [1, 2])}`;
}

function matrix(report: Report, edition: Edition): string {
  const proposed = edition.status === "proposed";
  const own = report.results.filter((result) => result.edition === edition.id);
  const rows = edition.controls.flatMap((control) => {
    const results = own.filter(({ controls }) =>
      controls.some(({ citation }) => citation === control.citation),
    );
    if (results.length === 0) return [];
    const doubt = isVerified(control.verification)
      ? ""
      : ' <span class="open">(not verified against the text)</span>';
    const cells = evidenceKinds.map((kind) => {
      const of = results.filter(({ evidence }) => evidence === kind);
      return of.length === 0 ? '<span class="quiet">–</span>' : verdictCell(of, proposed);
    });
    return [
      [
        `<strong>${escapeHtml(control.citation)}</strong> ${escapeHtml(control.title)} <span class="quiet">(${control.designation})</span>${doubt}`,
        ...cells,
      ],
    ];
  });
  const without = edition.controls.length - rows.length;
  return [
    `<h3>${escapeHtml(edition.id)}: paragraph by kind of evidence</h3>`,
    htmlTable(["paragraph", ...evidenceKinds.map((kind) => kindWords[kind])], rows),
    `<p class="quiet">${without} lines of this edition have no evidence here.</p>`,
  ].join("");
}

/** What a sender did at each posture, where a probe was run. */
function postures(report: Report): string {
  const [first] = report.editions;
  const own = report.results.filter(
    ({ fact, edition }) => fact.kind === "probe.posture" && edition === first?.id,
  );
  if (own.length === 0) return "";
  const rows = [...Map.groupBy(own, ({ fact }) => fact.id)].map(([id, results]) => [
    escapeHtml(id),
    verdictCell(results, false),
    escapeHtml(results[0]?.actual ?? ""),
  ]);
  return `<h2>On the wire</h2>${htmlTable(["sender at posture", "results", "seen"], rows)}`;
}

/** Service levels held against load runs. */
function levels(report: Report): string {
  const [first] = report.editions;
  const own = report.results.filter(
    ({ fact, edition }) => fact.kind === "load.level" && edition === first?.id,
  );
  if (own.length === 0) return "";
  const rows = own.map((result) => [
    escapeHtml(result.fact.id),
    verdictCell([result], false),
    escapeHtml(result.message),
  ]);
  return `<h2>Under load</h2>${htmlTable(["service level", "result", "measured"], rows)}`;
}

function findings(report: Report, context: ReportContext): string {
  const shown = report.results
    .filter(({ verdict }) => verdict === "fail" || verdict === "unknown" || verdict === "excepted")
    .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  if (shown.length === 0) return "<p>None.</p>";
  return shown
    .map((result) => {
      const secrets = context.secrets.filter(({ file }) => file === result.location.file);
      const frame = codeFrame(context.read(result.location.file), result.location, secrets, {
        style: bare,
        columns: 110,
      });
      const verdict = words(result.verdict, isProposed(report, result.edition));
      return resultHtml(
        result,
        `<span class="${looks[result.verdict]}">${marks[result.verdict]} ${verdict}</span>`,
        frame,
      );
    })
    .join("");
}

/** One self-contained page: read on a screen of any width, or on paper. */
export function renderHtml(report: Report, context: ReportContext): string {
  const editions = report.editions.flatMap(
    ({ id }) => context.editions.find((edition) => edition.id === id) ?? [],
  );
  const failing = report.results.filter(
    ({ verdict, edition }) => verdict === "fail" && !isProposed(report, edition),
  ).length;
  const verdict =
    failing > 0
      ? `<p class="verdict bad">✗ ${failing} results fail.</p>`
      : '<p class="verdict good">✓ Nothing fails.</p>';
  const links = report.results
    .filter(({ verdict: each }) => each === "fail")
    .slice(0, 40)
    .map(
      (result) =>
        `<li><a href="#${resultAnchor(result)}">${escapeHtml(result.rule)}</a> <code>${escapeHtml(`${result.location.file}:${result.location.line}`)}</code> ${escapeHtml(result.edition)}</li>`,
    );
  const body = [
    `<p class="quiet">hipaa-check ${escapeHtml(report.tool.version)}</p>`,
    "<h1>Compliance report</h1>",
    verdict,
    `<p class="quiet">${escapeHtml(report.disclaimer)}</p>`,
    overview(report, context),
    ...(links.length === 0 ? [] : ["<h2>What fails</h2>", `<ul>${links.join("")}</ul>`]),
    "<h2>By edition</h2>",
    ...editions.flatMap((edition) => [safeguards(report, edition), matrix(report, edition)]),
    postures(report),
    levels(report),
    "<h2>Findings</h2>",
    findings(report, context),
  ];
  return htmlPage("hipaa-check report", body.join("\n"));
}
