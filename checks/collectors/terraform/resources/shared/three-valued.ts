import type { Location } from "#base/location.ts";
import { mapValue, oneOf, type Unknown, unknown, type Value } from "#base/value.ts";

/** A yes or no with its provenance. */
export type Truth = Value<boolean>;

/** Beyond this many alternatives only the reason is kept. */
const maximumAlternatives = 64;

export function negate(truth: Truth): Truth {
  return mapValue(truth, (known) => ({ ...known, value: !known.value }));
}

/**
 * True as soon as one is true; false when all are false (then with the provenance of `otherwise`); unknown in between,
 * with every outcome that the alternatives allow. Absent counts as false.
 */
export function anyOf(truths: readonly Truth[], otherwise: Truth): Truth {
  const yes = truths.find((truth) => truth.state === "known" && truth.value);
  if (yes !== undefined) return yes;
  const open = truths.filter((truth) => truth.state === "unknown");
  const [first, ...rest] = open;
  if (first === undefined) return otherwise;
  const reason = [...new Set(open.map((truth) => truth.reason))].join("; ");
  const alternatives = first.alternatives?.map((alternative) => anyOf([alternative, ...rest], otherwise));
  if (alternatives === undefined || leaves(alternatives) > maximumAlternatives) {
    return unknown(reason, first.location, first.chain);
  }
  return oneOf(alternatives, reason, first.location, first.chain);
}

/** False as soon as one is false; true when all are true (then with the provenance of `otherwise`). */
export function allOf(truths: readonly Truth[], otherwise: Truth): Truth {
  return negate(anyOf(truths.map(negate), negate(otherwise)));
}

/** Chooses a value by a truth; where the truth is unknown, both are alternatives. Absent counts as false. */
export function choose<T>(truth: Truth, yes: () => Value<T>, no: () => Value<T>): Value<T> {
  if (truth.state === "known") return truth.value ? yes() : no();
  if (truth.state === "absent") return no();
  return oneOf([yes(), no()], truth.reason, truth.location, truth.chain);
}

/** Either of the two, for a reason that is told: which one cannot be known. */
export function either<T>(cause: Unknown, alternatives: readonly Value<T>[], location?: Location): Value<T> {
  return oneOf(alternatives, cause.reason, cause.location ?? location, cause.chain);
}

function leaves(values: readonly Truth[]): number {
  return values.reduce(
    (sum, value) =>
      sum + (value.state === "unknown" && value.alternatives !== undefined ? leaves(value.alternatives) : 1),
    0,
  );
}

/** An unknown without its alternatives, which may be of another type. */
export function bare(value: Unknown<unknown>): Unknown<never> {
  return unknown(value.reason, value.location, value.chain);
}
