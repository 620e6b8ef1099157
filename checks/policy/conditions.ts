import type { Json, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { type AssertionCompiler, bindParameters, type Check } from "./assertion.ts";
import type { AttributeAssertion, Conditions, WhenAbsent } from "./rule.ts";

/** The outcome of one condition in three-valued logic; `not-applicable` only where a rule gives absence that meaning. */
export type Outcome = "pass" | "fail" | "unknown" | "not-applicable";

/** One attribute held against one assertion. */
export interface Finding {
  readonly attribute: string;
  readonly assertion: AttributeAssertion;
  readonly value: Value;
  readonly outcome: Outcome;
}

export interface ConditionContext {
  readonly compiler: AssertionCompiler;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly whenAbsent: Readonly<Record<string, WhenAbsent>>;
}

/** One condition, ready to be held against any fact. */
export interface PreparedCondition {
  readonly attribute: string;
  /** With its parameters' values. */
  readonly assertion: AttributeAssertion;
  readonly check: Check;
  readonly whenAbsent: WhenAbsent;
}

const absentValue: Value = { state: "absent", chain: [] };

/** @throws Error where an assertion is no valid schema */
export function prepareConditions(
  conditions: Conditions,
  { compiler, parameters, whenAbsent }: ConditionContext,
): PreparedCondition[] {
  return Object.entries(conditions).map(([attribute, written]) => {
    const assertion = bindParameters(written, parameters);
    const check = compiler.compile(assertion);
    return { attribute, assertion, check, whenAbsent: whenAbsent[attribute] ?? "fail" };
  });
}

/** Holds each condition against the fact. */
export function holdConditions(fact: Fact, conditions: readonly PreparedCondition[]): Finding[] {
  return conditions.map(({ attribute, assertion, check, whenAbsent }) => {
    const value = fact.attributes[attribute] ?? absentValue;
    return { attribute, assertion, value, outcome: decide(value, check, whenAbsent) };
  });
}

/** An unknown with all its alternatives in view is decided when they all lead to the same outcome. */
function decide(value: Value, check: Check, whenAbsent: WhenAbsent): Outcome {
  if (value.state === "known") return check(value.value) ? "pass" : "fail";
  if (value.state === "absent") return whenAbsent;
  if (value.alternatives === undefined) return "unknown";
  const outcomes = new Set(value.alternatives.map((alternative) => decide(alternative, check, whenAbsent)));
  const [only] = outcomes;
  return only !== undefined && outcomes.size === 1 ? only : "unknown";
}

/** Kleene's "and": one failure decides, otherwise one unknown does. */
export function all(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("fail")) return "fail";
  if (outcomes.includes("unknown")) return "unknown";
  if (outcomes.includes("not-applicable")) return "not-applicable";
  return "pass";
}

/** Kleene's "or": one success decides, otherwise one unknown does. */
export function any(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("pass")) return "pass";
  if (outcomes.includes("unknown")) return "unknown";
  if (outcomes.includes("fail")) return "fail";
  return "not-applicable";
}
