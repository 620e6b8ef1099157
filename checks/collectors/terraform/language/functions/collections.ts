import { convert, isEqual } from "../conversion.ts";
import { indexInto } from "../indexing.ts";
import { sortedEntries } from "../iteration.ts";
import { rounded } from "../numbers.ts";
import { typeOf, unify } from "../type.ts";
import {
  combineUnknown,
  derived,
  isNull,
  mapping,
  type Origin,
  relocated,
  scalar,
  sequence,
  type TerraformValue,
  type Unknown,
  unknownsIn,
  withAlternatives,
} from "../value.ts";
import {
  EvaluationFailure,
  entries,
  type FunctionDefinition,
  items,
  like,
  listOf,
  number,
  plain,
  structural,
  text,
  tolerant,
  uniform,
  wholeNumber,
} from "./definition.ts";
import { characters } from "./strings.ts";

function length(value: TerraformValue | undefined, origin: Origin): TerraformValue {
  if (value !== undefined && "items" in value) return scalar(value.items.length, origin);
  if (value !== undefined && "entries" in value) return scalar(value.entries.size, origin);
  if (value?.kind === "scalar" && typeof value.value === "string") {
    return scalar(characters(value.value).length, origin);
  }
  throw new EvaluationFailure("it takes a text, a list or a map");
}

/** Later entries win. What is unknown among the arguments may hold anything, so that only the last ones are sure. */
function merge(values: readonly TerraformValue[], origin: Origin): TerraformValue {
  const merged = new Map<string, TerraformValue>();
  for (const value of values) {
    if (isNull(value)) continue;
    for (const [name, entry] of entries(value)) merged.set(name, entry);
  }
  const isMap = values.length > 0 && values.every((value) => value.kind === "map");
  return mapping(isMap ? "map" : "object", merged, origin);
}

function concat(lists: readonly TerraformValue[], origin: Origin): TerraformValue {
  if (lists.some((list) => list.kind === "set")) throw new EvaluationFailure("a set has no order");
  const kind = lists.every((list) => list.kind === "list") ? "list" : "tuple";
  return sequence(
    kind,
    lists.flatMap((list) => items(list)),
    origin,
  );
}

function flatten(value: TerraformValue | undefined, origin: Origin): TerraformValue {
  const flat: TerraformValue[] = [];
  const open: Unknown[] = [];
  const visit = (list: readonly TerraformValue[]): void => {
    for (const item of list) {
      if ("items" in item) visit(item.items);
      else {
        if (item.kind === "unknown") open.push(item);
        flat.push(item);
      }
    }
  };
  visit(items(value));
  const result = sequence("tuple", flat, origin);
  // An unknown element may itself be a list, so that how many there are is not known.
  const isText = (item: Unknown): boolean => item.symbol !== undefined || item.pieces !== undefined;
  return open.every(isText) ? result : combineUnknown(open, derived(origin.place, [result, ...open]));
}

/** The value under a key, or the fallback. Without knowing the key, each of them. */
function lookup(values: readonly TerraformValue[], origin: Origin): TerraformValue {
  const [map, key, fallback] = values;
  if (map === undefined || key === undefined) throw new EvaluationFailure("a map and a key are due");
  if (map.kind === "unknown" || (key.kind === "unknown" && !("entries" in map))) {
    return combineUnknown([map, key].flatMap(unknownsIn), origin);
  }
  if (key.kind === "unknown") {
    const choices = [...entries(map).values(), ...(fallback === undefined ? [] : [fallback])];
    return withAlternatives(combineUnknown([key], origin), choices);
  }
  const found = entries(map).get(text(key));
  if (found !== undefined) return relocated(found, { ...derived(found.place, [map, found]) });
  if (fallback !== undefined) return fallback;
  throw new EvaluationFailure(`there is no element "${text(key)}", and no fallback`);
}

function element(
  list: TerraformValue | undefined,
  index: TerraformValue | undefined,
  origin: Origin,
): TerraformValue {
  const parts = items(list);
  const at = wholeNumber(index);
  if (parts.length === 0) throw new EvaluationFailure("the list is empty");
  const key = scalar(((at % parts.length) + parts.length) % parts.length, origin);
  if (list === undefined || origin.place === undefined)
    throw new EvaluationFailure("a list is due as argument");
  return indexInto(list, key, origin.place);
}

