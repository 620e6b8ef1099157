import { describe, expect, test } from "vitest";
import type { Json } from "#base/value.ts";
import {
  AssertionCompiler,
  assertionKey,
  bindParameters,
  describeAssertion,
  mentionedParameters,
} from "./assertion.ts";
import type { AttributeAssertion } from "./rule.ts";

function meets(assertion: AttributeAssertion, value: Json): boolean {
  return new AssertionCompiler().compile(assertion)(value);
}

describe("an assertion", () => {
  test.each<[AttributeAssertion, readonly Json[], readonly Json[]]>([
    [{ const: "required" }, ["required"], ["Required", null, ["required"]]],
    [{ enum: ["a", 1] }, ["a", 1], ["1", "b"]],
    [{ minimum: 10 }, [10, 10.5], [9, "10", "abc", null, [10], true]],
    [{ maximum: 10 }, [10, -1], [11, "5", null]],
    [{ pattern: "^a" }, ["ab"], ["ba", 5, null, ["a"]]],
    [{ minLength: 2 }, ["ab"], ["a", 12345]],
    [{ minItems: 1 }, [["a"]], [[], "a", { length: 1 }]],
    [{ maxItems: 0 }, [[]], [["a"], "", null]],
    [{ contains: { const: "a" } }, [["b", "a"]], [["b"], [], "a"]],
    [{ items: { minimum: 2 } }, [[2, 3], []], [[2, "3"], 2]],
    [{ not: { const: "a" } }, ["b", null], ["a"]],
    [{ not: { contains: { const: "a" } } }, [["b"], []], [["a"], "b", null]],
    [{ minimumTlsVersion: "TLSv1.2" }, ["TLSv1.2", "TLSv1.3"], ["TLSv1.1", "SSLv3", "1.2", null]],
    [{ minimumDays: "6 years" }, [2191, 2192], [2190, "2192", null]],
    [{ minimumDays: "30 days" }, [30], [29.5]],
    [{ minimum: 1, maximum: 2 }, [1, 2], [0, 3, "1"]],
  ])("%j is met by values of the type that it speaks of, and by no other", (assertion, met, notMet) => {
    expect(met.filter((value) => !meets(assertion, value))).toEqual([]);
    expect(notMet.filter((value) => meets(assertion, value))).toEqual([]);
  });

  test.each<[AttributeAssertion]>([
    [{ minimumTlsVersion: "TLSv1.4" }],
    [{ minimumDays: "6 moons" }],
    [{ minimum: "10" }],
    [{ atLeast: 10 }],
    [{ pattern: "(" }],
  ])("%j is refused", (assertion) => {
    expect(() => new AssertionCompiler().compile(assertion)).toThrow();
  });

  test("that was compiled ahead of time is not compiled again", () => {
    const assertion = { const: "a" };
    const compiler = new AssertionCompiler({
      [assertionKey(assertion)]: (value) => value === "from the bundle",
    });
    expect(compiler.compile(assertion)("from the bundle")).toBe(true);
    expect(compiler.compile(assertion)("a")).toBe(false);
  });

  test.each<[AttributeAssertion, string]>([
    [{ const: "required" }, "required"],
    [{ const: true }, "true"],
    [{ enum: ["a", "b", "c"] }, "a, b or c"],
    [{ enum: ["a"] }, "a"],
    [{ minimum: 14 }, "at least 14"],
    [{ minimum: 1, maximum: 10 }, "at least 1 and at most 10"],
    [{ maxItems: 0 }, "none"],
    [{ contains: { const: "a" } }, "a list with a"],
    [{ not: { enum: ["a", "b"] } }, "anything but a or b"],
    [{ minimumTlsVersion: "TLSv1.2" }, "TLSv1.2 or newer"],
    [{ minimumDays: "6 years" }, "at least 6 years"],
  ])("%j is told as: must be %s", (assertion, words) => {
    expect(describeAssertion(assertion)).toBe(words);
  });
});

describe("parameters", () => {
  const assertion = { enum: { $parameter: "accepted" }, not: { contains: { const: { $parameter: "bad" } } } };

  test("are found wherever they stand", () => {
    expect(mentionedParameters(assertion)).toEqual(["accepted", "bad"]);
  });

  test("are replaced by their values, of whatever shape, and nothing else is", () => {
    expect(bindParameters(assertion, { accepted: ["a", { b: 1 }], bad: null })).toEqual({
      enum: ["a", { b: 1 }],
      not: { contains: { const: null } },
    });
    const plain = { const: { $parameter: "a", other: 1 } };
    expect(bindParameters(plain, { a: 2 })).toEqual(plain);
  });
});
