import type { Constant, Datum, Primitive, Unknown } from "./datum.ts";
import { constant } from "./datum.ts";
import type { World } from "./world.ts";

/** The datum as far as this world has settled it. */
export function settle(datum: Datum, world: World): Datum {
  if (datum.kind !== "unknown") return datum;
  if (world.has(datum.key)) return settled(datum, world.value(datum.key));
  const [candidate, ...others] = new Set(datum.candidates);
  if (candidate !== undefined && others.length === 0) return settled(datum, candidate);
  if (datum.derived === undefined) return datum;
  const from = settle(datum.derived.from, world);
  return from.kind === "constant" ? settled(datum, datum.derived.apply(from.value)) : datum;
}

function settled(unknown: Unknown, value: Primitive): Constant {
  return constant(value, unknown.location, unknown.chain);
}

/** What an `if` makes of the datum. */
export function isTruthy(datum: Datum, world: World): boolean {
  const value = settle(datum, world);
  if (value.kind === "constant") return Boolean(value.value);
  if (value.kind !== "unknown") return true;
  const agreed = agreement(value, Boolean);
  if (agreed !== undefined) return agreed;
  if (value.parts?.some((part) => typeof part === "string" && part !== "")) return true;
  if (world.answered(`undefined ${value.key}`) === true) return false;
  return world.ask(`truthy ${value.key}`, value);
}

/** Whether the datum is `undefined`, for which a default stands in. For an unknown, `null` counts as the same. */
export function isMissing(datum: Datum, world: World, orNull: boolean): boolean {
  const value = settle(datum, world);
  if (value.kind === "constant") return value.value === undefined || (orNull && value.value === null);
  if (value.kind !== "unknown" || value.parts !== undefined || value.candidates !== undefined) return false;
  if (value.derived !== undefined) return false;
  if (world.answered(`truthy ${value.key}`) === true) return false;
  const missing = world.ask(`undefined ${value.key}`, value);
  if (missing) world.assign(value, undefined);
  return missing;
}

/** `===`, or `==` where `loose`. */
export function areEqual(left: Datum, right: Datum, loose: boolean, world: World): boolean {
  const a = settle(left, world);
  const b = settle(right, world);
  if (a.kind === "constant" && b.kind === "constant") return sameValue(a.value, b.value, loose);
  if (a.kind === "constant" && b.kind === "unknown") return equalsConstant(b, a.value, loose, world);
  if (b.kind === "constant" && a.kind === "unknown") return equalsConstant(a, b.value, loose, world);
  if (a.kind === "unknown" && b.kind === "unknown") {
    return a.key === b.key || world.ask(`${[a.key, b.key].sort().join(" = ")}`, a);
  }
  return a === b;
}

function equalsConstant(unknown: Unknown, value: Primitive, loose: boolean, world: World): boolean {
  if (value === undefined || value === null) return isMissing(unknown, world, loose || value === null);
  if (!loose && unknown.type !== undefined && typeof value !== unknown.type) return false;
  const agreed = agreement(unknown, (candidate) => sameValue(candidate, value, loose));
  if (agreed !== undefined) return agreed;
  const truth = world.answered(`truthy ${unknown.key}`);
  if (truth !== undefined && truth !== Boolean(value)) return false;
  const equal = world.ask(`${unknown.key} = ${loose ? String(value) : JSON.stringify(value)}`, unknown);
  if (equal) world.assign(unknown, value);
  return equal;
}

function sameValue(a: Primitive, b: Primitive, loose: boolean): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: the program under check compares loosely here
  return loose ? a == b : a === b;
}

function agreement(unknown: Unknown, test: (candidate: Primitive) => boolean): boolean | undefined {
  const answers = new Set((unknown.candidates ?? []).map(test));
  const [only] = answers;
  return answers.size === 1 ? only : undefined;
}
