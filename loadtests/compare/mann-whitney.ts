/** Whether one sample tends to be larger than another, without assuming anything about how they are spread. */
export interface RankTest {
  /** Probability of a difference at least as large if there were none (two-sided). */
  readonly pValue: number;
  /** Cliff's delta: -1 all of `b` smaller, 0 none, 1 all of `b` larger. */
  readonly effect: number;
}

/** Below this product of sizes the exact distribution is counted instead of approximated. */
const exactLimit = 400;

/**
 * Mann-Whitney U test of two samples. Exact where they are small and without ties, otherwise by the normal approximation with
 * correction for ties and continuity.
 * @throws RangeError when a sample is empty
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) throw new RangeError("a sample is empty");
  let above = 0;
  let ties = 0;
  for (const x of a) {
    for (const y of b) {
      if (y > x) above++;
      else if (y === x) ties++;
    }
  }
  const u = above + ties / 2;
  const effect = (2 * u) / (n * m) - 1;
  const hasTies = new Set([...a, ...b]).size < n + m;
  const pValue = !hasTies && n * m <= exactLimit ? exactP(u, n, m) : approximateP(u, a, b);
  return { pValue, effect };
}

/** Of all ways to mix the samples, the share whose U lies at least as far from the middle. */
function exactP(u: number, n: number, m: number): number {
  // ways[k]: how many ways there are to get U = k with i of a and j of b.
  let rows: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j++) {
      const ways = new Array<number>(i * j + 1).fill(0);
      for (const [k, count] of (rows[j] ?? []).entries()) ways[k + j] = (ways[k + j] ?? 0) + count;
      for (const [k, count] of (next[j - 1] ?? []).entries()) ways[k] = (ways[k] ?? 0) + count;
      next.push(ways);
    }
    rows = next;
  }
  const ways = rows[m] ?? [1];
  const total = ways.reduce((sum, count) => sum + count, 0);
  const distance = Math.abs(u - (n * m) / 2);
  const extreme = ways.reduce(
    (sum, count, k) => (Math.abs(k - (n * m) / 2) >= distance ? sum + count : sum),
    0,
  );
  return Math.min(1, extreme / total);
}

function approximateP(u: number, a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a.length, b.length];
  const all = n + m;
  const counts = new Map<number, number>();
  for (const value of [...a, ...b]) counts.set(value, (counts.get(value) ?? 0) + 1);
  const tied = [...counts.values()].reduce((sum, count) => sum + (count ** 3 - count), 0);
  const variance = ((n * m) / 12) * (all + 1 - tied / (all * (all - 1)));
  if (variance === 0) return 1;
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * upperTail(z));
}

/** Probability that a standard normal value exceeds z >= 0 (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
