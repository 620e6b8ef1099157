import type { Location } from "./location.ts";

/** One step on the way from a value to what decided it: "var.kms_key has no default and no tfvars file sets it". */
export interface Step {
  readonly location: Location;
  readonly text: string;
}

/** Plain JSON, the only shape that a known value has. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value that was read, with where it stands and the steps that led to it. */
export interface Known<T = Json> {
  readonly state: "known";
  readonly value: T;
  readonly location?: Location;
  readonly chain: readonly Step[];
  /** True where nobody wrote the value and a documented default of the product fills it. */
  readonly isDefault?: boolean;
}

/** A value that exists but could not be determined; never treated as passing or failing by itself. */
export interface Unknown<T = Json> {
  readonly state: "unknown";
  /** One clause in plain words, without a full stop: "var.kms_key has no default and no tfvars file sets it". */
  readonly reason: string;
  readonly location?: Location;
  readonly chain: readonly Step[];
  /**
   * Every value it can take, where all of them are in view (the branches of a conditional).
   * If all alternatives lead to one verdict, that is the verdict.
   */
  readonly alternatives?: readonly Value<T>[];
}

/** Nobody set it, and the product documents no default. */
export interface Absent {
  readonly state: "absent";
  /** Where it would be due: the block or the line that makes it due. */
  readonly location?: Location;
  readonly chain: readonly Step[];
}

/** A three-valued value with its provenance. */
export type Value<T = Json> = Known<T> | Unknown<T> | Absent;

export function known<T>(value: T, location?: Location, chain: readonly Step[] = []): Known<T> {
  return location === undefined
    ? { state: "known", value, chain }
    : { state: "known", value, location, chain };
}

/** A documented default: known, but written by nobody. `location` is where the setting would be due. */
export function defaulted<T>(value: T, location?: Location, chain: readonly Step[] = []): Known<T> {
  return { ...known(value, location, chain), isDefault: true };
}

export function unknown(reason: string, location?: Location, chain: readonly Step[] = []): Unknown<never> {
  return location === undefined
    ? { state: "unknown", reason, chain }
    : { state: "unknown", reason, location, chain };
}

export function absent(location?: Location, chain: readonly Step[] = []): Absent {
  return location === undefined ? { state: "absent", chain } : { state: "absent", location, chain };
}

/**
 * An unknown whose every possible value is in view. Collapses to the value when there is only one; without any, nothing
 * is in view.
 */
export function oneOf<T>(
  alternatives: readonly Value<T>[],
  reason: string,
  location?: Location,
  chain: readonly Step[] = [],
): Value<T> {
  const [first, ...rest] = alternatives;
  if (first === undefined) return unknown(reason, location, chain);
  if (rest.length === 0) return first;
  return { ...unknown(reason, location, chain), alternatives };
}

/** Applies a function to what is known; unknown and absent stay as they are, alternatives are mapped one by one. */
export function mapValue<A, B>(value: Value<A>, transform: (known: Known<A>) => Value<B>): Value<B> {
  if (value.state === "known") return transform(value);
  if (value.state === "absent") return value;
  const { alternatives, ...rest } = value;
  if (alternatives === undefined) return rest;
  return { ...rest, alternatives: alternatives.map((alternative) => mapValue(alternative, transform)) };
}

/** Adds a step in front of the chain of a value. */
export function withStep<T>(value: Value<T>, step: Step): Value<T> {
  return { ...value, chain: [step, ...value.chain] };
}
