import type { Body, Expression, TemplatePart } from "../tree.ts";

/** A tree in the shape in which hcl2json prints a file: what is no plain value is its source in `${ }`. */
export function asJson(text: string, body: Body): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name, expression } of body.attributes) result[name] = plainOf(text, expression);
  for (const { type, labels, body: inner } of body.blocks) {
    let target = result;
    let key = type;
    for (const label of labels) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
      key = label.value;
    }
    const { [key]: found = [] } = target;
    target[key] = [...(Array.isArray(found) ? found : [found]), asJson(text, inner)];
  }
  return result;
}

function isInParentheses(text: string, expression: Expression): boolean {
  const first = firstPartOf(expression);
  return text[expression.start] === "(" && first?.start !== expression.start;
}

/** The part of an expression with which it begins, unless it is in parentheses itself. */
function firstPartOf(expression: Expression): Expression | undefined {
  if (expression.kind === "conditional") return expression.condition;
  if (expression.kind === "binary") return expression.left;
  return expression.kind === "access" ? expression.source : undefined;
}

function source(text: string, { start, end }: Expression): string {
  return `\${${text.slice(start, end)}}`;
}

function plainOf(text: string, expression: Expression): unknown {
  if (isInParentheses(text, expression)) return source(text, expression);
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "string" ? escaped(expression.value) : expression.value;
    case "template": {
      const [only, ...others] = expression.parts;
      if (isWrap(expression) && only?.kind === "interpolation" && others.length === 0) {
        return plainOf(text, only.expression);
      }
      return textOf(text, expression.parts);
    }
    case "tuple":
      return expression.items.map((item) => plainOf(text, item));
    case "object":
      return Object.fromEntries(
        expression.entries.map(({ key, value }) => {
          const isReference = key.kind === "variable" || key.kind === "access";
          const isBare = isReference && !isInParentheses(text, key);
          return [isBare ? text.slice(key.start, key.end) : stringOf(text, key), plainOf(text, value)];
        }),
      );
    case "unary": {
      const { operand, operator } = expression;
      const isValue = operand.kind === "literal" && !isInParentheses(text, operand);
      if (!isValue || typeof operand.value === "string") return source(text, expression);
      return operator === "-" ? -Number(operand.value) : !operand.value;
    }
    default:
      return source(text, expression);
  }
}

function isWrap({ parts }: { parts: readonly TemplatePart[] }): boolean {
  return parts.length === 1;
}

function stringOf(text: string, expression: Expression): string {
  if (isInParentheses(text, expression)) return source(text, expression);
  if (expression.kind === "literal") return escaped(String(expression.value));
  if (expression.kind === "template") return textOf(text, expression.parts);
  if (expression.kind === "conditional") {
    const { condition, consequent, alternate } = expression;
    return choiceOf(text, condition, stringOf(text, consequent), stringOf(text, alternate));
  }
  return source(text, expression);
}

function textOf(text: string, parts: readonly TemplatePart[]): string {
  return parts.map((part) => partOf(text, part)).join("");
}

function partOf(text: string, part: TemplatePart): string {
  const written = ({ start, end }: Expression): string => text.slice(start, end);
  switch (part.kind) {
    case "text":
      return escaped(part.value);
    case "interpolation":
      return stringOf(text, part.expression);
    case "if": {
      const { condition, consequent, alternate } = part;
      return choiceOf(text, condition, textOf(text, consequent), textOf(text, alternate));
    }
    case "forPart": {
      const names = part.keyName === undefined ? part.valueName : `${part.keyName}, ${part.valueName}`;
      return `%{for ${names} in ${written(part.collection)}}${textOf(text, part.body)}%{endfor}`;
    }
  }
}

function choiceOf(text: string, condition: Expression, result: string, otherwise: string): string {
  const rest = otherwise === "" ? "" : `%{else}${otherwise}`;
  return `%{if ${text.slice(condition.start, condition.end)}}${result}${rest}%{endif}`;
}

/** `${` and `%{` that stand for themselves, as a template writes them. */
function escaped(value: string): string {
  return value.replace(/[$%](?=\{)/g, "$&$&");
}
