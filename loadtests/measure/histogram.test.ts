import { describe, expect, test } from "vitest";
import { emptyHistogram, type Histogram, latencyOf, mergeHistograms, percentileOf } from "./histogram.ts";

/** A histogram of the given durations in microseconds, each in a bucket of its own. */
function histogramOf(durations: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const duration of durations) counts.set(duration, (counts.get(duration) ?? 0) + 1);
  return {
    unit: "us",
    digits: 3,
    count: durations.length,
    min: Math.min(...durations),
    max: Math.max(...durations),
    mean: durations.reduce((sum, duration) => sum + duration, 0) / durations.length,
    buckets: [...counts].sort(([a], [b]) => a - b),
  };
}

const hundred = Array.from({ length: 100 }, (_, index) => (index + 1) * 1000);

describe("percentiles", () => {
  test("are the value that the share does not exceed", () => {
    const histogram = histogramOf(hundred);
    expect(percentileOf(histogram, 50)).toBe(50_000);
    expect(percentileOf(histogram, 99)).toBe(99_000);
    expect(percentileOf(histogram, 99.9)).toBe(100_000);
    expect(percentileOf(histogram, 0)).toBe(1000);
  });

  test("of nothing do not exist", () => {
    expect(percentileOf(emptyHistogram, 50)).toBeNull();
    expect(latencyOf(emptyHistogram)).toEqual({
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      p999: null,
      max: null,
      count: 0,
    });
  });

  test("count lost messages as infinitely late", () => {
    const histogram = histogramOf(hundred);
    expect(percentileOf(histogram, 99, 1)).toBe(100_000);
    expect(percentileOf(histogram, 99, 2)).toBeNull();
    expect(percentileOf(histogram, 50, 100)).toBe(100_000);
    expect(percentileOf(emptyHistogram, 1, 5)).toBeNull();
    expect(latencyOf(histogram, 2)).toMatchObject({ p50: 51, p99: null, max: null, count: 102 });
  });

  test("never lie above the largest value, whatever the bucket's upper end", () => {
    const histogram = { ...histogramOf([1000]), buckets: [[1023, 1]] as const };
    expect(percentileOf(histogram, 99)).toBe(1000);
  });
});

describe("merging", () => {
  test("gives the same percentiles as one process would have", () => {
    const parts = [0, 1, 2, 3].map((rest) => histogramOf(hundred.filter((_, index) => index % 4 === rest)));
    const whole = histogramOf(hundred);
    const merged = mergeHistograms(parts);
    expect(merged.buckets).toEqual(whole.buckets);
    expect(merged).toMatchObject({ count: 100, min: 1000, max: 100_000 });
    expect(merged.mean).toBeCloseTo(whole.mean);
    for (const percentile of [50, 90, 95, 99, 99.9]) {
      expect(percentileOf(merged, percentile)).toBe(percentileOf(whole, percentile));
    }
  });

  test("leaves out what is empty", () => {
    expect(mergeHistograms([])).toEqual(emptyHistogram);
    expect(mergeHistograms([emptyHistogram, histogramOf([5])]).min).toBe(5);
  });
});
