import { sortedEntries } from "../iteration.ts";
import { numberText } from "../numbers.ts";
import {
  combineUnknown,
  derived,
  lift,
  type Origin,
  scalar,
  type TerraformValue,
  unknownsIn,
} from "../value.ts";
import {
  EvaluationFailure,
  EvaluationLimit,
  type FunctionDefinition,
  fromJson,
  structural,
  text,
  tolerant,
} from "./definition.ts";

/** A value that is wholly known as JSON text, as `jsonencode` writes it. */
export function jsonText(value: TerraformValue): string {
  switch (value.kind) {
    case "scalar":
      return scalarText(value.value);
    case "tuple":
    case "list":
    case "set":
      return `[${value.items.map(jsonText).join(",")}]`;
    case "object":
    case "map":
      return `{${sortedEntries(value.entries)
        .map(([name, entry]) => `${quoted(name)}:${jsonText(entry)}`)
        .join(",")}}`;
    default:
      throw new EvaluationFailure("a part is not known");
  }
}

function scalarText(value: null | boolean | number | string): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "number") return String(value);
  const digits = numberText(value);
  if (digits === undefined) throw new EvaluationLimit("a number has more digits than are calculated here");
  return digits;
}

function quoted(content: string): string {
  return JSON.stringify(content).replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Keeps what was encoded beside the text, so that its parts can be asked one by one. */
function encode(value: TerraformValue | undefined, origin: Origin): TerraformValue {
  if (value === undefined) throw new EvaluationFailure("an argument is missing");
  const open = unknownsIn(value);
  if (open.length > 0) {
    return { ...combineUnknown(open, derived(origin.place, [value, ...open])), encoded: value };
  }
  return { ...scalar(jsonText(value), origin), encoded: value };
}

function decode(value: TerraformValue | undefined, origin: Origin): TerraformValue {
  if (value?.kind === "scalar" && value.encoded !== undefined) return value.encoded;
  try {
    return fromJson(JSON.parse(text(value)), origin);
  } catch (error) {
    if (error instanceof EvaluationFailure || error instanceof EvaluationLimit) throw error;
    throw new EvaluationFailure("the text is no JSON");
  }
}

export const jsonFunctions: Readonly<Record<string, FunctionDefinition>> = {
  jsonencode: structural(1, 1, ([value], origin) => encode(value, origin)),
  jsondecode: tolerant(1, 1, ([value], origin) => {
    if (value !== undefined && "encoded" in value && value.encoded !== undefined) return value.encoded;
    return lift(value === undefined ? [] : [value], origin.place, ([known], at) => decode(known, at));
  }),
};