/** The first argument that is neither null nor empty. An unknown one may be either. */
function coalesce(
  values: readonly TerraformValue[],
  origin: Origin,
  isEmpty: (value: TerraformValue) => boolean,
): TerraformValue {
  for (const [index, value] of values.entries()) {
    if (value.kind === "unknown") {
      if (value.isFailure === true) return value;
      const rest = values.slice(index + 1);
      const choices = value.alternatives ?? [value];
      if (choices.every((choice) => choice.kind !== "unknown" && isEmpty(choice))) continue;
      if (rest.length === 0) return value;
      const later = coalesce(rest, origin, isEmpty);
      return withAlternatives(combineUnknown([value], origin), [
        ...choices.filter((choice) => choice.kind === "unknown" || !isEmpty(choice)),
        later,
      ]);
    }
    if (!isEmpty(value)) return value;
  }
  throw new EvaluationFailure("every argument is null or empty");
}

function isEmptyText(value: TerraformValue): boolean {
  return value.kind === "scalar" && (value.value === null || value.value === "");
}

function isEmptyList(value: TerraformValue): boolean {
  return isNull(value) || ("items" in value && value.items.length === 0);
}

function distinct(list: TerraformValue | undefined, origin: Origin): TerraformValue {
  const same = uniform(list);
  const unique: TerraformValue[] = [];
  for (const item of items(same)) {
    if (!unique.some((other) => isEqual(item, other) === true)) unique.push(item);
  }
  return sequence("list", unique, origin);
}

function zipmap(
  names: TerraformValue | undefined,
  values: TerraformValue | undefined,
  origin: Origin,
): TerraformValue {
  const keys = items(names).map((name) => text(name));
  const parts = items(values);
  if (keys.length !== parts.length) throw new EvaluationFailure("there are not as many values as keys");
  const pairs = keys.flatMap((key, index): [string, TerraformValue][] => {
    const part = parts[index];
    return part === undefined ? [] : [[key, part]];
  });
  return mapping(values?.kind === "list" ? "map" : "object", new Map(pairs), origin);
}

function contains(
  list: TerraformValue | undefined,
  wanted: TerraformValue | undefined,
  origin: Origin,
): TerraformValue {
  if (wanted === undefined || isNull(wanted)) throw new EvaluationFailure("a value is due as argument");
  const equal = items(list).map((item) => isEqual(item, wanted));
  if (equal.includes(true)) return scalar(true, origin);
  if (!equal.includes(undefined)) return scalar(false, origin);
  return combineUnknown([...items(list), wanted].flatMap(unknownsIn), origin);
}

function indexOf(list: TerraformValue | undefined, wanted: TerraformValue | undefined): number {
  const at = items(list).findIndex((item) => wanted !== undefined && isEqual(item, wanted) === true);
  if (at === -1) throw new EvaluationFailure("the value is not in the list");
  return at;
}

function slice([list, from, to]: readonly TerraformValue[], origin: Origin): TerraformValue {
  const parts = items(list);
  const [start, end] = [wholeNumber(from), wholeNumber(to)];
  if (start < 0 || end < start || end > parts.length)
    throw new EvaluationFailure("the indexes are outside the list");
  return sequence(like(list), parts.slice(start, end), origin);
}

const maximumRange = 1024;

function range(bounds: readonly TerraformValue[]): number[] {
  const [first, second, third] = bounds.map((bound) => number(bound));
  const [start, end] = second === undefined ? [0, first ?? 0] : [first ?? 0, second];
  const step = third ?? (end < start ? -1 : 1);
  if (step === 0 || (step > 0 && end < start) || (step < 0 && end > start)) {
    throw new EvaluationFailure("the step leads away from the end");
  }
  const numbers: number[] = [];
  for (let at = start; step > 0 ? at < end : at > end; at += step) {
    if (numbers.push(rounded(at)) > maximumRange)
      throw new EvaluationFailure(`more than ${maximumRange} numbers are refused`);
  }
  return numbers;
}

