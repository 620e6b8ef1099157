import { numberText, parseNumber } from "./numbers.ts";
import { type AttributeType, anyType, type Type, typeOf, typeText, unify } from "./type.ts";
import {
  failure,
  type Mapping,
  mapping,
  type Origin,
  type Primitive,
  type Scalar,
  type Sequence,
  scalar,
  sequence,
  type TerraformValue,
  unknownValue,
  wholeResource,
  withAlternatives,
} from "./value.ts";

/** Converts a value to a type as Terraform does; what it refuses becomes a failure. Unknown parts stay unknown. */
export function convert(value: TerraformValue, type: Type): TerraformValue {
  if (type.kind === "any") return value;
  if (value.kind === "unknown") {
    if (value.alternatives === undefined) return value;
    return withAlternatives(
      value,
      value.alternatives.map((alternative) => convert(alternative, type)),
    );
  }
  if (value.kind === "resource") {
    return type.kind === "object" || type.kind === "map" ? value : wholeResource(value);
  }
  if (value.kind === "scalar") return value.value === null ? value : convertScalar(value, type);
  if ("entries" in value) return convertMapping(value, type);
  return convertSequence(value, type);
}

function refuse(value: TerraformValue, type: Type, why?: string): TerraformValue {
  const given = typeText(typeOf(value));
  return failure(
    `${given} cannot be converted to ${typeText(type)}${why === undefined ? "" : `: ${why}`}`,
    value,
  );
}

function convertScalar(value: Scalar, type: Type): TerraformValue {
  const content = value.value;
  switch (type.kind) {
    case "string": {
      if (typeof content === "string") return value;
      const text = typeof content === "number" ? numberText(content) : String(content);
      if (text !== undefined) return scalar(text, value);
      return unknownValue("a number has more digits than are calculated here", value);
    }
    case "number": {
      if (typeof content === "number") return value;
      const number = typeof content === "string" ? parseNumber(content) : undefined;
      if (number === undefined) return refuse(value, type, "it is no decimal number");
      return scalar(number, value);
    }
    case "bool":
      if (typeof content === "boolean") return value;
      if (content === "true" || content === "1") return scalar(true, value);
      if (content === "false" || content === "0") return scalar(false, value);
      return refuse(value, type, 'only "true" and "false" are allowed');
    default:
      return refuse(value, type);
  }
}

function convertMapping(value: Mapping, type: Type): TerraformValue {
  if (type.kind === "object") return convertToObject(value, type.attributes, type);
  if (type.kind !== "map") return refuse(value, type);
  const element = type.element.kind === "any" ? commonType([...value.entries.values()]) : type.element;
  if (element === undefined) return refuse(value, type, "its elements have no common type");
  const entries = new Map([...value.entries].map(([name, entry]) => [name, convert(entry, element)]));
  return firstFailure(entries.values()) ?? mapping("map", entries, value);
}

function convertToObject(
  value: Mapping,
  attributes: ReadonlyMap<string, AttributeType>,
  type: Type,
): TerraformValue {
  const entries = new Map<string, TerraformValue>();
  for (const [name, attribute] of attributes) {
    const given = value.entries.get(name);
    if (given === undefined && !attribute.isOptional) {
      return refuse(value, type, `the attribute "${name}" is required`);
    }
    const isUnset = given === undefined || (given.kind === "scalar" && given.value === null);
    const content = isUnset ? (attribute.fallback ?? given ?? scalar(null, value)) : given;
    entries.set(name, convert(content, attribute.type));
  }
  return firstFailure(entries.values()) ?? mapping("object", entries, value);
}

function convertSequence(value: Sequence, type: Type): TerraformValue {
  if (type.kind === "tuple") {
    if (value.kind === "set") return refuse(value, type);
    if (value.items.length !== type.elements.length) {
      return refuse(value, type, `it has ${value.items.length} elements`);
    }
    const items = value.items.map((item, index) => convert(item, type.elements[index] ?? anyType));
    return firstFailure(items) ?? sequence("tuple", items, value);
  }
  if (type.kind !== "list" && type.kind !== "set") return refuse(value, type);
  const element = type.element.kind === "any" ? commonType(value.items) : type.element;
  if (element === undefined) return refuse(value, type, "its elements have no common type");
  const items = value.items.map((item) => convert(item, element));
  const failed = firstFailure(items);
  if (failed !== undefined) return failed;
  return type.kind === "list" ? sequence("list", items, value) : setOf(items, value);
}

function commonType(items: readonly TerraformValue[]): Type | undefined {
  return items.length === 0 ? anyType : unify(items.map(typeOf));
}

function firstFailure(values: Iterable<TerraformValue>): TerraformValue | undefined {
  for (const value of values) if (value.kind === "unknown" && value.isFailure === true) return value;
  return undefined;
}

/** A set of values that already have one type: in Terraform's order, equal ones once. */
export function setOf(items: readonly TerraformValue[], origin: Origin): TerraformValue {
  const scalars = items.filter((item) => item.kind === "scalar");
  if (scalars.length === items.length) {
    const unique = new Map(scalars.map((item) => [item.value, item]));
    const sorted = [...unique.values()].sort((a, b) => compare(a.value, b.value));
    return sequence("set", sorted, origin);
  }
  const unique: TerraformValue[] = [];
  for (const item of items) {
    if (!unique.some((other) => isEqual(item, other) === true)) unique.push(item);
  }
  return sequence("set", unique, origin);
}

function compare(a: Primitive, b: Primitive): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two values are equal; undefined where that depends on something unknown. */
export function isEqual(a: TerraformValue, b: TerraformValue): boolean | undefined {
  if (a.kind === "unknown" || b.kind === "unknown") {
    const isSame =
      a.kind === "unknown" && b.kind === "unknown" && a.symbol !== undefined && a.symbol === b.symbol;
    return isSame ? true : undefined;
  }
  if (a.kind === "resource" || b.kind === "resource") {
    return a.kind === b.kind ? undefined : isNullValue(a) || isNullValue(b) ? false : undefined;
  }
  if (a.kind === "scalar" || b.kind === "scalar") {
    return a.kind === "scalar" && b.kind === "scalar" && a.value === b.value;
  }
  if (a.kind !== b.kind) return false;
  if ("items" in a && "items" in b) return allEqual(a.items, b.items);
  if ("entries" in a && "entries" in b) {
    const names = [...a.entries.keys()];
    if (names.length !== b.entries.size || !names.every((name) => b.entries.has(name))) return false;
    const pick = (from: Mapping): TerraformValue[] => names.flatMap((name) => from.entries.get(name) ?? []);
    return allEqual(pick(a), pick(b));
  }
  return false;
}

function isNullValue(value: TerraformValue): boolean {
  return value.kind === "scalar" && value.value === null;
}

function allEqual(a: readonly TerraformValue[], b: readonly TerraformValue[]): boolean | undefined {
  if (a.length !== b.length) return false;
  let isOpen = false;
  for (const [index, item] of a.entries()) {
    const other = b[index];
    const equal = other === undefined ? false : isEqual(item, other);
    if (equal === false) return false;
    if (equal === undefined) isOpen = true;
  }
  return isOpen ? undefined : true;
}

/** A value as the text that a template or a string argument makes of it. */
export function toText(value: TerraformValue): TerraformValue {
  return convert(value, { kind: "string" });
}
