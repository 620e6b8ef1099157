import type { Json } from "#base/value.ts";
import { factKinds } from "#facts/registry.ts";
import { designations, editionStatuses } from "./edition.ts";
import { assertionKeywords } from "./keywords.ts";
import { severities } from "./rule.ts";

type Schema = Record<string, Json>;

const draft07 = "http://json-schema.org/draft-07/schema#";
const text: Schema = { type: "string", minLength: 1 };
const date: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };

/** Keywords of JSON Schema that assertions use, beside the own ones. */
const plainKeywords: Schema = {
  const: {},
  enum: { anyOf: [{ type: "array", minItems: 1 }, { $ref: "#/definitions/parameter" }] },
  type: { type: "string" },
  minimum: { anyOf: [{ type: "number" }, { $ref: "#/definitions/parameter" }] },
  maximum: { anyOf: [{ type: "number" }, { $ref: "#/definitions/parameter" }] },
  minLength: { type: "integer" },
  minItems: { type: "integer" },
  maxItems: { type: "integer" },
  pattern: { type: "string" },
  contains: { $ref: "#/definitions/assertion" },
  items: { $ref: "#/definitions/assertion" },
  not: { $ref: "#/definitions/assertion" },
};

function object(properties: Schema, required: readonly string[]): Schema {
  return { type: "object", additionalProperties: false, properties, required: [...required] };
}

/** The JSON Schema of `rule.yaml`, with the fact kinds and keywords of this version as enumerations. */
export function ruleSchema(): Schema {
  const own = Object.fromEntries(
    assertionKeywords.map((entry): [string, Json] => [
      entry.keyword,
      { description: entry.doc, anyOf: [entry.argument, { $ref: "#/definitions/parameter" }] },
    ]),
  );
  const conditions: Schema = {
    type: "object",
    minProperties: 1,
    additionalProperties: { $ref: "#/definitions/assertion" },
  };
  return {
    $schema: draft07,
    $id: "https://hipaa-check.dev/schema/rule.schema.json",
    title: "hipaa-check rule",
    definitions: {
      parameter: object({ $parameter: text }, ["$parameter"]),
      assertion: {
        type: "object",
        minProperties: 1,
        additionalProperties: false,
        properties: { ...plainKeywords, ...own },
      },
      conditions,
    },
    ...object(
      {
        id: { type: "string", pattern: "^[a-z0-9-]+/[a-z0-9-]+$" },
        aliases: { type: "array", items: text },
        title: text,
        severity: { enum: [...severities] },
        what: text,
        why: text,
        do: text,
        select: object(
          {
            kind: { enum: factKinds.map((kind) => kind.kind) },
            where: { $ref: "#/definitions/conditions" },
          },
          ["kind"],
        ),
        notApplicable: {
          type: "array",
          items: object({ when: { $ref: "#/definitions/conditions" }, reason: text }, ["when", "reason"]),
        },
        assert: { $ref: "#/definitions/conditions" },
        assertAny: { type: "array", minItems: 2, items: { $ref: "#/definitions/conditions" } },
        whenAbsent: {
          type: "object",
          additionalProperties: { enum: ["fail", "pass", "unknown", "not-applicable"] },
        },
        parameters: {
          type: "object",
          additionalProperties: object({ default: {}, doc: text }, ["default", "doc"]),
        },
        profile: object({ title: text, source: text }, ["title", "source"]),
        requirements: {
          type: "array",
          minItems: 1,
          uniqueItems: true,
          items: { type: "string", pattern: "^[A-Z]+-\\d{2}$" },
        },
        references: { type: "object", additionalProperties: { type: "array", items: text, minItems: 1 } },
        waivable: { type: "boolean" },
      },
      ["id", "title", "severity", "what", "why", "do", "select", "requirements"],
    ),
    anyOf: [{ required: ["assert"] }, { required: ["assertAny"] }],
  };
}

/** The JSON Schema of an edition's `edition.yaml`. */
export function editionSchema(): Schema {
  return {
    $schema: draft07,
    $id: "https://hipaa-check.dev/schema/edition.schema.json",
    title: "hipaa-check edition",
    ...object(
      {
        id: { type: "string", pattern: "^[a-z0-9-]+$" },
        title: text,
        status: { enum: [...editionStatuses] },
        statusAsOf: date,
        designations: { type: "array", items: { enum: [...designations] } },
        dates: { type: "object" },
        source: { type: "object" },
        derivedFrom: { type: ["string", "null"] },
        wording: object({ pass: text, fail: text }, ["pass", "fail"]),
        notes: { type: "array", items: text },
      },
      ["id", "title", "status", "statusAsOf", "designations", "dates", "source", "derivedFrom", "wording"],
    ),
  };
}

/** The JSON Schema of an edition's `controls.yaml`. */
export function controlsSchema(): Schema {
  const origin = object({ edition: text, citation: text }, ["edition", "citation"]);
  return {
    $schema: draft07,
    $id: "https://hipaa-check.dev/schema/controls.schema.json",
    title: "hipaa-check controls of an edition",
    ...object(
      {
        controls: {
          type: "array",
          minItems: 1,
          items: object(
            {
              citation: text,
              title: text,
              designation: { enum: [...designations] },
              parent: { type: ["string", "null"] },
              derivesFrom: { type: "array", items: origin },
              originNote: text,
              duty: text,
              number: {},
              exception: text,
              page: text,
              safeguard: text,
              row: {},
              verification: object(
                { grade: { enum: ["V", "v", "S", "M", "own"] }, source: text, asOf: date },
                ["grade", "source", "asOf"],
              ),
            },
            [
              "citation",
              "title",
              "designation",
              "parent",
              "derivesFrom",
              "duty",
              "safeguard",
              "verification",
            ],
          ),
        },
        removed: {
          type: "array",
          items: object(
            {
              edition: text,
              citation: text,
              fate: text,
              source: text,
              movedTo: { type: "array", items: text },
            },
            ["edition", "citation", "fate", "source", "movedTo"],
          ),
        },
      },
      ["controls"],
    ),
  };
}

/** The JSON Schema of an edition's `mapping.yaml`: which rules bear on which of its controls. */
export function mappingSchema(): Schema {
  return {
    $schema: draft07,
    $id: "https://hipaa-check.dev/schema/mapping.schema.json",
    title: "hipaa-check mapping of rules to an edition's controls",
    ...object(
      {
        mappings: {
          type: "array",
          items: object(
            {
              rule: text,
              controls: {
                type: "array",
                minItems: 1,
                items: object({ citation: text, relation: { enum: ["requires", "supports"] } }, [
                  "citation",
                  "relation",
                ]),
              },
              severity: { enum: [...severities] },
              parameters: { type: "object" },
            },
            ["rule", "controls"],
          ),
        },
      },
      ["mappings"],
    ),
  };
}
