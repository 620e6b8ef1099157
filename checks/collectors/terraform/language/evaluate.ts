import type { Span } from "#base/location.ts";
import type { Conditional, Expression, For, ObjectConstructor } from "#syntax/hcl/tree.ts";
import type { Place } from "../files/source-file.ts";
import { convert, toText } from "./conversion.ts";
import { callFunction } from "./functions/call.ts";
import { forScope, overPairs, type Pair } from "./iteration.ts";
import { applyBinary, applyUnary } from "./operators.ts";
import { resolveAccess, resolveName } from "./reference.ts";
import type { Scope } from "./scope.ts";
import { evaluateTemplate } from "./template.ts";
import { boolType, typeOf, unify } from "./type.ts";
import {
  combineUnknown,
  derived,
  failure,
  isNull,
  literal,
  mapping,
  originAt,
  relocated,
  scalar,
  sequence,
  type TerraformValue,
  type Unknown,
  unknownValue,
  withAlternatives,
} from "./value.ts";

export function placeOf(span: Span, scope: Scope): Place {
  return { source: scope.source, span };
}

/** Expressions that lead to each other may nest deeper than each of them; beyond this they are left. */
const maximumDepth = 600;

let depth = 0;

/** The value of an expression. Never throws: what cannot be known or computed is unknown with its reason. */
export function evaluate(expression: Expression, scope: Scope): TerraformValue {
  if (depth >= maximumDepth) {
    const reason = `the expression leads through more than ${maximumDepth} others`;
    return unknownValue(reason, originAt(placeOf(expression, scope)));
  }
  depth++;
  try {
    return valueOfExpression(expression, scope);
  } finally {
    depth--;
  }
}

function valueOfExpression(expression: Expression, scope: Scope): TerraformValue {
  switch (expression.kind) {
    case "literal":
      return literal(expression.value, { source: scope.source, span: expression });
    case "template":
      return evaluateTemplate(expression, scope);
    case "variable":
      return resolveName(expression, scope);
    case "access":
      return resolveAccess(expression, scope);
    case "call":
      return callFunction(expression, scope);
    case "tuple": {
      const items = expression.items.map((item) => evaluate(item, scope));
      return sequence("tuple", items, originAt(placeOf(expression, scope)));
    }
    case "object":
      return evaluateObject(expression, scope);
    case "for":
      return evaluateFor(expression, scope);
    case "conditional":
      return evaluateConditional(expression, scope);
    case "unary":
      return applyUnary(expression.operator, evaluate(expression.operand, scope), placeOf(expression, scope));
    case "binary":
      return applyBinary(
        expression.operator,
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
        placeOf(expression, scope),
      );
    case "invalid":
      return unknownValue("the expression could not be read", originAt(placeOf(expression, scope)));
  }
}

function evaluateObject(object: ObjectConstructor, scope: Scope): TerraformValue {
  const entries = new Map<string, TerraformValue>();
  const origin = originAt(placeOf(object, scope));
  for (const { key, value } of object.entries) {
    const name = toText(evaluate(key, scope));
    if (name.kind === "unknown") return combineUnknown([name], derived(origin.place, [name]));
    if (name.kind !== "scalar" || name.value === null) return failure("null is no key", origin);
    entries.set(String(name.value), evaluate(value, scope));
  }
  return mapping("object", entries, origin);
}

function evaluateConditional(expression: Conditional, scope: Scope): TerraformValue {
  const condition = convert(evaluate(expression.condition, scope), boolType);
  const place = placeOf(expression, scope);
  const consequent = once(() => evaluate(expression.consequent, scope));
  const alternate = once(() => evaluate(expression.alternate, scope));
  const branch = (holds: boolean): TerraformValue => {
    const typed = holds ? alike(consequent(), alternate) : alike(alternate(), consequent);
    return relocated(typed, derived(typed.place, [typed, condition]));
  };
  if (condition.kind === "unknown") {
    if (condition.isFailure === true) return condition;
    return eitherBranch(condition, [branch(true), branch(false)], place);
  }
  if (condition.kind !== "scalar" || isNull(condition))
    return failure("null is no condition", originAt(place));
  return branch(condition.value === true);
}

/** Computes a value when it is first asked for: conditions nest, and each result may be asked for twice. */
function once(compute: () => TerraformValue): () => TerraformValue {
  let value: TerraformValue | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** Both results of a condition that is not known. */
function eitherBranch(
  condition: Unknown,
  branches: readonly [TerraformValue, TerraformValue],
  place: Place,
): TerraformValue {
  const origin = derived(place, [condition]);
  return withAlternatives(combineUnknown([condition], origin), branches);
}

/** Converts the result that was chosen to the type that it shares with the other one. */
function alike(chosen: TerraformValue, other: () => TerraformValue): TerraformValue {
  const isText = chosen.kind === "scalar" && (typeof chosen.value === "string" || chosen.value === null);
  if (isText || chosen.kind === "unknown" || chosen.kind === "resource") return chosen;
  const rest = other();
  if (rest.kind === "unknown" || isNull(rest)) return chosen;
  const type = unify([typeOf(chosen), typeOf(rest)]);
  if (type === undefined) return failure("the two results of the condition are of different types", chosen);
  return convert(chosen, type);
}

function evaluateFor(expression: For, scope: Scope): TerraformValue {
  const place = placeOf(expression, scope);
  return overPairs(evaluate(expression.collection, scope), (pairs, origin) => {
    const kept: Pair[] = [];
    for (const pair of pairs) {
      const included = isIncluded(expression, forScope(scope, expression, pair));
      if (typeof included !== "boolean") return included;
      if (included) kept.push(pair);
    }
    const scopes = kept.map((pair) => forScope(scope, expression, pair));
    const result = { ...origin, place };
    if (expression.resultKey === undefined) {
      return sequence(
        "tuple",
        scopes.map((inner) => evaluate(expression.resultValue, inner)),
        result,
      );
    }
    const { resultKey } = expression;
    const keyed = scopes.map(
      (inner): Pair => [toText(evaluate(resultKey, inner)), evaluate(expression.resultValue, inner)],
    );
    return mapOf(keyed, expression.isGrouped, place);
  });
}

/** Whether the `if` of a `for` keeps an element; the unknown that hinders saying so. */
function isIncluded(expression: For, scope: Scope): boolean | TerraformValue {
  if (expression.condition === undefined) return true;
  const condition = convert(evaluate(expression.condition, scope), boolType);
  if (condition.kind === "unknown") return combineUnknown([condition], condition);
  if (condition.kind !== "scalar" || condition.value === null)
    return failure("null is no condition", condition);
  return condition.value === true;
}

function mapOf(pairs: readonly Pair[], isGrouped: boolean, place: Place): TerraformValue {
  const groups = new Map<string, TerraformValue[]>();
  for (const [key, value] of pairs) {
    if (key.kind === "unknown") return combineUnknown([key], derived(place, [key]));
    if (key.kind !== "scalar" || key.value === null) return failure("null is no key", originAt(place));
    const group = groups.get(String(key.value));
    if (group === undefined) groups.set(String(key.value), [value]);
    else if (isGrouped) group.push(value);
    else return failure(`two elements have the key "${key.value}"`, originAt(place));
  }
  const entries = [...groups].map(([name, values]): [string, TerraformValue] => {
    const [first = scalar(null, originAt(place))] = values;
    return [name, isGrouped ? sequence("tuple", values, originAt(place)) : first];
  });
  return mapping("object", new Map(entries), originAt(place));
}
