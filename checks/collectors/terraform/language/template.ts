import type { Template, TemplatePart } from "#syntax/hcl/tree.ts";
import type { Place } from "../files/source-file.ts";
import { convert, toText } from "./conversion.ts";
import { evaluate, placeOf } from "./evaluate.ts";
import { forScope, overPairs } from "./iteration.ts";
import type { Scope } from "./scope.ts";
import { boolType } from "./type.ts";
import { failure, isNull, lift, originAt, scalar, type TerraformValue, unknownValue } from "./value.ts";

/** A longer text is not evaluated: a few lines can double each other into gigabytes. */
const maximumLength = 4 * 1024 * 1024;

/** A string with interpolations and directives. A lone interpolation gives the value itself, of whatever type. */
export function evaluateTemplate(template: Template, scope: Scope): TerraformValue {
  const [only] = template.parts;
  if (template.parts.length === 1 && only?.kind === "interpolation") return evaluate(only.expression, scope);
  return textOf(template.parts, scope, placeOf(template, scope));
}

function textOf(parts: readonly TemplatePart[], scope: Scope, place: Place): TerraformValue {
  return joinTexts(
    parts.map((part) => pieceOf(part, scope)),
    place,
  );
}

function pieceOf(part: TemplatePart, scope: Scope): TerraformValue {
  const place = placeOf(part, scope);
  switch (part.kind) {
    case "text":
      return scalar(part.value, originAt(place));
    case "interpolation": {
      const value = evaluate(part.expression, scope);
      if (isNull(value)) return failure("null cannot stand in a text", value);
      return toText(value);
    }
    case "if": {
      const condition = convert(evaluate(part.condition, scope), boolType);
      if (condition.kind === "unknown" && condition.alternatives === undefined) {
        const both = [part.consequent, part.alternate].map((branch) => textOf(branch, scope, place));
        return condition.isFailure === true ? condition : { ...condition, alternatives: both };
      }
      return lift([condition], place, ([known]) => {
        if (known?.kind !== "scalar" || known.value === null)
          return failure("null is no condition", condition);
        return textOf(known.value === true ? part.consequent : part.alternate, scope, place);
      });
    }
    case "forPart":
      return overPairs(evaluate(part.collection, scope), (pairs) =>
        joinTexts(
          pairs.map((pair) => textOf(part.body, forScope(scope, part, pair), place)),
          place,
        ),
      );
  }
}

/** Puts texts together. What is unknown among them keeps its place, so that a JSON document can still be read. */
export function joinTexts(pieces: readonly TerraformValue[], place: Place | undefined): TerraformValue {
  const joined = lift(pieces, place, (known, origin) => {
    let text = "";
    for (const piece of known) {
      if (piece.kind !== "scalar")
        return failure("only a text, number or truth value can stand in a text", origin);
      text += String(piece.value);
      if (text.length > maximumLength) {
        return unknownValue(
          `the text is longer than ${maximumLength} characters and was not evaluated`,
          origin,
        );
      }
    }
    return scalar(text, origin);
  });
  if (joined.kind !== "unknown" || joined.isFailure === true) return joined;
  const symbol = symbolOf(pieces);
  return { ...joined, pieces, ...(symbol === undefined ? {} : { symbol }) };
}

const maximumSymbol = 1000;

function symbolOf(pieces: readonly TerraformValue[]): string | undefined {
  let symbol = "";
  for (const piece of pieces) {
    if (piece.kind === "scalar") symbol += String(piece.value);
    else if (piece.kind === "unknown" && piece.symbol !== undefined) symbol += `\${${piece.symbol}}`;
    else return undefined;
    if (symbol.length > maximumSymbol) return undefined;
  }
  return symbol;
}
