import { oneOf, unknown, type Value } from "#base/value.ts";

/** True as soon as one is true; unknown where one may be; otherwise `none`. Absent counts as false. */
export function anyOf(truths: readonly Value<boolean>[], none: Value<boolean>): Value<boolean> {
  const yes = truths.find((truth) => truth.state === "known" && truth.value);
  if (yes !== undefined) return yes;
  const open = truths.filter((truth) => truth.state === "unknown");
  const [first] = open;
  if (first === undefined) return none;
  const reason = [...new Set(open.map((truth) => truth.reason))].join("; ");
  const { alternatives } = first;
  if (open.length > 1 || alternatives === undefined) return unknown(reason, first.location, first.chain);
  return oneOf(
    alternatives.map((alternative) => anyOf([alternative], none)),
    reason,
    first.location,
    first.chain,
  );
}
