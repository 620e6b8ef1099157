import { absent, defaulted, type Json, known, mapValue, type Value } from "#base/value.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { policyDocument } from "../shared/policy-document.ts";
import { allowsAnyone, refusesClearText } from "../shared/policy-questions.ts";
import { flag, folded, inBlock, isWritten, type Link, number, withDefault } from "../shared/reading.ts";
import { bare, choose, either, type Truth } from "../shared/three-valued.ts";

/** Reads one attribute of a store's fact from the resource and what else the module declares. */
export type Reading<T = Json> = (resource: Resource, module: Module) => Value<T>;

/** One type of resource that is a store. A new store is one entry in a table of these. */
export interface StoreType {
  readonly type: string;
  readonly category: string;
  /** Attributes of the `storage` fact; `service` and `category` are added. What is left out is no question here. */
  readonly attributes: Readonly<Record<string, Reading>>;
}

/** A boolean argument with its documented default. */
export function argumentFlag(name: string, fallback: boolean): Reading<boolean> {
  return ({ body }) => flag(body, name, fallback);
}

/** A number argument with its documented default. */
export function argumentNumber(name: string, fallback: number): Reading<number> {
  return ({ body }) => withDefault(number(body, name), fallback);
}

/** A list argument that names something. */
export function argumentList(name: string): Reading<boolean> {
  return ({ body }) => isWritten(body, name);
}

/** A boolean in a nested block; `withoutBlock` and `inBlock` are the documented defaults. */
export function blockFlag(
  block: string,
  name: string,
  fallback: { readonly withoutBlock: boolean; readonly inBlock: boolean },
): Reading<boolean> {
  return ({ body }) =>
    inBlock(
      body,
      block,
      (inner) => flag(inner, name, fallback.inBlock),
      defaulted(fallback.withoutBlock, body.location),
    );
}

/** What the service does always, whatever is written. */
export function always<T extends Json>(value: T): Reading<T> {
  return ({ body }) => defaulted(value, body.location);
}

export function isPositive(reading: Reading<number>): Reading<boolean> {
  return (resource, module) =>
    mapValue(reading(resource, module), (count) => ({ ...count, value: count.value > 0 }));
}

/** Whose key encrypts: asked only where the store is encrypted. */
export function keyWhere(encrypted: Reading<boolean>, key: Reading<KeyOwner>): Reading<KeyOwner> {
  return (resource, module) =>
    whereEncrypted(encrypted(resource, module), () => key(resource, module), resource.body);
}

function whereEncrypted(encrypted: Truth, key: () => Value<KeyOwner>, body: Body): Value<KeyOwner> {
  if (encrypted.state === "unknown" && encrypted.alternatives === undefined) return bare(encrypted);
  return choose(encrypted, key, () => absent(encrypted.location ?? body.location, encrypted.chain));
}

/** The key that an argument names; `whenUnset` is the service's own choice. */
export function argumentKey(name: string, whenUnset: KeyOwner): Reading<KeyOwner> {
  return ({ body }, module) => keyOwner(module, body, name, whenUnset);
}

/** The same in a nested block. */
export function blockKey(block: string, name: string, whenUnset: KeyOwner): Reading<KeyOwner> {
  return ({ body }, module) =>
    inBlock(
      body,
      block,
      (inner) => keyOwner(module, inner, name, whenUnset),
      defaulted(whenUnset, body.location),
    );
}

/** Whether an argument names a key at all. A variable that nobody sets may turn out to be `null`. */
export function namesKey(name: string): Reading<boolean> {
  return ({ body }, module) => {
    const written = isWritten(body, name);
    if (written.state === "known") return written;
    return mapValue(keyOwner(module, body, name, "provider-owned"), (owner) => ({
      ...owner,
      value: owner.isDefault !== true,
    }));
  };
}

/** What an `aws_…_policy` resource or an inline `policy` argument says about clear text and about everyone. */
export function policyReadings(
  service: string,
  link: Link,
): {
  readonly inTransitRequired: Reading<boolean>;
  readonly public: Reading<boolean>;
} {
  const ask =
    (question: (body: Body, module: Module) => Truth): Reading<boolean> =>
    (resource, module) =>
      folded(
        module,
        resource,
        link,
        (helper) => question(helper.body, module),
        question(resource.body, module),
      );
  return {
    inTransitRequired: ask((body, module) => {
      const document = policyDocument(module, body, "policy");
      if (document === undefined) return defaulted(false, body.location);
      return refusesClearText(document, service, () => known(true, document.location));
    }),
    public: ask((body, module) => {
      const document = policyDocument(module, body, "policy");
      return document === undefined ? defaulted(false, body.location) : allowsAnyone(document);
    }),
  };
}

/** A default that changed with a version or a date which the files do not tell. */
export function changedDefault<T>(body: Body, reason: string, alternatives: readonly T[]): Value<T> {
  const values = alternatives.map((value) => defaulted(value, body.location));
  return either({ state: "unknown", reason, chain: [], location: body.location }, values);
}
