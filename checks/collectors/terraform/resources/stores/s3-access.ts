import { defaulted, known, mapValue, oneOf } from "#base/value.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { policyDocument } from "../shared/policy-document.ts";
import { allowsAnyone, refusesClearText, some } from "../shared/policy-questions.ts";
import type { Statement } from "../shared/policy-statement.ts";
import { flag, folded, inBlock, text, withDefault } from "../shared/reading.ts";
import { allOf, anyOf, negate, type Truth } from "../shared/three-valued.ts";

const policyLink = { type: "aws_s3_bucket_policy", argument: "bucket", targetArgument: "bucket" };
const listLink = { type: "aws_s3_bucket_acl", argument: "bucket", targetArgument: "bucket" };
const blockLink = { type: "aws_s3_bucket_public_access_block", argument: "bucket", targetArgument: "bucket" };
const ownershipLink = {
  type: "aws_s3_bucket_ownership_controls",
  argument: "bucket",
  targetArgument: "bucket",
};

const switches = [
  "block_public_acls",
  "ignore_public_acls",
  "block_public_policy",
  "restrict_public_buckets",
] as const;

type Switch = (typeof switches)[number];

/** Whether the bucket's policy refuses requests over plain HTTP; without a policy S3 takes them. */
export function refusesClearTextRequests(module: Module, bucket: Resource): Truth {
  return withPolicy(module, bucket, (body) => {
    const document = policyDocument(module, body, "policy");
    if (document === undefined) return defaulted(false, body.location);
    return refusesClearText(document, "s3", (statement) => coversObjects(statement, bucket));
  });
}

/**
 * Whether a statement's resources take in the objects of the bucket. An ARN that Terraform knows only after it has
 * made the bucket cannot be read; the usual pair of bucket and objects is taken for what it is, a single one is not.
 */
function coversObjects(statement: Statement, bucket: Resource): Truth {
  const { resources, location } = statement;
  const literal = some(resources?.items, (item) => item.endsWith("*"), location);
  if (literal.state !== "unknown") return literal;
  const pair = (resources?.items.length ?? 0) > 1 && resources?.references.includes(bucket.address) === true;
  return pair ? known(true, literal.location, literal.chain) : literal;
}

/**
 * Whether anyone can read or write: by an ACL or by the policy, unless Block Public Access stands before it. A bucket
 * that says nothing of all this is private.
 */
export function isPublic(module: Module, bucket: Resource): Truth {
  const private_ = defaulted(false, bucket.body.location);
  const byList = folded(
    module,
    bucket,
    listLink,
    (helper) => listIsPublic(helper.body),
    listIsPublic(bucket.body),
  );
  const byPolicy = withPolicy(module, bucket, (body) => {
    const document = policyDocument(module, body, "policy");
    return document === undefined ? private_ : allowsAnyone(document);
  });
  const listsAreOff = anyOf(
    [
      isSwitchedOn(module, bucket, "ignore_public_acls"),
      isSwitchedOn(module, bucket, "block_public_acls"),
      listsAreDisabled(module, bucket),
    ],
    known(false, bucket.body.location),
  );
  const policiesAreOff = anyOf(
    [
      isSwitchedOn(module, bucket, "restrict_public_buckets"),
      isSwitchedOn(module, bucket, "block_public_policy"),
    ],
    known(false, bucket.body.location),
  );
  return anyOf(
    [allOf([byList, negate(listsAreOff)], byList), allOf([byPolicy, negate(policiesAreOff)], byPolicy)],
    firstWritten([listsAreOff, policiesAreOff], private_),
  );
}

/** The reason why a bucket is not public, where somebody wrote one. */
function firstWritten(truths: readonly Truth[], otherwise: Truth): Truth {
  const written = truths.find((truth) => truth.state === "known" && truth.value);
  return written === undefined ? otherwise : negate(written);
}

/**
 * Whether Block Public Access is on with all four switches. Where nobody writes it, buckets made since April 2023 have
 * it and older ones do not (aws.amazon.com/about-aws/whats-new/2022/12).
 */
export function publicAccessBlocked(module: Module, bucket: Resource): Truth {
  const { location } = bucket.body;
  const each = switches.map((name) => isSwitchedOn(module, bucket, name));
  const written = allOf(each, each[0] ?? known(false, location));
  const ownBlock = folded(module, bucket, blockLink, () => known(true), known(false, location));
  const nobodyWrites = ownBlock.state === "known" && !ownBlock.value;
  if (!nobodyWrites || written.state !== "known" || written.value) return written;
  return oneOf(
    [known(true, location), known(false, location)],
    "nobody writes Block Public Access, which buckets made since April 2023 have and older ones have not",
    location,
  );
}

/** One switch of Block Public Access, at the bucket or for the whole account. `false` is the provider's default. */
function isSwitchedOn(module: Module, bucket: Resource, name: Switch): Truth {
  const own = folded(
    module,
    bucket,
    blockLink,
    (helper) => flag(helper.body, name, false),
    known(false, bucket.body.location),
  );
  const account = module
    .ofType("aws_s3_account_public_access_block")
    .map((helper) => accountSwitch(helper, name));
  return anyOf([own, ...account], own);
}

/** Only the block of the provider's own account is known to be the bucket's. */
function accountSwitch(helper: Resource, name: Switch): Truth {
  const value = flag(helper.body, name, false);
  const sure: Truth = known(true, helper.body.location);
  const elsewhere: Truth =
    helper.body.attribute("account_id").state === "absent" ? sure : known(false, helper.body.location);
  const exists: Truth =
    helper.uncertainExistence === undefined
      ? sure
      : { ...helper.uncertainExistence, alternatives: [known(true), known(false)] };
  return allOf([elsewhere, exists, value], value);
}

const publicLists: ReadonlySet<string> = new Set([
  "public-read",
  "public-read-write",
  "authenticated-read",
  "website",
]);

function listIsPublic(body: Body): Truth {
  const canned = withDefault(
    mapValue(text(body, "acl"), (value) => ({ ...value, value: publicLists.has(value.value) })) as Truth,
    false,
  );
  const grants = inBlock(
    body,
    "access_control_policy",
    (policy) =>
      anyOf(
        policy
          .blocks("grant")
          .map((grant) => inBlock(grant, "grantee", granteeIsPublic, known(false, grant.location))),
        known(false, policy.location),
      ),
    known(false, body.location),
  );
  const inline = body
    .blocks("grant")
    .map((grant) =>
      mapValue(text(grant, "uri"), (value) => ({ ...value, value: isPublicGroup(value.value) })),
    );
  return anyOf([canned, grants, ...inline], canned);
}

function granteeIsPublic(grantee: Body): Truth {
  return mapValue(text(grantee, "uri"), (value) => ({ ...value, value: isPublicGroup(value.value) }));
}

function isPublicGroup(uri: string): boolean {
  return /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)$/.test(uri);
}

function listsAreDisabled(module: Module, bucket: Resource): Truth {
  const no: Truth = known(false, bucket.body.location);
  return folded(
    module,
    bucket,
    ownershipLink,
    (helper) =>
      inBlock(
        helper.body,
        "rule",
        (rule) =>
          mapValue(text(rule, "object_ownership"), (value) => ({
            ...value,
            value: value.value === "BucketOwnerEnforced",
          })),
        no,
      ),
    no,
  );
}

/** Asks the policy of the split resource, else the deprecated inline one. */
function withPolicy(module: Module, bucket: Resource, ask: (body: Body) => Truth): Truth {
  return folded(module, bucket, policyLink, (helper) => ask(helper.body), ask(bucket.body));
}
