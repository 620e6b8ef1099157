import type { TerraformValue } from "./value.ts";

/** A type as a `type` argument writes it, or as a value has it. */
export type Type =
  | { readonly kind: "any" | "string" | "number" | "bool" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | { readonly kind: "object"; readonly attributes: ReadonlyMap<string, AttributeType> };

export interface AttributeType {
  readonly type: Type;
  readonly isOptional: boolean;
  /** What an optional attribute is when nobody sets it; null without it. */
  readonly fallback?: TerraformValue;
}

export const anyType: Type = { kind: "any" };
export const stringType: Type = { kind: "string" };
export const numberType: Type = { kind: "number" };
export const boolType: Type = { kind: "bool" };

/** The type of a value; `any` for what is null or unknown. */
export function typeOf(value: TerraformValue): Type {
  switch (value.kind) {
    case "scalar":
      switch (typeof value.value) {
        case "string":
          return stringType;
        case "number":
          return numberType;
        case "boolean":
          return boolType;
        default:
          return anyType;
      }
    case "tuple":
      return { kind: "tuple", elements: value.items.map(typeOf) };
    case "list":
    case "set":
      return { kind: value.kind, element: unify(value.items.map(typeOf)) ?? anyType };
    case "map":
      return { kind: "map", element: unify([...value.entries.values()].map(typeOf)) ?? anyType };
    case "object":
      return {
        kind: "object",
        attributes: new Map(
          [...value.entries].map(([name, entry]) => [name, { type: typeOf(entry), isOptional: false }]),
        ),
      };
    default:
      return anyType;
  }
}

/** The type to which values of all the types can be converted; undefined where there is none. */
export function unify(types: readonly Type[]): Type | undefined {
  const told = types.filter((type) => type.kind !== "any");
  const [first, ...rest] = told;
  if (first === undefined) return types.length === 0 ? undefined : anyType;
  if (told.every(isPrimitive)) {
    if (rest.every((type) => type.kind === first.kind)) return first;
    return told.some((type) => type.kind === "string") ? stringType : undefined;
  }
  return rest.reduce<Type | undefined>((a, b) => (a === undefined ? undefined : unifyTwo(a, b)), first);
}

function unifyTwo(a: Type, b: Type): Type | undefined {
  if (a.kind === "any") return b;
  if (b.kind === "any") return a;
  if (isPrimitive(a) && isPrimitive(b)) {
    if (a.kind === b.kind) return a;
    return a.kind === "string" || b.kind === "string" ? stringType : undefined;
  }
  const sequences = elementTypes(a, ["list", "set", "tuple"]);
  const others = elementTypes(b, ["list", "set", "tuple"]);
  if (sequences !== undefined && others !== undefined) return unifySequences(a, b, sequences, others);
  const left = elementTypes(a, ["map", "object"]);
  const right = elementTypes(b, ["map", "object"]);
  if (left === undefined || right === undefined) return undefined;
  return unifyMappings(a, b, left, right);
}

function unifySequences(a: Type, b: Type, left: readonly Type[], right: readonly Type[]): Type | undefined {
  if (a.kind === "tuple" && b.kind === "tuple" && left.length === right.length) {
    const elements = left.map((type, index) => unify([type, right[index] ?? anyType]));
    if (elements.every((element) => element !== undefined)) return { kind: "tuple", elements };
  }
  const element = left.length + right.length === 0 ? anyType : unify([...left, ...right]);
  if (element === undefined) return undefined;
  return { kind: a.kind === "set" || b.kind === "set" ? "set" : "list", element };
}

function unifyMappings(a: Type, b: Type, left: readonly Type[], right: readonly Type[]): Type | undefined {
  if (a.kind === "object" && b.kind === "object" && sameNames(a.attributes, b.attributes)) {
    const attributes = new Map<string, AttributeType>();
    for (const [name, { type }] of a.attributes) {
      const joint = unify([type, b.attributes.get(name)?.type ?? anyType]);
      if (joint === undefined) return undefined;
      attributes.set(name, { type: joint, isOptional: false });
    }
    return { kind: "object", attributes };
  }
  const element = left.length + right.length === 0 ? anyType : unify([...left, ...right]);
  return element === undefined ? undefined : { kind: "map", element };
}

function sameNames(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((name) => b.has(name));
}

function elementTypes(type: Type, kinds: readonly Type["kind"][]): readonly Type[] | undefined {
  if (!kinds.includes(type.kind)) return undefined;
  if (type.kind === "list" || type.kind === "set" || type.kind === "map") return [type.element];
  if (type.kind === "tuple") return type.elements;
  if (type.kind === "object") return [...type.attributes.values()].map((attribute) => attribute.type);
  return undefined;
}

export function isPrimitive(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

/** A type as a `type` argument writes it. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${typeText(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(typeText).join(", ")}])`;
    case "object":
      return "object({…})";
    default:
      return type.kind;
  }
}
