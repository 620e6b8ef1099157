import type { Place } from "../files/source-file.ts";

/** One step on the way to a value. */
export interface ChainStep {
  readonly place: Place;
  readonly text: string;
}

/** Where a value stands and what led to it. */
export interface Origin {
  readonly place: Place | undefined;
  readonly chain: readonly ChainStep[];
  readonly isSensitive: boolean;
}

export type Primitive = null | boolean | number | string;

/** A string, number or truth value, or null. */
export interface Scalar extends Origin {
  readonly kind: "scalar";
  readonly value: Primitive;
  /** What `jsonencode` made the text from, whose parts still know where they stand. */
  readonly encoded?: TerraformValue;
}

export interface Sequence extends Origin {
  readonly kind: "tuple" | "list" | "set";
  /** Those of a set are sorted and stand once. */
  readonly items: readonly TerraformValue[];
  /** How many values it holds at all levels, itself included. */
  readonly size: number;
  readonly depth: number;
}

export interface Mapping extends Origin {
  readonly kind: "object" | "map";
  readonly entries: ReadonlyMap<string, TerraformValue>;
  /** How many values it holds at all levels, itself included. */
  readonly size: number;
  readonly depth: number;
}

/** A whole resource, whose attributes are looked up one by one. */
export interface ResourceObject extends Origin {
  readonly kind: "resource";
  readonly resource: ResourceAttributes;
}

export interface ResourceAttributes {
  readonly address: string;
  /** The value of an argument or nested block, or what is known of a computed attribute. */
  attributeValue(name: string, place: Place | undefined): TerraformValue;
}

/** What cannot be known, or what Terraform would refuse to evaluate (`isFailure`). */
export interface Unknown extends Origin {
  readonly kind: "unknown";
  readonly reasons: readonly string[];
  /** Addresses of the resources whose attributes made the value unknown. */
  readonly causes: readonly string[];
  /** Addresses of the resources one of whose arguments it is, unchanged. */
  readonly through?: readonly string[];
  /** The same text for two values that are equal whatever they turn out to be: `var.name`, `aws_s3_bucket.a.id`. */
  readonly symbol?: string;
  /** Every value it can take, where all are in view. */
  readonly alternatives?: readonly TerraformValue[];
  readonly isFailure?: boolean;
  /** What `jsonencode` made the text from. */
  readonly encoded?: TerraformValue;
  /** The parts of a text of which some are unknown, in order. */
  readonly pieces?: readonly TerraformValue[];
}

export type TerraformValue = Scalar | Sequence | Mapping | ResourceObject | Unknown;

/** Beyond this many alternatives only the reason is kept. */
const maximumAlternatives = 32;

const maximumReasons = 3;
const maximumSteps = 24;

/** A collection with more parts at all levels is not evaluated: a few lines can name each other into billions. */
const maximumSize = 200_000;
const maximumDepth = 200;

const noSteps: readonly ChainStep[] = [];

export function originAt(place: Place | undefined): Origin {
  return { place, chain: noSteps, isSensitive: false };
}

/** The origin of what was made from other values. */
export function derived(place: Place | undefined, from: readonly TerraformValue[]): Origin {
  let chain = noSteps;
  let isSensitive = false;
  for (const value of from) {
    if (value.isSensitive) isSensitive = true;
    if (value.chain.length > 0) chain = chain.length === 0 ? value.chain : joinChains(chain, value.chain);
  }
  return { place, chain, isSensitive };
}

function joinChains(a: readonly ChainStep[], b: readonly ChainStep[]): readonly ChainStep[] {
  if (a === b || a.length >= maximumSteps) return a;
  const known = new Set(a.map((step) => step.text));
  const added = b.filter((step) => !known.has(step.text));
  return added.length === 0 ? a : [...a, ...added].slice(0, maximumSteps);
}

export function scalar(value: Primitive, origin: Origin): Scalar {
  const { place, chain, isSensitive } = origin;
  return { kind: "scalar", value, place, chain, isSensitive };
}

/** A value that is written out: what most arguments are. */
export function literal(value: Primitive, place: Place): Scalar {
  return { kind: "scalar", value, place, chain: noSteps, isSensitive: false };
}

export function sequence(
  kind: Sequence["kind"],
  items: readonly TerraformValue[],
  { place, chain, isSensitive }: Origin,
): Sequence | Unknown {
  const { size, depth } = measure(items);
  if (size > maximumSize || depth > maximumDepth) return tooLarge({ place, chain, isSensitive });
  return { kind, items, size, depth, place, chain, isSensitive };
}

