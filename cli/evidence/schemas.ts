import type { Json } from "#base/value.ts";
import { verdicts } from "#engine/result.ts";
import { editionStatuses } from "#policy/edition.ts";
import { signerRoles } from "./bundle/manifest.ts";
import { verificationOutcomes } from "./verify/verification.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };
const count: Schema = { type: "integer", minimum: 0 };
const counts: Schema = { type: "object", additionalProperties: count };
const day: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const time: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$" };
const digest: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };

function object(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

function orNull(schema: Schema): Schema {
  return { oneOf: [{ type: "null" }, schema] };
}

function root(name: string, title: string, properties: Schema): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: `https://hipaa-check.dev/schema/${name}.schema.json`,
    title,
    ...object({ schemaVersion: { const: "1" }, ...properties }),
  };
}

const signedBy = object({ role: { enum: [...signerRoles] }, fingerprint: digest });
const stamp = object({ time, authority: text });

/** The JSON Schema (draft-07) of `evidence verify --format json`. */
export function verificationSchema(): Schema {
  const outcome: Schema = {
    enum: [...verificationOutcomes],
    description:
      "authentic: exit code 0; rejected: 1, not authentic or not whole; unreadable: 2; undecided: 3, such as a signer whom nobody named.",
  };
  return root("bundle-verification", "Verification of hipaa-check evidence bundles", {
    outcome,
    bundles: list(
      object({
        bundle: text,
        outcome,
        reason: orNull(object({ code: { type: "string", pattern: "^[a-z0-9-]+$" }, message: text })),
        says: {
          ...orNull(
            object({
              createdAt: time,
              asOf: day,
              retainUntil: day,
              toolVersion: text,
              editions: list(object({ id: text, status: { enum: [...editionStatuses] }, sha256: digest })),
              summary: counts,
              signers: { ...list(signedBy), minItems: 1 },
            }),
          ),
          description: "What an authentic bundle says of itself.",
        },
        trusted: { ...list(signedBy), description: "Those of its signers whom the auditor trusts." },
        timeStamp: { ...orNull(stamp), description: "By an authority that the auditor trusts." },
        reEvaluated: { ...orNull(count), description: "Verdicts that were found again." },
        notes: texts,
      }),
    ),
    series: {
      ...orNull(
        object({
          longestDays: { type: "number", exclusiveMinimum: 0 },
          gaps: list(object({ from: time, to: orNull(time), days: count })),
        }),
      ),
      description: "Times that no bundle is about; null where one bundle was asked about.",
    },
  });
}

/** The JSON Schema (draft-07) of `evidence show --format json`. */
export function contentsSchema(): Schema {
  return root("bundle-contents", "What a hipaa-check evidence bundle holds, whoever signed it", {
    manifest: { $ref: "bundle-manifest.schema.json" },
    report: { $ref: "report.schema.json" },
    timeStamp: {
      ...orNull(stamp),
      description: "By an authority that nobody was asked to believe.",
    },
  });
}

/** The JSON Schema (draft-07) of `evidence diff --format json`. */
export function differenceSchema(): Schema {
  const verdict = orNull({ enum: [...verdicts] });
  const changes = list(
    object({
      edition: text,
      proposed: {
        type: "boolean",
        description: "What fails would not meet the edition, which is a proposal.",
      },
      rule: text,
      fact: text,
      file: text,
      line: { type: "integer", minimum: 1 },
      before: verdict,
      after: verdict,
      decision: orNull(object({ id: text, approver: text, until: day })),
    }),
  );
  const head = object({ createdAt: time, asOf: day, toolVersion: text, summary: counts });
  const names = object({ added: texts, removed: texts, changed: texts });
  return root("bundle-difference", "What changed between two hipaa-check evidence bundles", {
    before: head,
    after: head,
    fixed: {
      ...changes,
      description: "Failed before, also where a decision lifted it, and does not any more.",
    },
    new: { ...changes, description: "Fails, and did not before." },
    decided: { ...changes, description: "Lifted by a decision that was not there before." },
    expired: { ...changes, description: "Fails again, since the decision that lifted it has ended." },
    unclear: {
      ...changes,
      description:
        "Could be told before and cannot any more, or the other way round; or failed in a file that is not judged any more.",
    },
    inputs: names,
    rules: names,
    editions: list(
      object({
        id: text,
        change: { enum: ["added", "removed", "changed"] },
        proposed: { type: "boolean" },
        fails: { ...orNull(count), description: "What fails under one that only one bundle has." },
      }),
    ),
  });
}
