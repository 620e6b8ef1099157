import type { LoadReport } from "../result/report.ts";
import { mannWhitney } from "./mann-whitney.ts";

export const comparisonVerdicts = ["slower", "same", "faster", "cannot-tell"] as const;
export type ComparisonVerdict = (typeof comparisonVerdicts)[number];

/** One figure of two sets of runs, held against each other. */
export interface Comparison {
  /** `endToEnd p99`. */
  readonly figure: string;
  /** What was compared: one value a run, or one a second. */
  readonly by: "run" | "second";
  readonly medianBefore: number | null;
  readonly medianAfter: number | null;
  /** Two-sided, Mann-Whitney; null where there was too little. */
  readonly pValue: number | null;
  /** Cliff's delta: above zero, the second set is slower. */
  readonly effect: number | null;
  readonly verdict: ComparisonVerdict;
  readonly reason: string;
}

const fewestRuns = 4;
const fewestSeconds = 10;
const significance = 0.05;
/** Cliff's delta that is called a medium effect. */
const leastEffect = 0.33;
/** A difference below this share of the median matters to nobody. */
const leastChange = 0.1;

/** The middle moves with the machine by a few milliseconds, which nobody who waits for mail notices. */
const leastMedianChangeMs = 5;

interface Figure {
  readonly measure: "submit" | "endToEnd";
  /** The slowest say most to those who wait; the middle moves where all of them became slower, and is less at the mercy of chance. */
  readonly percentile: "p99" | "p50";
}

const bySecond = {
  submit: { p99: "submitP99", p50: "submitP50" },
  endToEnd: { p99: "endToEndP99", p50: "endToEndP50" },
} as const;

function runValues(reports: readonly LoadReport[], { measure, percentile }: Figure): number[] {
  return reports.flatMap(({ latencyMs }) => latencyMs[measure]?.[percentile] ?? []);
}

/** The percentile of each second of the measured part. */
function secondValues(reports: readonly LoadReport[], { measure, percentile }: Figure): number[] {
  const name = bySecond[measure][percentile];
  return reports.flatMap(({ timeline, warmupSeconds }) =>
    timeline.filter(({ second }) => second >= warmupSeconds).flatMap((second) => second[name] ?? []),
  );
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return Math.round(((low + high) / 2) * 1000) / 1000;
}

function compareFigure(
  before: readonly LoadReport[],
  after: readonly LoadReport[],
  figure: Figure,
): Comparison {
  const byRun = before.length >= fewestRuns && after.length >= fewestRuns;
  const read = byRun ? runValues : secondValues;
  const [a, b] = [read(before, figure), read(after, figure)];
  const [medianBefore, medianAfter] = [median(a), median(b)];
  const base = {
    figure: `${figure.measure} ${figure.percentile}`,
    by: byRun ? ("run" as const) : ("second" as const),
    medianBefore,
    medianAfter,
  };
  const fewest = byRun ? fewestRuns : fewestSeconds;
  if (a.length < fewest || b.length < fewest || medianBefore === null || medianAfter === null) {
    const reason = `there are ${a.length} and ${b.length} values; ${fewest} of each are needed`;
    return { ...base, pValue: null, effect: null, verdict: "cannot-tell", reason };
  }
  const { pValue, effect } = mannWhitney(a, b);
  const change = (medianAfter - medianBefore) / Math.max(medianBefore, Number.MIN_VALUE);
  const words = `${change >= 0 ? "+" : ""}${(change * 100).toFixed(1)} % at the median, p = ${pValue.toPrecision(2)}, effect ${effect.toFixed(2)}`;
  const isNoticed =
    Math.abs(change) >= leastChange &&
    (figure.percentile === "p99" || Math.abs(medianAfter - medianBefore) >= leastMedianChangeMs);
  const isClear = pValue < significance && Math.abs(effect) >= leastEffect && isNoticed;
  if (isClear && Math.sign(effect) === Math.sign(change)) {
    return { ...base, pValue, effect, verdict: change > 0 ? "slower" : "faster", reason: words };
  }
  const isLarge = isNoticed && Math.abs(effect) >= leastEffect;
  if (isLarge) {
    const reason = `${words}: the difference may be chance; repeat both runs`;
    return { ...base, pValue, effect, verdict: "cannot-tell", reason };
  }
  return { ...base, pValue, effect, verdict: "same", reason: words };
}

/** What has to be alike for a difference to be one of the path: the load, and what it was put on. */
function loadOf({ profile, target, record }: LoadReport): string {
  const { scenarios } = record.plan;
  const messages = scenarios.map(
    ({ id, rate, message }) => `${id} ${rate}/s of ${message.size} octets to ${message.recipients}`,
  );
  return `${profile.id} (${messages.join(", ")}) over ${target.kind}`;
}

/** Why runs of different loads say nothing of the path; undefined where they are of one. */
function loadsDiffer([first, ...others]: readonly LoadReport[]): string | undefined {
  if (first === undefined) return undefined;
  const other = others.find((report) => loadOf(report) !== loadOf(first));
  if (other === undefined) return undefined;
  return `run ${first.run} is of ${loadOf(first)}, run ${other.run} of ${loadOf(other)}: compare runs of one load`;
}

function areInvalid(reports: readonly LoadReport[]): string | undefined {
  const invalid = reports.filter(({ validity }) => !validity.valid);
  if (invalid.length === 0) return undefined;
  return `${invalid.length} of the runs ${invalid.length === 1 ? "is" : "are"} invalid: ${invalid.map(({ run }) => run).join(", ")}`;
}

/**
 * Holds the latencies of two sets of runs of one profile against each other, so that a noisy machine is not called a slower send
 * path. With at least four runs on each side whole runs are compared, with fewer the seconds of the runs.
 */
export function compareReports(before: readonly LoadReport[], after: readonly LoadReport[]): Comparison[] {
  const all = [...before, ...after];
  const inView = all.every(({ latencyMs }) => latencyMs.endToEnd !== null);
  const measures = inView ? (["endToEnd", "submit"] as const) : (["submit"] as const);
  const figures = (["p99", "p50"] as const).flatMap((percentile) =>
    measures.map((measure): Figure => ({ measure, percentile })),
  );
  const comparisons = figures.map((figure) => compareFigure(before, after, figure));
  const reason = loadsDiffer(all) ?? areInvalid(all);
  if (reason === undefined) return comparisons;
  return comparisons.map((comparison) => ({ ...comparison, verdict: "cannot-tell", reason }));
}

/** 0 same or faster, 1 slower, 3 cannot tell. */
export function comparisonExitCode(comparisons: readonly Comparison[]): 0 | 1 | 3 {
  if (comparisons.some(({ verdict }) => verdict === "slower")) return 1;
  return comparisons.some(({ verdict }) => verdict === "cannot-tell") ? 3 : 0;
}
