import type { Json } from "#base/value.ts";
import { type LoadTimeline, timeCharts } from "#cli/reporters/loadtest/charts.ts";
import { isProposed, type ReportContext } from "#cli/reporters/reporter.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlTable, htmlTiles } from "#cli/ui/page.ts";
import type { Report } from "#engine/result.ts";
import type { StatedFact } from "#facts/facts-file.ts";
import { statedFacts, statedValue } from "./stated-facts.ts";
import { verdictHtml, verdictWords } from "./verdicts.ts";

/** Service levels, figures and pictures of load runs, where some were made. */
export function loadRuns(report: Report, context: ReportContext): string {
  const [first] = report.editions;
  const levels = report.results.filter(
    ({ fact, edition }) => fact.kind === "load.level" && edition === first?.id,
  );
  const runs = statedFacts(report, context, "load.run");
  if (levels.length + runs.length === 0) return "";
  const stated = new Map(statedFacts(report, context, "load.level").map((fact) => [fact.id, fact]));
  const rows = levels.map((result) => {
    const fact = stated.get(result.fact.id);
    const words = (name: string): string => {
      const value = fact === undefined ? undefined : statedValue(fact, name);
      return typeof value === "string" ? escapeHtml(value) : "–";
    };
    const cell = verdictHtml(
      result.verdict,
      verdictWords(result.verdict, first !== undefined && isProposed(report, first.id)),
    );
    return [escapeHtml(result.fact.id), cell, words("measured"), words("limit")];
  });
  return [
    "<h2>Under load</h2>",
    ...(rows.length === 0
      ? []
      : [
          htmlTable("service levels", ["service level", "result", "measured", "demanded"], rows, [], {
            stacked: true,
          }),
        ]),
    ...runs.map(runHtml),
  ].join("");
}

const figures: Readonly<Record<string, string>> = {
  "rate.offered": "offered a second",
  "rate.accepted": "accepted a second",
  "rate.delivered": "delivered a second",
  "messages.attempted": "tried",
  "messages.refused": "refused",
  "messages.lost": "lost",
  "messages.duplicated": "doubled",
  "messages.plaintext": "in clear text",
};

function runHtml(run: StatedFact): string {
  const cells = Object.entries(figures).map(([name, title]): [string, string] => {
    const value = statedValue(run, name);
    return [title, value === undefined ? "–" : escapeHtml(String(value))];
  });
  const invalid =
    statedValue(run, "valid") === true
      ? ""
      : '<p class="open">! INVALID: the figures of this run cannot be trusted.</p>';
  const timeline = timelineOf(statedValue(run, "timeline"));
  return [
    `<h3>${escapeHtml(run.id)}</h3>`,
    invalid,
    htmlTiles(cells),
    timeline === undefined ? "" : timeCharts(timeline),
  ].join("");
}

/** The run over time; undefined where a facts file has none. */
function timelineOf(value: Json | undefined): LoadTimeline | undefined {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value))
    return undefined;
  const lists = value as Readonly<Record<string, Json | undefined>>;
  const at = (name: string, index: number): number | null => {
    const list = lists[name];
    const figure = Array.isArray(list) ? list[index] : undefined;
    return typeof figure === "number" ? figure : null;
  };
  const seconds = Array.isArray(lists.second) ? lists.second : [];
  const timeline = seconds.map((_, index) => ({
    second: at("second", index) ?? index,
    offered: at("offered", index) ?? 0,
    accepted: at("accepted", index) ?? 0,
    delivered: at("delivered", index),
    backlog: at("backlog", index),
    submitP50: at("submitP50", index),
    submitP99: at("submitP99", index),
    endToEndP50: at("endToEndP50", index),
    endToEndP99: at("endToEndP99", index),
  }));
  if (timeline.length === 0) return undefined;
  const warmupSeconds = typeof lists.warmupSeconds === "number" ? lists.warmupSeconds : 0;
  return { timeline, warmupSeconds, inView: timeline.some(({ delivered }) => delivered !== null) };
}
