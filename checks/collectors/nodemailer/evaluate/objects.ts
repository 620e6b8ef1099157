import type { Location } from "#base/location.ts";
import { constant, type Datum, type Layer, type ObjectDatum, partOf, type Unknown } from "./datum.ts";
import { settle } from "./questions.ts";
import type { World } from "./world.ts";

/** A property that an object has, or that an unknown part of it may have. */
export interface Slot {
  readonly value: Datum;
  /** The property as written, or the spread it comes in by. */
  readonly location: Location;
  /** It stands in a part of the object that is not known, so it may not be there. */
  readonly uncertain: boolean;
}

/** The property of an object; undefined where it certainly has none. */
export function slotOf(object: ObjectDatum, name: string, world: World, height?: number): Slot | undefined {
  const layers = object.layers;
  for (let at = (height ?? layers.length) - 1; at >= 0; at--) {
    const layer = layers[at];
    if (layer === undefined) continue;
    if (layer.kind === "spread") {
      if (layer.when?.() === false) continue;
      const inner = spreadSlot(layer, name, world);
      if (inner !== undefined) return inner;
      continue;
    }
    if (layer.name !== name || layer.when?.() === false) continue;
    if (layer.kind === "remove") return undefined;
    const below = (): Datum => slotOf(object, name, world, at)?.value ?? constant(undefined, layer.location);
    return { value: layer.value(below), location: layer.location, uncertain: false };
  }
  return undefined;
}

function spreadSlot(layer: Layer & { kind: "spread" }, name: string, world: World): Slot | undefined {
  const spread = settle(layer.value(), world);
  if (spread.kind === "object") return slotOf(spread, name, world);
  if (spread.kind === "constant") return undefined;
  if (spread.kind === "unknown" && addsNothing(spread, world)) return undefined;
  const { location } = layer;
  const value: Datum =
    spread.kind === "unknown"
      ? partOf(spread, name, location)
      : {
          kind: "unknown",
          key: `spread ${location.file}:${location.line}:${location.column}.${name}`,
          name,
          reason: "may come from an object that is not read",
          location,
          chain: [],
          origin: "outside",
        };
  return { value, location, uncertain: true };
}

/** A text, a number or a truth has no properties to spread, and neither has what counts as false. */
function addsNothing(unknown: Unknown, world: World): boolean {
  return unknown.type !== undefined || world.answered(`truthy ${unknown.key}`) === false;
}

/** A property that is known to be written, with its name; names that occur twice occur twice. */
export interface WrittenProperty {
  readonly name: string;
  readonly location: Location;
}

/** All properties that are written somewhere in view, in an object or in what is spread into it. */
export function writtenProperties(object: ObjectDatum, world: World): WrittenProperty[] {
  return object.layers.flatMap((layer): WrittenProperty[] => {
    if (layer.kind === "set") return [{ name: layer.name, location: layer.location }];
    if (layer.kind === "remove") return [];
    const spread = settle(layer.value(), world);
    return spread.kind === "object" ? writtenProperties(spread, world) : [];
  });
}
