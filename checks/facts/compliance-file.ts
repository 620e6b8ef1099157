import type { Json } from "#base/value.ts";

export const complianceName = "compliance.yaml";

type Schema = Record<string, Json>;

/** Something that a person wrote: more than white space. */
const text: Schema = { type: "string", pattern: "\\S" };
const texts: Schema = { type: "array", minItems: 1, items: text };
const day: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "YYYY-MM-DD" };

function object(properties: Schema, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, required: [...required] };
}

/** What a decision is: a waiver, the decision on an addressable specification, or the acceptance of a risk. */
export const decisionKinds = ["waiver", "addressable", "risk-acceptance"] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What an organisation keeps on record, by what it is about. */
export const recordKinds = [
  "risk-analysis",
  "asset-inventory",
  "network-map",
  "training",
  "restore-test",
  "contingency-test",
  "incident-response-test",
  "penetration-test",
  "vulnerability-scan",
  "policy-document",
  "responsibility-matrix",
  "vendor-verification",
  "certification",
  "access-review",
] as const;
export type RecordKind = (typeof recordKinds)[number];

const scope: Schema = {
  ...object({
    facts: { ...texts, description: "Ids of the things that it covers: aws_s3_bucket.mail." },
    files: {
      ...texts,
      description: "Files that it covers, in the syntax of .gitignore, relative to compliance.yaml.",
    },
    everything: { const: true, description: "It covers everything that the rule asks about." },
  }),
  minProperties: 1,
};

const common: Schema = {
  id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
  rule: text,
  control: { ...text, description: "A paragraph in place of a rule: 164.312(a)(2)(iv)." },
  scope,
  reason: text,
  owner: text,
  author: { ...text, description: "Who wrote it. Nobody approves what they wrote." },
  approver: text,
  date: day,
};

function decision(kind: DecisionKind, own: Schema): Schema {
  return {
    ...object({ kind: { const: kind }, ...common, ...own }, [
      "id",
      "kind",
      "scope",
      "reason",
      "owner",
      "approver",
      "date",
      ...Object.keys(own),
    ]),
    oneOf: [{ required: ["rule"] }, { required: ["control"] }],
  };
}

const decisions: Schema = {
  type: "array",
  description: "Findings that are lifted for a while, each with who decided it and why.",
  items: {
    type: "object",
    required: ["kind"],
    properties: { kind: { enum: [...decisionKinds] } },
    allOf: [
      [
        "waiver",
        decision("waiver", {
          measure: { ...text, description: "What compensates meanwhile." },
          expires: day,
        }),
      ],
      [
        "addressable",
        decision("addressable", {
          assessment: {
            ...text,
            description: "Why the specification is not reasonable and appropriate here.",
          },
          alternative: { ...text, description: "The equivalent measure in its place." },
          review: day,
        }),
      ],
      [
        "risk-acceptance",
        decision("risk-acceptance", {
          residualRisk: { ...text, description: "What remains, and how likely and bad it is." },
          expires: day,
        }),
      ],
    ].map(([kind, schema]) => ({
      if: { properties: { kind: { const: kind as string } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: schema as Schema,
    })),
  },
};

const records: Schema = {
  type: "array",
  description: "What was done and is kept: analyses, tests, trainings, documents.",
  items: object(
    {
      id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
      kind: { enum: [...recordKinds] },
      title: text,
      date: { ...day, description: "When it was done or last came into effect." },
      owner: text,
      nextDue: { ...day, description: "When it has to be done again." },
      held: { ...text, description: "The file, relative to this one, or the link that holds it." },
    },
    ["id", "kind", "title", "date", "owner", "nextDue", "held"],
  ),
};

const vendors: Schema = {
  type: "array",
  description: "Who touches protected health information, and under which contract.",
  items: object(
    {
      name: text,
      services: { ...texts, description: "Services that the contract covers." },
      agreement: object(
        {
          signed: day,
          expires: day,
          held: text,
          breachNoticeDays: { type: "number", minimum: 0 },
          subcontractorsBound: { type: "boolean" },
        },
        ["signed", "held"],
      ),
      verified: { ...day, description: "When the vendor last confirmed its safeguards in writing." },
    },
    ["name"],
  ),
};

function serviceLevels(): Schema {
  const duration: Schema = {
    type: "string",
    pattern: "^\\d+(\\.\\d+)? ?(ms|s|m)$",
    description: "500ms, 2s",
  };
  const limits: Schema = {
    ...object({ p50: duration, p90: duration, p95: duration, p99: duration, "p99.9": duration }),
    minProperties: 1,
  };
  return {
    type: "object",
    description: "By load profile: the slowest that is acceptable, by measure and percentile.",
    additionalProperties: {
      ...object({ submit: limits, accept: limits, delivery: limits, endToEnd: limits }),
      minProperties: 1,
    },
  };
}

/** The JSON Schema (draft-07) of `compliance.yaml` and of the files that it includes. */
export function complianceSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/compliance.schema.json",
    title: complianceName,
    ...object({
      include: { ...texts, description: "Files with more of the same, relative to this one." },
      decisionPolicy: object({
        longestWaiverDays: {
          type: "integer",
          minimum: 1,
          description: "Longest life of a decision; default 366.",
        },
        approverMayBeAuthor: { type: "boolean", description: "Default false." },
      }),
      serviceLevels: serviceLevels(),
      decisions,
      records,
      vendors,
    }),
  };
}

/** What `compliance.yaml` says of load runs: by profile, measure and percentile, as durations. */
export type StatedServiceLevels = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
>;
