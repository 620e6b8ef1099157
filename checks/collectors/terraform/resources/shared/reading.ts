import {
  absent,
  defaulted,
  type Json,
  known,
  mapValue,
  type Step,
  type Unknown,
  unknown,
  type Value,
  withStep,
} from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { bare, either, type Truth } from "./three-valued.ts";

/** A boolean argument. Terraform takes `"true"` for `true`. `fallback` is the documented default. */
export function flag(body: Body, name: string, fallback: boolean): Truth {
  return withDefault(
    mapValue(body.attribute(name), (value) => {
      const text = String(value.value);
      if (text === "true" || text === "false") return { ...value, value: text === "true" };
      return unknown(`${name} is neither true nor false`, value.location, value.chain);
    }),
    fallback,
  );
}

/** A number argument; absent when nobody wrote it. Terraform takes `"7"` for `7`. */
export function number(body: Body, name: string): Value<number> {
  return mapValue(body.attribute(name), (value) => {
    const count =
      typeof value.value === "string" && value.value.trim() !== "" ? Number(value.value) : value.value;
    if (typeof count === "number" && Number.isFinite(count)) return { ...value, value: count };
    return unknown(`${name} is no number`, value.location, value.chain);
  });
}

/** A string argument; absent when nobody wrote it or when it is empty. */
export function text(body: Body, name: string): Value<string> {
  return mapValue(body.attribute(name), (value) => {
    if (value.value === "") return absent(value.location, value.chain);
    if (typeof value.value === "object") return unknown(`${name} is no text`, value.location, value.chain);
    return { ...value, value: String(value.value) };
  });
}

/** Whether an argument is written with something in it (a list or text that is not empty). */
export function isWritten(body: Body, name: string): Truth {
  const value = body.attribute(name);
  if (value.state === "absent") return known(false, value.location, value.chain);
  return mapValue(value, (written) => {
    const content = written.value;
    return { ...written, value: content !== "" && !(Array.isArray(content) && content.length === 0) };
  });
}

/** Puts a documented default where nobody wrote a value, at the place where it would be due. */
export function withDefault<T>(value: Value<T>, fallback: T): Value<T> {
  if (value.state === "absent") return defaulted(fallback, value.location, value.chain);
  if (value.state === "known" || value.alternatives === undefined) return value;
  return {
    ...value,
    alternatives: value.alternatives.map((alternative) => withDefault(alternative, fallback)),
  };
}

/** What a nested block that stands at most once says, or `without` where there is none. */
export function inBlock<T>(
  body: Body,
  type: string,
  read: (block: Body) => Value<T>,
  without: Value<T>,
): Value<T> {
  const block = body.blocks(type).at(-1);
  const uncertain = body.uncertain(type);
  if (uncertain !== undefined)
    return unknown(uncertain.reason, uncertain.location ?? body.location, uncertain.chain);
  return block === undefined ? without : read(block);
}

/** Whether the body has a block of the type. */
export function hasBlock(body: Body, type: string): Truth {
  const block = body.blocks(type)[0];
  return inBlock(body, type, () => known(true, block?.location), known(false, body.location));
}

/** How one kind of resource adds to another: `type` whose `argument` names the target by its `targetArgument`. */
export interface Link {
  readonly type: string;
  readonly argument: string;
  readonly targetArgument: string;
}

/**
 * What other resources say about `target`: the one that points at it decides. Where it cannot be told whether such a
 * resource exists or which target it points at, every possible answer is an alternative.
 */
export function folded<T>(
  module: Module,
  target: Resource,
  link: Link,
  read: (helper: Resource) => Value<T>,
  without: Value<T>,
): Value<T> {
  const pointing = module.pointingAt(link.type, link.argument, target, link.targetArgument);
  const certain = pointing.filter((helper) => existsWith(helper, target));
  const [first] = certain;
  if (first !== undefined && certain.length === 1) return read(first);
  if (certain.length > 1) {
    const names = certain.map((helper) => helper.address).join(" and ");
    return either(
      unknown(`${names} both set it, and the later one to be applied wins`),
      certain.map(read),
      target.body.location,
    );
  }
  const possible = [...pointing, ...module.unlinked(link.type, link.argument, target, link.targetArgument)];
  const [cause] = possible;
  if (cause === undefined) {
    const doubt = module.incomplete ?? module.mayBeExtended(target, link.type);
    return doubt === undefined ? without : bare(doubt);
  }
  const why = cause.uncertainExistence?.reason ?? `${cause.address} cannot be linked to one ${target.type}`;
  const location = cause.uncertainExistence?.location ?? cause.body.attribute(link.argument).location;
  return either(unknown(why, location), [...possible.map(read), without], cause.body.location);
}

/** A helper exists for certain, or under the very condition under which its target does. */
function existsWith(helper: Resource, target: Resource): boolean {
  if (helper.uncertainExistence === undefined) return true;
  if (target.uncertainExistence === undefined) return false;
  return ["count", "for_each"].some((name) => {
    const own = helper.body.attribute(name);
    const others = target.body.attribute(name);
    return own.state === "unknown" && others.state === "unknown" && shape(own) === shape(others);
  });
}

/** What an unknown says without where it stands: two of one shape depend on the same input in the same way. */
function shape(value: Value<Json>): string {
  if (value.state !== "unknown") return JSON.stringify(value.state === "known" ? value.value : null);
  return JSON.stringify([value.reason, ...(value.alternatives ?? []).map(shape)]);
}

/** A fact about one resource, under its address. */
export function resourceFact(
  kind: string,
  resource: Resource,
  attributes: Readonly<Record<string, Value<Json>>>,
): Fact {
  const condition = existence(resource);
  const { location } = resource.body;
  if (condition === undefined) return { kind, id: resource.address, location, attributes };
  const conditioned = Object.entries(attributes).map(([name, value]) => [name, withStep(value, condition)]);
  return { kind, id: resource.address, location, attributes: Object.fromEntries(conditioned) };
}

/** The `service` attribute of a fact: the type of the resource. */
export function serviceOf(resource: Resource): Value<string> {
  return known(resource.type, resource.body.location);
}

/**
 * A resource that may not exist is judged as written, since it holds for every instance that does exist; the chain
 * says so.
 */
function existence(resource: Resource): Step | undefined {
  const cause: Unknown | undefined = resource.uncertainExistence;
  if (cause === undefined) return undefined;
  const text = `whether or how often ${resource.address} exists is not known: ${cause.reason}`;
  return { location: cause.location ?? resource.body.location, text };
}
