import type { Location } from "#base/location.ts";
import type { Value } from "#base/value.ts";

/**
 * Puts a setting that nobody wrote where the cause of the question stands: the level that brings a list into play, the
 * line that offers a log-in.
 * @param due where such a setting stands otherwise (`Parameters.due`)
 */
export function dueAt<T>(value: Value<T>, due: Location, cause: Location | undefined): Value<T> {
  if (cause === undefined || value.location !== due) return value;
  if (value.state !== "unknown" || value.alternatives === undefined) return { ...value, location: cause };
  const alternatives = value.alternatives.map((alternative) => dueAt(alternative, due, cause));
  return { ...value, location: cause, alternatives };
}
