import type { Location } from "#base/location.ts";
import { absent, type Json, known, type Step, type Unknown, unknown, type Value } from "#base/value.ts";
import { locationOf } from "../files/source-file.ts";
import {
  type ChainStep,
  combineUnknown,
  derived,
  type Primitive,
  type TerraformValue,
  type Unknown as UnknownTerraformValue,
  unknownsIn,
} from "../language/value.ts";
import type { Tree } from "../resource.ts";
import { jsonDocument } from "./json-document.ts";

const noSteps: readonly Step[] = [];

export function stepsOf(chain: readonly ChainStep[]): readonly Step[] {
  if (chain.length === 0) return noSteps;
  return chain.map(({ place, text }) => ({ location: locationOf(place), text }));
}

/** What a reason quotes of a sensitive value does not leave the collector. */
function reasonOf({ reasons, isSensitive }: UnknownTerraformValue): string {
  const reason = reasons.join("; ");
  return isSensitive ? reason.replace(/"[^"]*"/g, '"(hidden)"') : reason;
}

/** An unknown without what it may turn out to be. */
export function toUnknown(value: UnknownTerraformValue, fallback: Location): Unknown {
  const location = value.place === undefined ? fallback : locationOf(value.place);
  return unknown(reasonOf(value), location, stepsOf(value.chain));
}

/** A value as facts carry it: null is absent, and one unknown part makes all of it unknown. `due` is where it would stand. */
export function toValue(value: TerraformValue, due: Location): Value<Json> {
  const chain = stepsOf(value.chain);
  if (value.kind === "scalar" && value.value === null) return absent(due, chain);
  const location = value.place === undefined ? due : locationOf(value.place);
  if (value.kind === "unknown") {
    const plain = unknown(reasonOf(value), location, chain);
    if (value.alternatives === undefined) return plain;
    return { ...plain, alternatives: value.alternatives.map((alternative) => toValue(alternative, due)) };
  }
  const open = unknownsIn(value);
  if (open.length > 0) {
    const combined = combineUnknown(open, derived(value.place, [value, ...open]));
    return toUnknown(combined, location);
  }
  return known(toJson(value), location, chain);
}

function toJson(value: TerraformValue): Json {
  switch (value.kind) {
    case "scalar":
      return value.value;
    case "tuple":
    case "list":
    case "set":
      return value.items.map(toJson);
    case "object":
    case "map":
      return Object.fromEntries([...value.entries].map(([name, entry]) => [name, toJson(entry)]));
    default:
      return null;
  }
}

/** A value with its parts, each of them known or not. JSON that was put together in the configuration is taken apart. */
export function toTree(value: TerraformValue, due: Location): Tree {
  const content = jsonDocument(value) ?? value;
  const chain = stepsOf(content.chain);
  const location = content.place === undefined ? due : locationOf(content.place);
  switch (content.kind) {
    case "scalar":
      return content.value === null ? absent(due, chain) : known(content.value, location, chain);
    case "tuple":
    case "list":
    case "set":
      return { state: "list", items: content.items.map((item) => toTree(item, location)), location, chain };
    case "object":
    case "map": {
      const entries = [...content.entries].map(([name, entry]): [string, Tree] => [
        name,
        toTree(entry, location),
      ]);
      return { state: "map", entries: Object.fromEntries(entries), location, chain };
    }
    case "resource":
      return unknown(`${content.resource.address} as a whole is known only after apply`, location, chain);
    case "unknown":
      return unknownTree(content, location, due);
  }
}

function unknownTree(value: UnknownTerraformValue, location: Location, due: Location): Tree {
  const plain = unknown(reasonOf(value), location, stepsOf(value.chain));
  const trees = value.alternatives?.map((alternative) => toTree(alternative, due));
  if (trees === undefined) return plain;
  return mergeTrees(trees, plain) ?? plain;
}

/** Alternatives of one shape become one tree whose leaves are open; undefined where their shapes differ. */
function mergeTrees(trees: readonly Tree[], plain: Unknown): Tree | undefined {
  const [first] = trees;
  if (first === undefined) return undefined;
  if (first.state === "list") {
    const lists = trees.filter((tree) => tree.state === "list");
    if (lists.length !== trees.length || lists.some((list) => list.items.length !== first.items.length))
      return undefined;
    const items = first.items.map((_, index) =>
      mergeTrees(
        lists.flatMap((list) => list.items[index] ?? []),
        plain,
      ),
    );
    return items.every((item) => item !== undefined) ? { ...first, items } : undefined;
  }
  if (first.state === "map") {
    const maps = trees.filter((tree) => tree.state === "map");
    const names = Object.keys(first.entries);
    const isSame = maps.every(
      ({ entries }) =>
        Object.keys(entries).length === names.length && names.every((name) => Object.hasOwn(entries, name)),
    );
    if (maps.length !== trees.length || !isSame) return undefined;
    const entries = names.map(
      (name) =>
        [
          name,
          mergeTrees(
            maps.flatMap((map) => map.entries[name] ?? []),
            plain,
          ),
        ] as const,
    );
    if (!entries.every((entry): entry is readonly [string, Tree] => entry[1] !== undefined)) return undefined;
    return { ...first, entries: Object.fromEntries(entries) };
  }
  const leaves = trees.filter((tree) => tree.state !== "list" && tree.state !== "map");
  return leaves.length === trees.length ? openLeaf(leaves as Value<Primitive>[], plain) : undefined;
}

/** One leaf for several; where all are the same text, that is it. */
function openLeaf(leaves: readonly Value<Primitive>[], plain: Unknown): Value<Primitive> {
  const [first] = leaves;
  const isSame = leaves.every(
    (leaf) => leaf.state === "known" && first?.state === "known" && leaf.value === first.value,
  );
  if (first !== undefined && isSame) return first;
  return { ...unknown(plain.reason, plain.location, plain.chain), alternatives: leaves };
}
