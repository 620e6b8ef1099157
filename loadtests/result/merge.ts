import { usage } from "../error.ts";
import { type Histogram, type Latency, latencyOf, mergeHistograms } from "../measure/histogram.ts";
import type { LoadReport, MessageCounts, Rates, Second } from "./report.ts";

function addCounts(counts: readonly MessageCounts[]): MessageCounts {
  const sum = (read: (each: MessageCounts) => number): number =>
    counts.reduce((total, each) => total + read(each), 0);
  const arrivals = (read: (each: MessageCounts) => number | null): number | null =>
    counts.some((each) => read(each) === null) ? null : sum((each) => read(each) ?? 0);
  return {
    attempted: sum(({ attempted }) => attempted),
    accepted: sum(({ accepted }) => accepted),
    delivered: arrivals(({ delivered }) => delivered),
    lost: arrivals(({ lost }) => lost),
    duplicated: arrivals(({ duplicated }) => duplicated),
    refused: sum(({ refused }) => refused),
    plaintext: sum(({ plaintext }) => plaintext),
  };
}

function addRates(rates: readonly Rates[]): Rates {
  const sum = (read: (each: Rates) => number): number =>
    Math.round(rates.reduce((total, each) => total + read(each), 0) * 100) / 100;
  const inView = rates.every(({ delivered }) => delivered !== null);
  return {
    offered: sum(({ offered }) => offered),
    accepted: sum(({ accepted }) => accepted),
    delivered: inView ? sum(({ delivered }) => delivered ?? 0) : null,
  };
}

/** Counts of equal seconds add up. A percentile of a second cannot be put together from others, so there is none. */
function addTimelines(reports: readonly LoadReport[]): Second[] {
  const seconds = Map.groupBy(
    reports.flatMap(({ timeline }) => timeline),
    ({ second }) => second,
  );
  return [...seconds]
    .sort(([a], [b]) => a - b)
    .map(([second, own]): Second => {
      const sum = (read: (each: Second) => number | null): number =>
        own.reduce((total, each) => total + (read(each) ?? 0), 0);
      const inView = own.every(({ delivered }) => delivered !== null);
      return {
        second,
        offered: sum(({ offered }) => offered),
        accepted: sum(({ accepted }) => accepted),
        delivered: inView ? sum(({ delivered }) => delivered) : null,
        failed: sum(({ failed }) => failed),
        backlog: inView ? sum(({ backlog }) => backlog) : null,
        submitP50: null,
        submitP99: null,
        endToEndP50: null,
        endToEndP99: null,
      };
    });
}

/**
 * Reports of processes that shared one load, as one: counts and rates add up, percentiles are read from the joined histograms and
 * never averaged. Levels have to be held against the whole, so each part's own outcome is left out.
 * @throws LoadTestError where the parts are of different profiles
 */
export function mergeReports(reports: readonly LoadReport[]): LoadReport {
  const [first] = reports;
  if (first === undefined) throw usage("report-missing", "there is nothing to merge");
  const other = reports.find(
    ({ profile, target }) => profile.id !== first.profile.id || target.kind !== first.target.kind,
  );
  if (other !== undefined) {
    throw usage(
      "report-other-profile",
      `a part is of profile ${first.profile.id}, another of ${other.profile.id}: merge parts of one run`,
    );
  }
  const names = Object.keys(first.histograms);
  const histograms = Object.fromEntries(
    names.map((name): [string, Histogram] => [
      name,
      mergeHistograms(reports.flatMap((report) => report.histograms[name] ?? [])),
    ]),
  );
  const messages = addCounts(reports.map((report) => report.messages));
  const measuredLost = reports
    .flatMap(({ scenarios }) => scenarios)
    .reduce((sum, scenario) => sum + (scenario.messages.lost ?? 0), 0);
  const latency = (name: string, lost = 0): Latency =>
    latencyOf(histograms[name] ?? mergeHistograms([]), lost);
  const inView = reports.every(({ latencyMs }) => latencyMs.endToEnd !== null);
  const gates = reports.flatMap(({ run, validity }) =>
    validity.gates.map((gate) => ({ ...gate, id: `${gate.id} (${run})` })),
  );
  const valid = gates.every(({ ok }) => ok);
  const failures = Map.groupBy(
    reports.flatMap((report) => report.failures),
    ({ phase, kind, code, enhanced, text }) => JSON.stringify([phase, kind, code, enhanced, text]),
  );
  return {
    ...first,
    run: reports.map(({ run }) => run).join("+"),
    verdict: valid ? "undecided" : "invalid",
    validity: { valid, gates },
    levels: first.levels.map((level) => ({
      ...level,
      met: null,
      measured: "see the joined figures",
      reason: "each part saw a share of the load only",
    })),
    rates: addRates(reports.map(({ rates }) => rates)),
    messages,
    latencyMs: {
      submit: latency("submit"),
      accept: latency("accept"),
      delivery: inView ? latency("delivery", measuredLost) : null,
      endToEnd: inView ? latency("endToEnd", measuredLost) : null,
    },
    phases: Object.fromEntries(Object.keys(first.phases).map((name) => [name, latency(name)])),
    scenarios: [],
    failures: [...failures.values()].flatMap(([failure, ...more]) =>
      failure === undefined
        ? []
        : [{ ...failure, count: [failure, ...more].reduce((sum, { count }) => sum + count, 0) }],
    ),
    timeline: addTimelines(reports),
    knee: null,
    notes: [
      `Joined from ${reports.length} reports: ${reports.map(({ run }) => run).join(", ")}.`,
      ...new Set(reports.flatMap(({ notes }) => notes)),
    ],
    histograms,
    facts: null,
  };
}
