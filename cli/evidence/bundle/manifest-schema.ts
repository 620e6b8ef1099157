import type { Json } from "#base/value.ts";
import { signerRoles } from "./manifest.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string" };
const digest: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };
const day: Schema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const count: Schema = { type: "integer", minimum: 0 };

function object(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, properties, required: Object.keys(properties) };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

/** The JSON Schema (draft-07) of `manifest.json` in an evidence bundle, version 1. */
export function manifestSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/bundle-manifest.schema.json",
    title: "Manifest of a hipaa-check evidence bundle",
    ...object({
      schemaVersion: { const: "1" },
      tool: object({ name: { const: "hipaa-check" }, version: text }),
      createdAt: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$" },
      asOf: day,
      retainUntil: day,
      editions: list(object({ id: text, status: text, sha256: digest })),
      summary: { type: "object", additionalProperties: count },
      signers: {
        ...list(object({ role: { enum: [...signerRoles] }, fingerprint: digest, publicKey: text })),
        minItems: 1,
      },
      inputs: list(
        object({
          path: text,
          size: count,
          sha256: digest,
          member: { type: ["string", "null"] },
          redactions: list(object({ line: { type: "integer", minimum: 1 }, what: text })),
        }),
      ),
      files: list(object({ path: text, size: count, sha256: digest })),
    }),
  };
}
