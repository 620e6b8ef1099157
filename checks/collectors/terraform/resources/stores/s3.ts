import { defaulted, known, mapValue, type Value, withStep } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Module, Resource, ResourceReader } from "../../resource.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { flag, folded, inBlock, type Link, resourceFact, serviceOf, text } from "../shared/reading.ts";
import { choose, negate, type Truth } from "../shared/three-valued.ts";
import { isPublic, publicAccessBlocked, refusesClearTextRequests } from "./s3-access.ts";
import { logsExported } from "./s3-logs.ts";

function splitFrom(type: string): Link {
  return { type, argument: "bucket", targetArgument: "bucket" };
}

const encryptionLink = splitFrom("aws_s3_bucket_server_side_encryption_configuration");
const versioningLink = splitFrom("aws_s3_bucket_versioning");

/** S3 buckets, with everything that the split resources and the deprecated inline blocks add to them. */
export const readS3: ResourceReader = (module) => ({
  facts: module.ofType("aws_s3_bucket").map((bucket) => bucketFact(module, bucket)),
  diagnostics: [],
});

function bucketFact(module: Module, bucket: Resource): Fact {
  const { body } = bucket;
  return resourceFact("storage", bucket, {
    service: serviceOf(bucket),
    category: known("object", body.location),
    "encryption.atRest": encryptedAtRest(algorithm(module, bucket)),
    "encryption.key": key(module, bucket),
    "encryption.inTransitRequired": refusesClearTextRequests(module, bucket),
    public: isPublic(module, bucket),
    "public.blocked": publicAccessBlocked(module, bucket),
    versioned: versioned(module, bucket),
    "deletion.protected": negate(flag(body, "force_destroy", false)),
    "logs.exported": logsExported(module, bucket),
  });
}

/**
 * Since January 2023 S3 encrypts every new object; what nobody configures is SSE-S3 with a key that S3 owns
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html). So a bucket is never unencrypted, and
 * the only question is the key.
 */
function encryptedAtRest(name: Value<string>): Truth {
  if (name.state !== "unknown" || name.alternatives !== undefined) {
    return mapValue(name, (known) => ({ ...known, value: true }));
  }
  const { location, chain, reason } = name;
  const step = location && { location, text: `whatever the algorithm is, S3 encrypts (${reason})` };
  return known(true, location, step === undefined ? chain : [...chain, step]);
}

function algorithm(module: Module, bucket: Resource): Value<string> {
  return encryption(
    module,
    bucket,
    (settings) => {
      const value = text(settings, "sse_algorithm");
      return value.state === "absent" ? defaulted("AES256", settings.location) : value;
    },
    "AES256",
  );
}

function key(module: Module, bucket: Resource): Value<KeyOwner> {
  return encryption<KeyOwner>(
    module,
    bucket,
    (settings) => {
      const managed = mapValue(text(settings, "sse_algorithm"), (name) => ({
        ...name,
        value: name.value.startsWith("aws:kms"),
      }));
      const owned = known<KeyOwner>("provider-owned", managed.location ?? settings.location, managed.chain);
      return choose(
        managed,
        () => keyOwner(module, settings, "kms_master_key_id", "provider-managed"),
        () => owned,
      );
    },
    "provider-owned",
  );
}

/** Asks the block that sets the algorithm: that of the split resource, else the inline one. */
function encryption<T extends string>(
  module: Module,
  bucket: Resource,
  read: (settings: Body) => Value<T>,
  unset: T,
): Value<T> {
  const inRule = (body: Body): Value<T> =>
    inBlock(
      body,
      "rule",
      (rule) =>
        inBlock(rule, "apply_server_side_encryption_by_default", read, defaulted(unset, rule.location)),
      defaulted(unset, body.location),
    );
  const inline = inBlock(
    bucket.body,
    "server_side_encryption_configuration",
    inRule,
    defaulted(unset, bucket.body.location),
  );
  return folded(module, bucket, encryptionLink, (helper) => inRule(helper.body), inline);
}

function versioned(module: Module, bucket: Resource): Truth {
  const inline = inBlock(
    bucket.body,
    "versioning",
    (block) => flag(block, "enabled", false),
    defaulted(false, bucket.body.location),
  );
  const read = (helper: Resource): Truth =>
    inBlock(
      helper.body,
      "versioning_configuration",
      (block) =>
        mapValue(text(block, "status"), (status) => ({ ...status, value: status.value === "Enabled" })),
      defaulted(false, helper.body.location),
    );
  const locked = flag(bucket.body, "object_lock_enabled", false);
  return choose(
    locked,
    () => withLockReason(locked),
    () => folded(module, bucket, versioningLink, read, inline),
  );
}

function withLockReason(locked: Truth): Truth {
  const text = "a bucket with object lock is always versioned";
  return locked.location === undefined
    ? known(true)
    : withStep(known(true, locked.location, locked.chain), { location: locked.location, text });
}
