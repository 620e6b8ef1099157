import { describe, expect, test } from "vitest";
import { mannWhitney } from "./mann-whitney.ts";

// Expected values: scipy.stats.mannwhitneyu(a, b, alternative="two-sided", method="exact" or "asymptotic").
describe("Mann-Whitney", () => {
  test("counts small samples exactly", () => {
    expect(mannWhitney([1, 2, 3], [4, 5, 6])).toEqual({ pValue: expect.closeTo(0.1, 10), effect: 1 });
    expect(mannWhitney([19, 22, 16, 29, 24], [20, 11, 17, 12]).pValue).toBeCloseTo(0.1111111111, 9);
    expect(mannWhitney([1, 4], [2, 3])).toEqual({ pValue: 1, effect: 0 });
  });

  test("approximates where values are tied", () => {
    const { pValue, effect } = mannWhitney([1, 2, 2, 3, 4, 4, 5], [2, 3, 4, 5, 5, 6, 6]);
    expect(pValue).toBeCloseTo(0.104729, 4);
    expect(effect).toBeCloseTo(0.530612, 5);
  });

  test("finds nothing in equal samples", () => {
    expect(mannWhitney([5, 5, 5], [5, 5, 5])).toEqual({ pValue: 1, effect: 0 });
  });

  test("the order of the samples turns the effect around", () => {
    const [a, b] = [
      [1, 5, 9, 3],
      [2, 6, 8, 12],
    ];
    expect(mannWhitney(a, b).effect).toBeCloseTo(-mannWhitney(b, a).effect);
    expect(mannWhitney(a, b).pValue).toBeCloseTo(mannWhitney(b, a).pValue);
  });

  test("needs something to compare", () => {
    expect(() => mannWhitney([], [1])).toThrow(RangeError);
  });
});
