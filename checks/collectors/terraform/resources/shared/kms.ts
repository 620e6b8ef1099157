import { defaulted, known, mapValue, type Step, type Unknown, unknown, type Value } from "#base/value.ts";
import type { Body, Module } from "../../resource.ts";
import { comesFrom } from "./cause.ts";
import { text } from "./reading.ts";
import { bare } from "./three-valued.ts";

export type KeyOwner = "customer-managed" | "provider-managed" | "provider-owned";

/** Resources that are, or name, a key of the account. */
const customerKeys: ReadonlySet<string> = new Set([
  "aws_kms_key",
  "aws_kms_alias",
  "aws_kms_replica_key",
  "aws_kms_external_key",
  "aws_kms_replica_external_key",
]);

/**
 * Whose key an argument names. `whenUnset` is what the service uses where nobody names one. A bare key id or key ARN
 * says nothing about who owns it; the alias `alias/aws/…` is reserved for the keys that AWS manages.
 */
export function keyOwner(module: Module, body: Body, name: string, whenUnset: KeyOwner): Value<KeyOwner> {
  const references = body.references(name);
  return resolve(text(body, name), (leaf) => referredOwner(module, references, leaf), whenUnset);
}

function resolve(
  value: Value<string>,
  refer: (leaf: Unknown<unknown>) => Value<KeyOwner>,
  whenUnset: KeyOwner,
): Value<KeyOwner> {
  if (value.state === "absent") return defaulted(whenUnset, value.location, value.chain);
  if (value.state === "known") return mapValue(value, (written) => literalOwner(written.value, written));
  if (value.alternatives === undefined) return refer(value);
  const alternatives = value.alternatives.map((alternative) => resolve(alternative, refer, whenUnset));
  return { ...value, alternatives };
}

function literalOwner(
  key: string,
  written: { location?: Value["location"]; chain: readonly Step[] },
): Value<KeyOwner> {
  const { location, chain } = written;
  if (/(?:^|:)alias\/aws\//.test(key)) return known("provider-managed", location, chain);
  if (/(?:^|:)alias\//.test(key)) return known("customer-managed", location, chain);
  return {
    ...unknown(
      "the key is named by its id, which does not say whether the account or AWS manages it",
      location,
      chain,
    ),
    alternatives: [known("customer-managed", location, chain), known("provider-managed", location, chain)],
  };
}

function referredOwner(
  module: Module,
  references: readonly string[],
  leaf: Unknown<unknown>,
): Value<KeyOwner> {
  const targets = references
    .filter((address) => comesFrom(leaf, address))
    .map((address) => module.find(address));
  const [target] = targets;
  const unseen = bare(leaf);
  if (target === undefined || targets.length !== 1) return unseen;
  const step = (words: string): Step[] => [
    ...leaf.chain,
    { location: target.body.location, text: `${target.address} ${words}` },
  ];
  if (target.mode === "managed" && customerKeys.has(target.type)) {
    return known("customer-managed", leaf.location, step("is a key of the account"));
  }
  if (target.mode !== "data" || (target.type !== "aws_kms_alias" && target.type !== "aws_kms_key"))
    return unseen;
  const name = text(target.body, target.type === "aws_kms_alias" ? "name" : "key_id");
  if (name.state === "unknown" && name.alternatives === undefined) {
    return unknown(name.reason, leaf.location, [...step("looks the key up"), ...name.chain]);
  }
  return mapValue(name, (written) =>
    literalOwner(written.value, {
      location: leaf.location,
      chain: [...step("looks the key up"), ...written.chain],
    }),
  );
}
