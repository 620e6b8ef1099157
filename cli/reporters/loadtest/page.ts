import { escapeHtml } from "#cli/ui/html.ts";
import { htmlPage, htmlTable, htmlTiles } from "#cli/ui/page.ts";
import { lineChart } from "#cli/ui/svg-chart.ts";
import type { Histogram, Latency, LoadReport } from "#loadtests/index.ts";
import { timeCharts } from "./charts.ts";
import { replyWords } from "./failure.ts";

const looks: Readonly<Record<LoadReport["verdict"], { readonly look: string; readonly words: string }>> = {
  met: { look: "good", words: "✓ The service levels are met." },
  "not-met": { look: "bad", words: "✗ The service levels are not met." },
  undecided: { look: "open", words: "? A service level could not be told." },
  invalid: { look: "open", words: "! INVALID: the figures cannot be trusted." },
};

function cell(value: number | null): string {
  return value === null ? "–" : String(value);
}

function mark(met: boolean | null): string {
  if (met === null) return '<span class="open">? could not tell</span>';
  return met ? '<span class="good">✓ yes</span>' : '<span class="bad">✗ no</span>';
}

function latencyTable(name: string, rows: readonly (readonly [string, Latency | null])[]): string {
  return htmlTable(
    name,
    ["milliseconds", "p50", "p90", "p95", "p99", "p99.9", "max", "messages"],
    rows.map(([title, latency]) =>
      latency === null
        ? [escapeHtml(title), ...Array.from({ length: 7 }, () => "–")]
        : [
            escapeHtml(title),
            ...[
              latency.p50,
              latency.p90,
              latency.p95,
              latency.p99,
              latency.p999,
              latency.max,
              latency.count,
            ].map(cell),
          ],
    ),
    [1, 2, 3, 4, 5, 6, 7],
    { spare: [2, 5, 7] },
  );
}

/** Share of messages that took longer, against time: `nines` counts the nines of the percentile. */
function percentileCurve({ buckets, count }: Histogram, lost: number): (readonly [number, number | null])[] {
  const points: (readonly [number, number | null])[] = [];
  let counted = 0;
  for (const [upper, each] of buckets) {
    counted += each;
    const above = 1 - counted / (count + lost);
    const nines = above <= 0 ? Math.log10(count + lost) : -Math.log10(above);
    points.push([nines, upper / 1000]);
  }
  return points;
}

const nineWords: Readonly<Record<number, string>> = {
  0: "0 %",
  1: "90 %",
  2: "99 %",
  3: "99.9 %",
  4: "99.99 %",
  5: "99.999 %",
};

function charts(report: LoadReport): string {
  const { timeline, warmupSeconds, histograms, messages } = report;
  const inView = report.latencyMs.endToEnd !== null;
  const curves = [
    { name: "submit", look: "two", histogram: histograms.submit, lost: 0 },
    { name: "end to end", look: "one", histogram: histograms.endToEnd, lost: messages.lost ?? 0 },
  ].flatMap(({ name, look, histogram, lost }) =>
    histogram === undefined || histogram.count === 0
      ? []
      : [{ name, look, points: percentileCurve(histogram, lost) }],
  );
  const highest = Math.max(1, ...curves.flatMap(({ points }) => points.map(([x]) => x)));
  const percentiles = lineChart({
    title: "Latency by percentile",
    xTitle: "share of messages that were at least as fast",
    yTitle: "milliseconds",
    isLog: true,
    series: curves,
    xTicks: Object.keys(nineWords)
      .map(Number)
      .filter((nines) => nines <= highest),
    xLabel: (nines) => nineWords[nines] ?? "",
  });
  return [
    timeCharts({ timeline, warmupSeconds, inView }),
    "<h3>Latency by percentile, milliseconds</h3>",
    percentiles,
  ].join("");
}

