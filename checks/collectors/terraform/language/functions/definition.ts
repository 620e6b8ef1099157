import { convert } from "../conversion.ts";
import { anyType, boolType, numberType, stringType, type Type } from "../type.ts";
import { mapping, type Origin, type Sequence, scalar, sequence, type TerraformValue } from "../value.ts";

/** What Terraform would say about a call that it refuses. */
export class EvaluationFailure extends Error {}

/** Why a call that Terraform would carry out is not carried out here. */
export class EvaluationLimit extends Error {}

export interface FunctionDefinition {
  readonly least: number;
  readonly most: number;
  /** The result depends on every part of every argument: one unknown part makes it unknown. */
  readonly needsAll: boolean;
  /** The function itself deals with arguments that are unknown. */
  readonly takesUnknown: boolean;
  /** @throws EvaluationFailure, EvaluationLimit */
  readonly run: (values: readonly TerraformValue[], origin: Origin) => TerraformValue;
}

type Run = FunctionDefinition["run"];

/** A function of scalars and texts, computed when all is known. */
export function plain(least: number, most: number, run: Run): FunctionDefinition {
  return { least, most, needsAll: true, takesUnknown: false, run };
}

/** A function that moves values about and does not mind unknown parts inside a collection. */
export function structural(least: number, most: number, run: Run): FunctionDefinition {
  return { least, most, needsAll: false, takesUnknown: false, run };
}

/** A function that makes sense of unknown arguments. */
export function tolerant(least: number, most: number, run: Run): FunctionDefinition {
  return { least, most, needsAll: false, takesUnknown: true, run };
}

function converted(value: TerraformValue | undefined, type: Type): TerraformValue {
  if (value === undefined) throw new EvaluationFailure("an argument is missing");
  const result = convert(value, type);
  if (result.kind === "unknown") throw new EvaluationFailure(result.reasons.join("; "));
  return result;
}

export function text(value: TerraformValue | undefined): string {
  const result = converted(value, stringType);
  if (result.kind !== "scalar" || result.value === null) throw new EvaluationFailure("null is no text");
  return String(result.value);
}

export function number(value: TerraformValue | undefined): number {
  const result = converted(value, numberType);
  if (result.kind !== "scalar" || result.value === null) throw new EvaluationFailure("null is no number");
  return Number(result.value);
}

export function wholeNumber(value: TerraformValue | undefined): number {
  const result = number(value);
  if (!Number.isSafeInteger(result)) throw new EvaluationFailure(`${result} is no whole number`);
  return result;
}

export function truth(value: TerraformValue | undefined): boolean {
  const result = converted(value, boolType);
  if (result.kind !== "scalar" || result.value === null)
    throw new EvaluationFailure("null is no truth value");
  return result.value === true;
}

/** The elements of a list, tuple or set. */
export function items(value: TerraformValue | undefined): readonly TerraformValue[] {
  if (value !== undefined && "items" in value) return value.items;
  throw new EvaluationFailure("a list is due as argument");
}

/** A list whose elements are first converted to one type, as functions of lists take it. */
export function uniform(value: TerraformValue | undefined): TerraformValue | undefined {
  return value && converted(value, { kind: "list", element: anyType });
}

/** The elements of a map or object. */
export function entries(value: TerraformValue | undefined): ReadonlyMap<string, TerraformValue> {
  if (value !== undefined && "entries" in value) return value.entries;
  throw new EvaluationFailure("a map is due as argument");
}

export function texts(value: TerraformValue | undefined): string[] {
  return items(value).map((item) => text(item));
}

export function listOf(values: readonly string[] | readonly number[], origin: Origin): TerraformValue {
  const parts = values.map((value) => scalar(value, origin));
  return sequence("list", parts, origin);
}

/** A list, or a tuple where the elements may be of different types. */
export function like(model: TerraformValue | undefined): Sequence["kind"] {
  return model?.kind === "list" || model?.kind === "set" ? "list" : "tuple";
}

const maximumDepth = 200;

/** JSON as values, the way `jsondecode` makes them. */
export function fromJson(json: unknown, origin: Origin, depth = 0): TerraformValue {
  if (depth > maximumDepth) throw new EvaluationLimit("the text is nested too deep");
  if (Array.isArray(json)) {
    return sequence(
      "tuple",
      json.map((item) => fromJson(item, origin, depth + 1)),
      origin,
    );
  }
  if (typeof json === "object" && json !== null) {
    const parts = Object.entries(json).map(([name, value]): [string, TerraformValue] => [
      name,
      fromJson(value, origin, depth + 1),
    ]);
    return mapping("object", new Map(parts), origin);
  }
  if (json === undefined || typeof json === "function" || typeof json === "symbol")
    return scalar(null, origin);
  return scalar(json as null | boolean | number | string, origin);
}
