import { LineIndex } from "#base/location.ts";
import type { Body, Expression, Problem, TemplatePart } from "./tree.ts";

/** Problems as a reader sees them: `line:column message`. */
export function told(text: string, problems: readonly Problem[]): string[] {
  const lines = new LineIndex("a.tf", text);
  return problems.map(({ start, message }) => {
    const { line, column } = lines.position(start);
    return `${line}:${column} ${message}`;
  });
}

/** An expression on one line, fully bracketed: what was read, without how it was written. */
export function printed(expression: Expression): string {
  const list = (items: readonly Expression[]): string => items.map(printed).join(", ");
  switch (expression.kind) {
    case "literal":
      return JSON.stringify(expression.value);
    case "template":
      return `"${parts(expression.parts)}"`;
    case "variable":
      return expression.name;
    case "access":
      return `${printed(expression.source)}${expression.steps.map(step).join("")}`;
    case "call":
      return `${expression.name}(${list(expression.arguments)}${expression.isExpanded ? "..." : ""})`;
    case "tuple":
      return `[${list(expression.items)}]`;
    case "object":
      return `{${expression.entries.map(({ key, value }) => `${printed(key)} = ${printed(value)}`).join(", ")}}`;
    case "for": {
      const { keyName, valueName, collection, resultKey, resultValue, isGrouped, condition } = expression;
      const names = keyName === undefined ? valueName : `${keyName}, ${valueName}`;
      const value = `${printed(resultValue)}${isGrouped ? "..." : ""}`;
      const result = resultKey === undefined ? value : `${printed(resultKey)} => ${value}`;
      const filter = condition === undefined ? "" : ` if ${printed(condition)}`;
      return `for(${names} in ${printed(collection)} : ${result}${filter})`;
    }
    case "conditional":
      return `(${printed(expression.condition)} ? ${printed(expression.consequent)} : ${printed(expression.alternate)})`;
    case "unary":
      return `(${expression.operator}${printed(expression.operand)})`;
    case "binary":
      return `(${printed(expression.left)} ${expression.operator} ${printed(expression.right)})`;
    case "invalid":
      return "invalid";
  }
}

type Step = Extract<Expression, { kind: "access" }>["steps"][number];

function step(item: Step): string {
  if (item.kind === "name") return `.${item.name}`;
  if (item.kind === "index") return `[${printed(item.key)}]`;
  return `[*${item.each.map(step).join("")}]`;
}

function parts(items: readonly TemplatePart[]): string {
  return items
    .map((part) => {
      if (part.kind === "text") return JSON.stringify(part.value).slice(1, -1);
      if (part.kind === "interpolation") return `\${${printed(part.expression)}}`;
      if (part.kind === "forPart") {
        const names = part.keyName === undefined ? part.valueName : `${part.keyName}, ${part.valueName}`;
        return `%{for ${names} in ${printed(part.collection)}}${parts(part.body)}%{endfor}`;
      }
      const otherwise = part.alternate.length === 0 ? "" : `%{else}${parts(part.alternate)}`;
      return `%{if ${printed(part.condition)}}${parts(part.consequent)}${otherwise}%{endif}`;
    })
    .join("");
}

/** The items of a body, one a line, with what is in them. */
export function outline(body: Body): string[] {
  const items = [...body.attributes, ...body.blocks].sort((a, b) => a.start - b.start);
  return items.flatMap((item) => {
    if (item.kind === "attribute") return [`${item.name} = ${printed(item.expression)}`];
    const header = [item.type, ...item.labels.map(({ value }) => JSON.stringify(value))].join(" ");
    return [`${header} {`, ...outline(item.body).map((line) => `  ${line}`), "}"];
  });
}