function chunks(list: TerraformValue | undefined, size: number, origin: Origin): TerraformValue {
  const parts = items(uniform(list));
  if (size < 0) throw new EvaluationFailure("the size is negative");
  const step = size === 0 ? Math.max(parts.length, 1) : size;
  const lists: TerraformValue[] = [];
  for (let at = 0; at < parts.length; at += step)
    lists.push(sequence("list", parts.slice(at, at + step), origin));
  return sequence("list", lists, origin);
}

function one(value: TerraformValue | undefined, origin: Origin): TerraformValue {
  const parts = items(value);
  if (parts.length > 1) throw new EvaluationFailure("there is more than one element");
  return parts[0] ?? scalar(null, origin);
}

function matchKeys([values, names, wanted]: readonly TerraformValue[], origin: Origin): TerraformValue {
  const keys = items(uniform(names));
  const search = items(uniform(wanted));
  const found = items(uniform(values)).filter((_, index) => {
    const key = keys[index];
    return key !== undefined && search.some((other) => isEqual(key, other) === true);
  });
  return sequence("list", found, origin);
}

function transpose(map: TerraformValue | undefined, origin: Origin): TerraformValue {
  const turned = new Map<string, string[]>();
  for (const [name, list] of sortedEntries(entries(map))) {
    for (const item of items(list)) turned.set(text(item), [...(turned.get(text(item)) ?? []), name]);
  }
  const lists = [...turned].map(([name, names]): [string, TerraformValue] => [name, listOf(names, origin)]);
  return mapping("map", new Map(lists), origin);
}

export const collectionFunctions: Readonly<Record<string, FunctionDefinition>> = {
  length: structural(1, 1, ([value], origin) => length(value, origin)),
  merge: structural(0, Infinity, merge),
  concat: structural(1, Infinity, concat),
  flatten: structural(1, 1, ([value], origin) => flatten(value, origin)),
  lookup: tolerant(2, 3, lookup),
  element: structural(2, 2, ([list, index], origin) => element(list, index, origin)),
  coalesce: tolerant(1, Infinity, (values, origin) => {
    const type = unify(values.map(typeOf));
    if (type === undefined) throw new EvaluationFailure("the arguments are of different types");
    return convert(coalesce(values, origin, isEmptyText), type);
  }),
  coalescelist: tolerant(1, Infinity, (values, origin) => {
    if (values.some((value) => value.kind === "set")) throw new EvaluationFailure("a set has no order");
    return coalesce(values, origin, isEmptyList);
  }),
  compact: plain(1, 1, ([list], origin) => {
    const kept = items(list).filter((item) => !isEmptyText(item));
    return listOf(
      kept.map((item) => text(item)),
      origin,
    );
  }),
  distinct: plain(1, 1, ([list], origin) => distinct(list, origin)),
  contains: structural(2, 2, ([list, wanted], origin) => contains(list, wanted, origin)),
  index: plain(2, 2, ([list, wanted], origin) => scalar(indexOf(list, wanted), origin)),
  keys: structural(1, 1, ([map], origin) => {
    const names = sortedEntries(entries(map)).map(([name]) => scalar(name, origin));
    return sequence(map?.kind === "map" ? "list" : "tuple", names, origin);
  }),
  values: structural(1, 1, ([map], origin) => {
    const parts = sortedEntries(entries(map)).map(([, entry]) => entry);
    return sequence(map?.kind === "map" ? "list" : "tuple", parts, origin);
  }),
  zipmap: structural(2, 2, ([names, values], origin) => zipmap(names, values, origin)),
  reverse: structural(1, 1, ([list], origin) => sequence(like(list), [...items(list)].reverse(), origin)),
  slice: structural(3, 3, slice),
  range: plain(1, 3, (bounds, origin) => listOf(range(bounds), origin)),
  chunklist: structural(2, 2, ([list, size], origin) => chunks(list, wholeNumber(size), origin)),
  one: structural(1, 1, ([value], origin) => one(value, origin)),
  matchkeys: plain(3, 3, matchKeys),
  transpose: plain(1, 1, ([map], origin) => transpose(map, origin)),
};
