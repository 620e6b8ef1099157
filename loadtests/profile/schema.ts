import type { Json } from "#base/value.ts";
import { measures } from "./profile.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string", minLength: 1 };
const id: Schema = { type: "string", pattern: "^[a-z0-9][a-z0-9-]*$" };
const duration: Schema = {
  type: "string",
  pattern: "^\\d+(\\.\\d+)? ?(ms|s|m|h)$",
  description: "500ms, 30s, 2m",
};
const share: Schema = { type: "number", minimum: 0, maximum: 1 };
const percentile: Schema = { type: "number", exclusiveMinimum: 0, maximum: 100 };
const requirements: Schema = {
  type: "array",
  minItems: 1,
  items: { type: "string", pattern: "^[A-Z]{2,4}-[0-9]{2}$" },
};
const measure: Schema = { type: "string", enum: [...measures] };

function object(properties: Schema, required: readonly string[]): Schema {
  return { type: "object", additionalProperties: false, properties, required: [...required] };
}

export const messageSize = { minimum: 512, maximum: 26_214_400 } as const;
export const messageRecipients = { minimum: 1, maximum: 100 } as const;

const message = object(
  {
    template: { enum: ["plain", "transactional", "marketing"] },
    size: { type: "integer", ...messageSize, description: "Octets, header included." },
    recipients: { type: "integer", ...messageRecipients },
    listUnsubscribe: { type: "boolean" },
  },
  [],
);

function level(kind: string, properties: Schema, required: readonly string[]): Schema {
  return object({ kind: { const: kind }, ...properties, requirements }, [
    "kind",
    ...required,
    "requirements",
  ]);
}

const levels: readonly Schema[] = [
  level("latency", { scenario: id, measure, percentile, maximum: duration }, [
    "scenario",
    "measure",
    "percentile",
    "maximum",
  ]),
  level(
    "ratio",
    {
      scenario: id,
      baseline: id,
      measure,
      percentile,
      maximum: { type: "number", minimum: 1 },
      unless: { ...duration, description: "A smaller difference counts as none." },
    },
    ["scenario", "baseline", "measure", "percentile", "maximum"],
  ),
  level("lost", { maximum: { type: "integer", minimum: 0 } }, ["maximum"]),
  level("refused", { scenario: id, maximum: share, minimum: share }, ["scenario"]),
  level("backlog", { scenario: id }, ["scenario"]),
  level("throughput", { scenario: id, minimum: share }, ["scenario", "minimum"]),
  level("unsubscribe", {}, []),
  level("backOff", { maximumRate: { type: "number", exclusiveMinimum: 0 } }, ["maximumRate"]),
];

/** The kinds of levels, in the order in which the schema has them. */
export const levelKinds: readonly string[] = levels.map(
  ({ properties }) => (properties as { kind: { const: string } }).kind.const,
);

/** The JSON Schema (draft-07) of a load profile. */
export function profileSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/load-profile.schema.json",
    title: "hipaa-check load profile",
    ...object(
      {
        id: { ...id, description: "The name of the file." },
        title: text,
        why: text,
        requirements,
        duration: { ...duration, description: "Of the measured part." },
        warmup: { ...duration, description: "Before it; its figures count for nothing. At most 5s." },
        drain: { ...duration, description: "How long messages under way are waited for. At most 10s." },
        sessions: { type: "integer", minimum: 1, maximum: 1000, description: "Connections at most." },
        scenarios: {
          type: "array",
          minItems: 1,
          maxItems: 8,
          items: object(
            {
              id,
              rate: { type: "number", exclusiveMinimum: 0, description: "Messages a second." },
              from: { ...share, description: "Share of the duration at which it begins." },
              to: { ...share, description: "Share of the duration at which it ends." },
              background: { type: "boolean", description: "`--rate` leaves its rate as it is." },
              message,
            },
            ["id", "rate"],
          ),
        },
        steps: object(
          {
            id,
            from: { type: "number", exclusiveMinimum: 0 },
            factor: { type: "number", exclusiveMinimum: 1, maximum: 10 },
            count: { type: "integer", minimum: 2, maximum: 20 },
            message,
          },
          ["id", "from", "factor", "count"],
        ),
        levels: { type: "array", minItems: 1, items: { anyOf: [...levels] } },
        faults: {
          type: "array",
          maxItems: 8,
          items: object(
            { kind: { enum: ["sink-pause", "sink-down", "mta-restart"] }, at: share, for: duration },
            ["kind", "at", "for"],
          ),
        },
        sinkLimit: object(
          {
            rate: { type: "number", exclusiveMinimum: 0 },
            burst: { type: "integer", minimum: 1 },
            action: { enum: [421, 451] },
          },
          ["rate", "burst", "action"],
        ),
      },
      ["id", "title", "why", "requirements", "duration", "levels"],
    ),
    oneOf: [{ required: ["scenarios"] }, { required: ["steps"] }],
  };
}
