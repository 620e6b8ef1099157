import type { Json, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { type AssertionCompiler, bindParameters } from "./assertion.ts";
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

const absentValue: Value = { state: "absent", chain: [] };

/** Holds each condition against the fact. */
export function holdConditions(fact: Fact, conditions: Conditions, context: ConditionContext): Finding[] {
  return Object.entries(conditions).map(([attribute, assertion]) => {
    const bound = bindParameters(assertion, context.parameters);
    const value = fact.attributes[attribute] ?? absentValue;
    const check = context.compiler.compile(bound);
    const outcome = decide(value, check, context.whenAbsent[attribute] ?? "fail");
    return { attribute, assertion: bound, value, outcome };
  });
}

/** An unknown with all its alternatives in view is decided when they all lead to the same outcome. */
function decide(value: Value, check: (value: Json) => boolean, whenAbsent: WhenAbsent): Outcome {
  if (value.state === "known") return check(value.value) ? "pass" : "fail";
  if (value.state === "absent") return whenAbsent;
  const outcomes = new Set(
    (value.alternatives ?? []).map((alternative) => decide(alternative, check, whenAbsent)),
  );
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
