import type { Json } from "#base/value.ts";
import { decisionKinds } from "#facts/compliance-file.ts";
import { evidenceKinds } from "#facts/fact.ts";
import { designations, editionStatuses } from "#policy/edition.ts";
import { severities } from "#policy/rule.ts";
import { verdicts } from "./result.ts";

type Schema = Record<string, Json>;

const text: Json = { type: "string" };
const count: Json = { type: "integer", minimum: 0 };
const place: Json = { type: "integer", minimum: 1 };
const texts: Json = { type: "array", items: text };

function object(properties: Schema, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", additionalProperties: false, required, properties };
}

const definitions: Schema = {
  location: object({ file: text, line: place, column: place, endLine: place, endColumn: place }),
  step: object({ file: text, line: place, column: place, text }),
  diagnostic: object(
    {
      level: { enum: ["error", "warning"] },
      code: { type: "string", pattern: "^[a-z0-9-]+$" },
      message: text,
      location: { $ref: "#/definitions/location" },
    },
    ["location"],
  ),
};

function root(name: string, title: string, body: Schema, more: Schema = {}): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: `https://hipaa-check.dev/schema/${name}.schema.json`,
    title,
    definitions: { ...definitions, ...more },
    ...body,
  };
}

/** The JSON Schema of `check --format json`, version 1. */
export function reportSchema(): Schema {
  const control = object({
    edition: text,
    citation: text,
    title: text,
    designation: { enum: [...designations] },
    relation: { enum: ["requires", "supports"] },
    verified: { type: "boolean" },
  });
  const result = object(
    {
      edition: text,
      verdict: { enum: [...verdicts] },
      rule: text,
      title: text,
      severity: { enum: [...severities] },
      message: text,
      expected: text,
      actual: text,
      why: text,
      remedy: text,
      profile: object({ title: text, source: text }),
      controls: { type: "array", items: control },
      requirements: texts,
      references: { type: "object", additionalProperties: texts },
      documentation: text,
      fact: object({ kind: text, id: text }),
      evidence: { enum: [...evidenceKinds] },
      location: { $ref: "#/definitions/location" },
      chain: { type: "array", items: { $ref: "#/definitions/step" } },
      fingerprint: text,
      known: { const: true },
      decision: object(
        {
          id: text,
          kind: { enum: [...decisionKinds] },
          reason: text,
          measure: text,
          assessment: text,
          owner: text,
          author: text,
          authorship: object({ authors: texts, notKnown: text }, ["notKnown"]),
          approver: text,
          date: text,
          until: text,
          file: text,
          line: place,
        },
        ["assessment", "author", "authorship"],
      ),
    },
    ["profile", "known", "decision"],
  );
  const evidenceCount = object({
    kind: { enum: [...evidenceKinds] },
    pass: count,
    fail: count,
    unknown: count,
  });
  const controlEvidence = object({
    edition: text,
    citation: text,
    title: text,
    evidence: { type: "array", minItems: 1, items: evidenceCount },
  });
  const body = object({
    schemaVersion: { const: "1" },
    tool: object({ name: { const: "hipaa-check" }, version: text }),
    editions: {
      type: "array",
      items: object({ id: text, title: text, status: { enum: [...editionStatuses] }, statusAsOf: text }),
    },
    disclaimer: text,
    summary: object({
      files: count,
      facts: count,
      pass: count,
      fail: count,
      unknown: count,
      notApplicable: count,
      excepted: count,
      errors: count,
    }),
    notLookedAt: { type: "array", items: object({ reason: text, count, examples: texts }) },
    results: { type: "array", items: result },
    evidence: { type: "array", items: controlEvidence },
    diagnostics: { type: "array", items: { $ref: "#/definitions/diagnostic" } },
  });
  return root("report", "hipaa-check report", body);
}

/** The JSON Schema of `facts --format json`, version 1. */
export function factsSchema(): Schema {
  const value = object(
    {
      state: { enum: ["known", "unknown", "absent"] },
      value: {},
      isDefault: { const: true },
      reason: text,
      alternatives: { type: "array", items: { $ref: "#/definitions/value" } },
      location: { $ref: "#/definitions/location" },
      chain: { type: "array", items: { $ref: "#/definitions/step" } },
    },
    ["value", "isDefault", "reason", "alternatives", "location"],
  );
  const origin = object(
    {
      evidence: { enum: [...evidenceKinds] },
      configuration: text,
      files: { type: "object", additionalProperties: text },
    },
    ["configuration", "files"],
  );
  const fact = object(
    {
      kind: text,
      id: text,
      location: { $ref: "#/definitions/location" },
      origin,
      attributes: { type: "object", additionalProperties: { $ref: "#/definitions/value" } },
    },
    ["origin"],
  );
  const body = object({
    schemaVersion: { const: "1" },
    facts: { type: "array", items: fact },
    diagnostics: { type: "array", items: { $ref: "#/definitions/diagnostic" } },
  });
  return root("facts", "hipaa-check facts", body, { value });
}
