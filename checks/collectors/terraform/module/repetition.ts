import type { Declaration } from "../files/declarations.ts";
import { convert } from "../language/conversion.ts";
import { evaluate } from "../language/evaluate.ts";
import { sortedEntries } from "../language/iteration.ts";
import type { References, Repetition } from "../language/scope.ts";
import { numberType } from "../language/type.ts";
import {
  combineUnknown,
  derived,
  failure,
  originAt,
  scalar,
  type TerraformValue,
  type Unknown,
  unknownsIn,
  unknownValue,
  withAlternatives,
} from "../language/value.ts";

/** How often a block counts, by its `count` or `for_each`. */
export type Repetitions =
  | { readonly kind: "single" }
  | { readonly kind: "count"; readonly each: readonly Repetition[] }
  | { readonly kind: "each"; readonly each: ReadonlyMap<string, Repetition> }
  /** `repetition` stands for all of them; `cause` says why they cannot be told apart. */
  | { readonly kind: "unresolved"; readonly repetition: Repetition; readonly cause: Unknown };

/** More instances than this are judged as one that stands for all. */
const maximumInstances = 64;

/** @param address what the block is called in reasons: `aws_s3_bucket.a`, `module.b` */
export function repetitionsOf(
  { content }: Declaration,
  address: string,
  references: References,
): Repetitions {
  const read = (name: "count" | "for_each"): TerraformValue | undefined => {
    const argument = content.argument(name);
    return argument && evaluate(argument.expression, { source: argument.source, references });
  };
  const count = read("count");
  if (count !== undefined) return byCount(address, convert(count, numberType));
  const collection = read("for_each");
  return collection === undefined ? { kind: "single" } : byElement(address, collection);
}

function unresolved(address: string, cause: Unknown, name: "count" | "for_each"): Repetitions {
  const open = (what: string, values: readonly TerraformValue[] | undefined): TerraformValue => {
    const reason = `${what} of ${address} is not known: ${cause.reasons.join("; ")}`;
    const unknown = { ...unknownValue(reason, cause), causes: cause.causes, symbol: `${address} ${what}` };
    const [only, ...others] = values ?? [];
    if (values === undefined || only === undefined) return unknown;
    return others.length === 0 ? only : withAlternatives(unknown, values);
  };
  if (name === "count") {
    return { kind: "unresolved", repetition: { index: open("count.index", possibleIndexes(cause)) }, cause };
  }
  const pairs = possibleElements(cause);
  const repetition = {
    key: open(
      "each.key",
      pairs?.map(([key, value]) => scalar(key, originAt(value.place))),
    ),
    value: open(
      "each.value",
      pairs?.map(([, value]) => value),
    ),
  };
  return { kind: "unresolved", repetition, cause };
}

/** Every index that there can be; undefined where not every possible count is known. */
function possibleIndexes({ alternatives, place }: Unknown): readonly TerraformValue[] | undefined {
  const counts = alternatives?.map((count) => (count.kind === "scalar" ? Number(count.value) : Number.NaN));
  const most = Math.max(0, ...(counts ?? [Number.NaN]));
  if (!Number.isInteger(most) || most > maximumInstances) return undefined;
  return Array.from({ length: most }, (_, index) => scalar(index, originAt(place)));
}

/** Every element that there can be; undefined where not every possible collection is known. */
function possibleElements({
  alternatives,
}: Unknown): readonly (readonly [string, TerraformValue])[] | undefined {
  const collections = alternatives?.map(elementsOf);
  if (collections === undefined) return undefined;
  const pairs: (readonly [string, TerraformValue])[] = [];
  for (const collection of collections) {
    if ("kind" in collection) return undefined;
    pairs.push(...collection);
  }
  return pairs;
}

function byCount(address: string, count: TerraformValue): Repetitions {
  if (count.kind === "unknown") return unresolved(address, count, "count");
  const number = count.kind === "scalar" ? Number(count.value) : Number.NaN;
  if (count.kind !== "scalar" || count.value === null || !Number.isInteger(number) || number < 0) {
    return unresolved(address, failure("count is no whole number", count), "count");
  }
  if (number > maximumInstances) return unresolved(address, tooMany(number, count), "count");
  const each = Array.from({ length: number }, (_, index) => ({
    index: scalar(index, originAt(count.place)),
  }));
  return { kind: "count", each };
}

function byElement(address: string, collection: TerraformValue): Repetitions {
  const pairs = elementsOf(collection);
  if ("kind" in pairs) return unresolved(address, pairs, "for_each");
  if (pairs.length > maximumInstances) {
    return unresolved(address, tooMany(pairs.length, collection), "for_each");
  }
  const each = pairs.map(([key, value]): [string, Repetition] => [
    key,
    { key: scalar(key, originAt(value.place)), value },
  ]);
  return { kind: "each", each: new Map(each) };
}

function tooMany(count: number, from: TerraformValue): Unknown {
  return unknownValue(`it makes ${count} instances, which are not told apart`, from);
}

/** Terraform takes a map, an object or a set of texts. */
function elementsOf(collection: TerraformValue): readonly (readonly [string, TerraformValue])[] | Unknown {
  if (collection.kind === "unknown") return collection;
  if ("entries" in collection) return sortedEntries(collection.entries);
  if (collection.kind !== "set") return failure("for_each takes a map or a set of texts", collection);
  const open = unknownsIn(collection);
  if (open.length > 0) return combineUnknown(open, derived(collection.place, open));
  return collection.items.flatMap((item): (readonly [string, TerraformValue])[] =>
    item.kind === "scalar" ? [[String(item.value), item]] : [],
  );
}
