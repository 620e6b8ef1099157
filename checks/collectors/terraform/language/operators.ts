import type { BinaryOperator, Unary } from "#syntax/hcl/tree.ts";
import type { Place } from "../files/source-file.ts";
import { convert, isEqual } from "./conversion.ts";
import { rounded } from "./numbers.ts";
import { boolType, numberType, type Type } from "./type.ts";
import {
  combineUnknown,
  derived,
  failure,
  lift,
  type Origin,
  scalar,
  type TerraformValue,
  unknownsIn,
  unknownValue,
} from "./value.ts";

export function applyUnary(
  operator: Unary["operator"],
  operand: TerraformValue,
  place: Place,
): TerraformValue {
  const converted = convert(operand, operator === "!" ? boolType : numberType);
  return lift([converted], place, ([value], origin) => {
    if (value?.kind !== "scalar" || value.value === null) return notAllowed(operator, origin);
    return scalar(operator === "!" ? value.value !== true : -Number(value.value), origin);
  });
}

export function applyBinary(
  operator: BinaryOperator,
  left: TerraformValue,
  right: TerraformValue,
  place: Place,
): TerraformValue {
  if (operator === "==" || operator === "!=") return compareEqual(operator === "==", left, right, place);
  if (operator === "&&" || operator === "||") return combineTruths(operator, left, right, place);
  const operands = [convert(left, numberType), convert(right, numberType)];
  return lift(operands, place, ([a, b], origin) => {
    if (a?.kind !== "scalar" || b?.kind !== "scalar" || a.value === null || b.value === null) {
      return notAllowed(operator, origin);
    }
    const result = calculate(operator, Number(a.value), Number(b.value));
    return Number.isFinite(Number(result))
      ? scalar(result, origin)
      : unknownValue("the result is infinite", origin);
  });
}

function notAllowed(operator: string, origin: Origin): TerraformValue {
  return failure(`null is no operand of ${operator}`, origin);
}

function calculate(operator: BinaryOperator, a: number, b: number): number | boolean {
  switch (operator) {
    case "+":
      return rounded(a + b);
    case "-":
      return rounded(a - b);
    case "*":
      return rounded(a * b);
    case "/":
      return a / b;
    case "%":
      return rounded(a % b);
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function compareEqual(
  wanted: boolean,
  left: TerraformValue,
  right: TerraformValue,
  place: Place,
): TerraformValue {
  return lift([left, right], place, ([a, b], origin) => {
    const equal = a === undefined || b === undefined ? undefined : isEqual(a, b);
    if (equal !== undefined) return scalar(equal === wanted, origin);
    return combineUnknown(
      [a, b].flatMap((side) => (side === undefined ? [] : unknownsIn(side))),
      origin,
    );
  });
}

/** One operand that decides alone is enough. */
function combineTruths(
  operator: "&&" | "||",
  left: TerraformValue,
  right: TerraformValue,
  place: Place,
): TerraformValue {
  const type: Type = boolType;
  const [a, b] = [convert(left, type), convert(right, type)];
  const deciding = operator === "||";
  for (const side of [a, b]) {
    if (side.kind === "scalar" && side.value === deciding) return scalar(deciding, derived(place, [side]));
  }
  return lift([a, b], place, ([x, y], origin) => {
    if (x?.kind !== "scalar" || y?.kind !== "scalar" || x.value === null || y.value === null) {
      return notAllowed(operator, origin);
    }
    return scalar(x.value === deciding || y.value === deciding ? deciding : !deciding, origin);
  });
}
