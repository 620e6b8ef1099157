/**
 * Durations counted in buckets, as the extension writes them: `buckets` holds the highest value of each bucket that is not
 * empty, in microseconds, and its count, sorted. Three significant digits.
 */
export interface Histogram {
  readonly unit: "us";
  readonly digits: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly buckets: readonly (readonly [upper: number, count: number])[];
}

/** What a histogram says, in milliseconds. A percentile is null where lost messages lie above it: never reached. */
export interface Latency {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  /** Null when nothing was counted or something was lost. */
  readonly max: number | null;
  /** Messages counted, the lost ones included. */
  readonly count: number;
}

export const emptyHistogram: Histogram = {
  unit: "us",
  digits: 3,
  count: 0,
  min: 0,
  max: 0,
  mean: 0,
  buckets: [],
};

/** All durations of several histograms in one: counts of equal buckets add up, so that no percentile is averaged. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const filled = histograms.filter(({ count }) => count > 0);
  if (filled.length === 0) return emptyHistogram;
  const counts = new Map<number, number>();
  for (const { buckets } of filled) {
    for (const [upper, count] of buckets) counts.set(upper, (counts.get(upper) ?? 0) + count);
  }
  const count = filled.reduce((sum, histogram) => sum + histogram.count, 0);
  return {
    unit: "us",
    digits: Math.min(...filled.map(({ digits }) => digits)),
    count,
    min: Math.min(...filled.map(({ min }) => min)),
    max: Math.max(...filled.map(({ max }) => max)),
    mean: filled.reduce((sum, histogram) => sum + histogram.mean * histogram.count, 0) / count,
    buckets: [...counts].sort(([a], [b]) => a - b),
  };
}

/**
 * The value that a share of all messages does not exceed, in microseconds.
 * @param percentile 0 to 100
 * @param lost messages that never arrived: they count as infinitely late
 * @returns null where nothing was counted, and where the percentile lies among the lost ones
 */
export function percentileOf(histogram: Histogram, percentile: number, lost = 0): number | null {
  const total = histogram.count + lost;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil((percentile / 100) * total));
  let counted = 0;
  for (const [upper, count] of histogram.buckets) {
    counted += count;
    if (counted >= rank) return Math.min(upper, histogram.max);
  }
  return null;
}

export function milliseconds(microseconds: number): number {
  return Math.round(microseconds) / 1000;
}

export function latencyOf(histogram: Histogram, lost = 0): Latency {
  const at = (percentile: number): number | null => {
    const value = percentileOf(histogram, percentile, lost);
    return value === null ? null : milliseconds(value);
  };
  return {
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: histogram.count === 0 || lost > 0 ? null : milliseconds(histogram.max),
    count: histogram.count + lost,
  };
}
