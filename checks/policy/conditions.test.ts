import { describe, expect, test } from "vitest";
import { absent, known, oneOf, unknown, type Value } from "#base/value.ts";
import { AssertionCompiler } from "./assertion.ts";
import { all, any, holdConditions, type Outcome, prepareConditions } from "./conditions.ts";
import type { WhenAbsent } from "./rule.ts";

const outcomes: readonly Outcome[] = ["pass", "fail", "unknown", "not-applicable"];

/** Every list of up to three outcomes. */
const lists: readonly (readonly Outcome[])[] = [
  [],
  ...outcomes.map((a) => [a]),
  ...outcomes.flatMap((a) => outcomes.map((b) => [a, b])),
  ...outcomes.flatMap((a) => outcomes.flatMap((b) => outcomes.map((c) => [a, b, c]))),
];

/** What each unknown may turn out to be. */
function resolutions(list: readonly Outcome[]): Outcome[][] {
  return list.reduce<Outcome[][]>(
    (found, outcome) =>
      found.flatMap((earlier) => {
        const possible: Outcome[] = outcome === "unknown" ? ["pass", "fail"] : [outcome];
        return possible.map((one) => [...earlier, one]);
      }),
    [[]],
  );
}

describe("three-valued logic", () => {
  test.each<[Outcome, Outcome, Outcome, Outcome]>([
    ["pass", "pass", "pass", "pass"],
    ["pass", "fail", "fail", "pass"],
    ["pass", "unknown", "unknown", "pass"],
    ["fail", "fail", "fail", "fail"],
    ["fail", "unknown", "fail", "unknown"],
    ["unknown", "unknown", "unknown", "unknown"],
    ["pass", "not-applicable", "not-applicable", "pass"],
    ["fail", "not-applicable", "fail", "fail"],
    ["unknown", "not-applicable", "unknown", "unknown"],
  ])("%s, %s: all %s, any %s", (a, b, both, either) => {
    for (const pair of [
      [a, b],
      [b, a],
    ] as const)
      expect([all(pair), any(pair)]).toEqual([both, either]);
  });

  test("says pass or fail exactly where every resolution of what is unknown says so", () => {
    for (const list of lists.filter((items) => !items.includes("not-applicable"))) {
      for (const join of list.length > 0 ? [all, any] : [all]) {
        const possible = new Set(resolutions(list).map((resolved) => join(resolved)));
        const [only] = possible;
        expect([join.name, list, join(list)]).toEqual([
          join.name,
          list,
          possible.size === 1 ? only : "unknown",
        ]);
      }
    }
  });

  test("never turns the order or a repetition into another outcome", () => {
    for (const list of lists) {
      for (const join of [all, any]) {
        expect(join(list.toReversed())).toBe(join(list));
        if (list.length > 0) expect(join([...list, ...list])).toBe(join(list));
      }
    }
  });

  test("of nothing at all, all holds and nothing does not apply", () => {
    expect([all([]), any([])]).toEqual(["pass", "not-applicable"]);
  });
});

describe("holdConditions", () => {
  const location = { file: "a.tf", line: 1, column: 1, endLine: 1, endColumn: 2 };
  const compiler = new AssertionCompiler();

  function hold(
    value: Value | undefined,
    whenAbsent: Readonly<Record<string, WhenAbsent>> = {},
  ): Outcome | undefined {
    const attributes = value === undefined ? {} : { days: value };
    const fact = { kind: "log.store", id: "a", location, attributes };
    const context = { compiler, parameters: { least: 30 }, whenAbsent };
    const conditions = prepareConditions({ days: { minimum: { $parameter: "least" } } }, context);
    return holdConditions(fact, conditions)[0]?.outcome;
  }

  test.each<[string, Value | undefined, Outcome]>([
    ["known and enough", known(30), "pass"],
    ["known and not enough", known(29), "fail"],
    ["of another type", known("90"), "fail"],
    ["unknown", unknown("why"), "unknown"],
    ["absent", absent(), "fail"],
    ["left out by the collector", undefined, "fail"],
    ["one of two that are enough", oneOf([known(30), known(60)], "why"), "pass"],
    ["one of two that are not", oneOf([known(1), known(2)], "why"), "fail"],
    ["one of two, one enough", oneOf([known(1), known(60)], "why"), "unknown"],
    ["not enough or absent", oneOf([known(1), absent()], "why"), "fail"],
    ["enough or absent", oneOf([known(60), absent()], "why"), "unknown"],
    ["enough or open", oneOf([known(60), unknown("why")], "why"), "unknown"],
    ["a choice in a choice", oneOf([known(60), oneOf([known(90), known(30)], "why")], "why"), "pass"],
    ["a choice of nothing", { ...unknown("why"), alternatives: [] }, "unknown"],
  ])("a value that is %s", (_, value, outcome) => {
    expect(hold(value)).toBe(outcome);
  });

  test.each<WhenAbsent>(["pass", "fail", "unknown", "not-applicable"])(
    "absence can mean %s, alone and in a choice",
    (meaning) => {
      expect(hold(absent(), { days: meaning })).toBe(meaning);
      expect(hold(undefined, { days: meaning })).toBe(meaning);
      expect(hold(oneOf([absent(), absent()], "why"), { days: meaning })).toBe(meaning);
      expect(hold(absent(), { other: meaning })).toBe("fail");
    },
  );
});
