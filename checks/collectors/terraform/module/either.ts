import type { Place } from "../files/source-file.ts";
import { isEqual } from "../language/conversion.ts";
import { derived, type TerraformValue, unknownValue, withAlternatives } from "../language/value.ts";

/** One of several values, for a reason; the value itself where all are equal. */
export function eitherValue(values: readonly TerraformValue[], reason: string, place: Place): TerraformValue {
  const [first, ...rest] = values;
  if (first === undefined) return unknownValue(reason, derived(place, []));
  if (rest.every((value) => isEqual(first, value) === true)) return first;
  return withAlternatives(unknownValue(reason, derived(place, values)), values);
}
