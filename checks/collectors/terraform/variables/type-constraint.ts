import { parseHclExpression } from "#syntax/hcl/parser.ts";
import type { Call, Expression } from "#syntax/hcl/tree.ts";
import { convert } from "../language/conversion.ts";
import { evaluate } from "../language/evaluate.ts";
import type { Scope } from "../language/scope.ts";
import { type AttributeType, anyType, type Type } from "../language/type.ts";

/** Reads the `type` argument of a variable; undefined where Terraform refuses it. */
export function readType(expression: Expression, scope: Scope): Type | undefined {
  if (expression.kind === "literal" && typeof expression.value === "string")
    return legacyType(expression.value, scope);
  return typeOfExpression(expression, scope);
}

/** Older configurations, and JSON, write the type as text. */
function legacyType(text: string, scope: Scope): Type | undefined {
  if (text === "list") return { kind: "list", element: anyType };
  if (text === "map") return { kind: "map", element: anyType };
  const { expression, problems } = parseHclExpression(text);
  return problems.length > 0 ? undefined : typeOfExpression(expression, scope);
}

function typeOfExpression(expression: Expression, scope: Scope): Type | undefined {
  if (expression.kind === "variable") {
    switch (expression.name) {
      case "string":
      case "number":
      case "bool":
      case "any":
        return { kind: expression.name };
      case "list":
      case "map":
      case "set":
        return { kind: expression.name, element: anyType };
      default:
        return undefined;
    }
  }
  return expression.kind === "call" ? typeOfCall(expression, scope) : undefined;
}

function typeOfCall(call: Call, scope: Scope): Type | undefined {
  const [argument, ...more] = call.arguments;
  if (argument === undefined || more.length > 0) return undefined;
  switch (call.name) {
    case "list":
    case "set":
    case "map": {
      const element = typeOfExpression(argument, scope);
      return element === undefined ? undefined : { kind: call.name, element };
    }
    case "tuple": {
      if (argument.kind !== "tuple") return undefined;
      const elements = argument.items.map((item) => typeOfExpression(item, scope));
      return elements.every((element) => element !== undefined) ? { kind: "tuple", elements } : undefined;
    }
    case "object": {
      if (argument.kind !== "object") return undefined;
      const attributes = new Map<string, AttributeType>();
      for (const { key, value } of argument.entries) {
        const attribute = attributeType(value, scope);
        if (key.kind !== "literal" || attribute === undefined) return undefined;
        attributes.set(String(key.value), attribute);
      }
      return { kind: "object", attributes };
    }
    default:
      return undefined;
  }
}

function attributeType(expression: Expression, scope: Scope): AttributeType | undefined {
  if (expression.kind !== "call" || expression.name !== "optional") {
    const type = typeOfExpression(expression, scope);
    return type === undefined ? undefined : { type, isOptional: false };
  }
  const [inner, fallback] = expression.arguments;
  const type = inner === undefined ? undefined : typeOfExpression(inner, scope);
  if (type === undefined) return undefined;
  if (fallback === undefined) return { type, isOptional: true };
  return { type, isOptional: true, fallback: convert(evaluate(fallback, scope), type) };
}
