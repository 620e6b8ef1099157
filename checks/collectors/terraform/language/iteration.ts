import { bind, type Scope } from "./scope.ts";
import {
  derived,
  failure,
  isNull,
  lift,
  type Origin,
  scalar,
  type TerraformValue,
  type Unknown,
  wholeResource,
} from "./value.ts";

/** A key and its element, in the order in which Terraform goes through a collection. */
export type Pair = readonly [key: TerraformValue, element: TerraformValue];

/** The elements of a collection with their keys, or why there are none to go through. */
export function pairsOf(collection: TerraformValue): readonly Pair[] | Unknown {
  switch (collection.kind) {
    case "tuple":
    case "list":
      return collection.items.map((item, index) => [scalar(index, collection), item]);
    case "set":
      return collection.items.map((item) => [item, item]);
    case "map":
    case "object":
      return sortedEntries(collection.entries).map(([name, entry]) => [scalar(name, collection), entry]);
    case "unknown":
      return collection;
    case "resource":
      return wholeResource(collection);
    default:
      return failure(
        isNull(collection) ? "null has no elements" : "a single value has no elements",
        collection,
      );
  }
}

export function sortedEntries<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The scope inside a `for` for one element. */
export function forScope(
  scope: Scope,
  names: { readonly keyName: string | undefined; readonly valueName: string },
  [key, element]: Pair,
): Scope {
  const values = new Map([[names.valueName, element]]);
  if (names.keyName !== undefined) values.set(names.keyName, key);
  return bind(scope, values);
}

/** Goes through a collection; where it is one of several, through each of them. */
export function overPairs(
  collection: TerraformValue,
  compute: (pairs: readonly Pair[], origin: Origin) => TerraformValue,
): TerraformValue {
  return lift([collection], collection.place, ([known], origin) => {
    const pairs = known === undefined ? [] : pairsOf(known);
    if ("kind" in pairs) return { ...pairs, ...derived(pairs.place, [pairs]) };
    return compute(pairs, origin);
  });
}