/** One self-contained page with pictures, for screens and paper. */
export function renderLoadPage(report: LoadReport): string {
  const { profile, target, latencyMs, validity, levels, rates, messages, knee } = report;
  const { look, words } = looks[report.verdict];
  const broken = validity.gates.filter(({ ok }) => !ok);
  const body = [
    `<p class="quiet">hipaa-check load test · run ${escapeHtml(report.run)} · ${escapeHtml(report.startedAt)}</p>`,
    `<h1>${escapeHtml(profile.title)}</h1>`,
    `<p>Profile <code>${escapeHtml(profile.id)}</code> against ${escapeHtml(target.name)}.</p>`,
    `<p class="verdict ${look}">${words}</p>`,
    ...broken.map(
      (gate) =>
        `<p class="open"><strong>${escapeHtml(gate.id)}</strong>: ${escapeHtml(gate.measured)}; allowed: ${escapeHtml(gate.limit)}. ${escapeHtml(gate.advice)}</p>`,
    ),
    ...report.notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    "<h2>Service levels</h2>",
    htmlTable(
      "service levels",
      ["level", "met", "measured", "demanded", "requirements"],
      levels.map((level) => [
        escapeHtml(level.title),
        mark(level.met),
        escapeHtml(level.reason === "" ? level.measured : `${level.measured}: ${level.reason}`),
        escapeHtml(level.limit),
        escapeHtml(level.requirements.join(", ")),
      ]),
      [],
      { stacked: true },
    ),
    "<h2>Rates and counts</h2>",
    htmlTiles([
      ["offered a second", cell(rates.offered)],
      ["accepted a second", cell(rates.accepted)],
      ["delivered a second", cell(rates.delivered)],
    ]),
    htmlTiles([
      ["tried", cell(messages.attempted)],
      ["accepted", cell(messages.accepted)],
      ["refused", cell(messages.refused)],
      ["delivered", cell(messages.delivered)],
      ["lost", cell(messages.lost)],
      ["doubled", cell(messages.duplicated)],
      ["in clear text", cell(messages.plaintext)],
    ]),
    ...(knee === null
      ? []
      : [
          `<p>Knee: ${knee.rate === null ? "not even the first step was sustained" : `${knee.rate} messages a second were sustained`}${knee.reached ? "" : "; no step was too much"}.</p>`,
        ]),
    "<h2>Latency</h2>",
    "<p>Submit and end to end run from the moment at which a message was <em>to be</em> sent. Lost messages count as infinitely late.</p>",
    latencyTable("latency", [
      ["submit", latencyMs.submit],
      ["accept", latencyMs.accept],
      ["delivery", latencyMs.delivery],
      ["end to end", latencyMs.endToEnd],
    ]),
    charts(report),
    ...(report.scenarios.length > 1
      ? [
          "<h3>By scenario</h3>",
          latencyTable(
            "latency by scenario",
            report.scenarios.flatMap(
              (scenario) =>
                [
                  [`${scenario.id}, accept`, scenario.latencyMs.accept],
                  [`${scenario.id}, end to end`, scenario.latencyMs.endToEnd],
                ] as const,
            ),
          ),
        ]
      : []),
    "<h2>Phases</h2>",
    latencyTable(
      "phases",
      Object.entries(report.phases).filter(([, { count }]) => count > 0),
    ),
    ...(report.failures.length === 0
      ? []
      : [
          "<h2>Failures</h2>",
          htmlTable(
            "failures",
            ["count", "kind", "phase", "reply"],
            report.failures.map((failure) => [
              String(failure.count),
              escapeHtml(failure.kind),
              escapeHtml(failure.phase),
              escapeHtml(replyWords(failure)),
            ]),
            [0],
          ),
        ]),
    "<h2>Can the figures be trusted?</h2>",
    htmlTable(
      "gates",
      ["gate", "holds", "measured", "allowed"],
      validity.gates.map((gate) => [
        escapeHtml(gate.id),
        mark(gate.ok),
        escapeHtml(gate.measured),
        escapeHtml(gate.limit),
      ]),
      [],
      { stacked: true },
    ),
    "<h2>Environment</h2>",
    `<dl>${Object.entries(report.environment)
      .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
      .join("")}</dl>`,
  ];
  return htmlPage(`${profile.id} at ${target.name}: ${report.verdict}`, body.join("\n"));
}
