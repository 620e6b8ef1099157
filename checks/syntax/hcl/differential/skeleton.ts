import type { Expression, Step, TemplatePart } from "../tree.ts";

/** What an expression is made of, told in one way for our tree and for the oracle's: words and nested lists. */
export type Skeleton = string | readonly Skeleton[];

/**
 * A source without parentheses, blanks and comments: our spans include the parentheses around an expression, the oracle's
 * do not.
 */
export function essence(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|#.*|\/\/.*|[()\s]/g, "");
}

/** @param text the file or text that the spans of the expression mean */
export function skeletonOf(text: string, expression: Expression): Skeleton {
  const inner = (part: Expression): Skeleton => skeletonOf(text, part);
  const source = essence(text.slice(expression.start, expression.end));
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "string" ? ["string"] : "literal";
    case "template":
      return ["string", source, ...partsOf(text, expression.parts)];
    case "variable":
      return expression.name;
    case "access":
      return ["access", inner(expression.source), ...expression.steps.map((step) => stepOf(text, step))];
    case "call":
      return ["call", source, expression.name, ...expression.arguments.map(inner)];
    case "tuple":
      return ["tuple", source, ...expression.items.map(inner)];
    case "object":
      return [
        "object",
        source,
        ...expression.entries.flatMap(({ key, value }) => [inner(key), inner(value)]),
      ];
    case "for": {
      const { collection, resultKey, resultValue, condition } = expression;
      const parts = [collection, resultKey, resultValue, condition].filter((part) => part !== undefined);
      return ["for", source, ...parts.map(inner)];
    }
    case "conditional": {
      const { condition, consequent, alternate } = expression;
      return ["conditional", source, inner(condition), inner(consequent), inner(alternate)];
    }
    case "unary":
      return ["unary", source, inner(expression.operand)];
    case "binary":
      return ["binary", source, inner(expression.left), inner(expression.right)];
    case "invalid":
      return "invalid";
  }
}

function stepOf(text: string, step: Step): Skeleton {
  if (step.kind === "name") return `.${step.name}`;
  if (step.kind === "splat") return ["*", ...step.each.map((each) => stepOf(text, each))];
  return ["index", skeletonOf(text, step.key)];
}

function partsOf(text: string, parts: readonly TemplatePart[]): Skeleton[] {
  const inner = (part: Expression): Skeleton => skeletonOf(text, part);
  return parts.flatMap((part): Skeleton[] => {
    if (part.kind === "text") return [];
    if (part.kind === "interpolation") return [inner(part.expression)];
    if (part.kind === "forPart") return [["each", inner(part.collection), partsOf(text, part.body)]];
    return [["if", inner(part.condition), partsOf(text, part.consequent), partsOf(text, part.alternate)]];
  });
}