export function mapping(
  kind: Mapping["kind"],
  entries: ReadonlyMap<string, TerraformValue>,
  { place, chain, isSensitive }: Origin,
): Mapping | Unknown {
  const { size, depth } = measure(entries.values());
  if (size > maximumSize || depth > maximumDepth) return tooLarge({ place, chain, isSensitive });
  return { kind, entries, size, depth, place, chain, isSensitive };
}

function measure(parts: Iterable<TerraformValue>): { size: number; depth: number } {
  let size = 1;
  let depth = 0;
  for (const part of parts) {
    const isCollection = "size" in part;
    size += isCollection ? part.size : 1;
    if (isCollection && part.depth > depth) depth = part.depth;
  }
  return { size, depth: depth + 1 };
}

function tooLarge(origin: Origin): Unknown {
  return unknownValue(
    `the value has more than ${maximumSize} parts or ${maximumDepth} levels and was not evaluated`,
    origin,
  );
}

export function unknownValue(reason: string, { place, chain, isSensitive }: Origin): Unknown {
  return { kind: "unknown", reasons: [reason], causes: [], place, chain, isSensitive };
}

/** What Terraform refuses to evaluate: `try` goes on after it, anything else is unknown by it. */
export function failure(reason: string, origin: Origin): Unknown {
  return { ...unknownValue(reason, origin), isFailure: true };
}

/** The same value with its origin replaced. */
export function relocated<T extends TerraformValue>(value: T, origin: Origin): T {
  const { place, chain, isSensitive } = origin;
  return { ...value, place, chain, isSensitive: isSensitive || value.isSensitive };
}

export function isNull(value: TerraformValue): boolean {
  return value.kind === "scalar" && value.value === null;
}

/** An unknown for all the reasons of several. */
export function combineUnknown(open: readonly Unknown[], origin: Origin): Unknown {
  const [first] = open;
  const failed = open.find((value) => value.isFailure === true);
  const from = failed === undefined ? open : [failed];
  const reasons = [...new Set(from.flatMap((value) => value.reasons))].slice(0, maximumReasons);
  const causes = [...new Set(from.flatMap((value) => value.causes))];
  const { place, chain, isSensitive } = origin;
  return {
    kind: "unknown",
    reasons: first === undefined ? ["the value is not known"] : reasons,
    causes,
    place,
    chain,
    isSensitive,
    ...(failed === undefined ? {} : { isFailure: true }),
  };
}

/**
 * Computes a value from operands. Where operands are unknown the result is, with every alternative that theirs allow.
 */
export function lift(
  operands: readonly TerraformValue[],
  place: Place | undefined,
  compute: (operands: readonly TerraformValue[], origin: Origin) => TerraformValue,
): TerraformValue {
  const open = operands.filter((operand) => operand.kind === "unknown");
  const origin = derived(place, operands);
  if (open.length === 0) return compute(operands, origin);
  const combined = combineUnknown(open, origin);
  if (combined.isFailure === true) return combined;
  const count = open.reduce((product, value) => product * (value.alternatives?.length ?? Infinity), 1);
  if (count > maximumAlternatives) return combined;
  const index = operands.findIndex((operand) => operand.kind === "unknown");
  const chosen = operands[index];
  const alternatives = (chosen?.kind === "unknown" ? (chosen.alternatives ?? []) : []).map((alternative) =>
    lift(operands.with(index, alternative), place, compute),
  );
  return withAlternatives(combined, alternatives);
}

/** An unknown that is one of several values. */
export function withAlternatives(unknown: Unknown, alternatives: readonly TerraformValue[]): Unknown {
  const flat = alternatives.flatMap((alternative) =>
    alternative.kind === "unknown" && alternative.alternatives !== undefined
      ? alternative.alternatives
      : [alternative],
  );
  return flat.length > maximumAlternatives ? unknown : { ...unknown, alternatives: flat };
}

/** The unknowns inside a value, itself included; whole resources count as unknown. */
export function unknownsIn(value: TerraformValue): readonly Unknown[] {
  switch (value.kind) {
    case "scalar":
      return [];
    case "unknown":
      return [value];
    case "resource":
      return [wholeResource(value)];
    default: {
      const found: Unknown[] = [];
      const parts = "entries" in value ? value.entries.values() : value.items;
      for (const part of parts) {
        if (part.kind === "scalar") continue;
        found.push(...unknownsIn(part));
      }
      return found;
    }
  }
}

export function wholeResource({ resource, ...origin }: ResourceObject): Unknown {
  return {
    ...unknownValue(`${resource.address} as a whole is known only after apply`, origin),
    causes: [resource.address],
    symbol: resource.address,
  };
}
