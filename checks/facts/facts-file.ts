import type { Json } from "#base/value.ts";
import { type EvidenceKind, evidenceKinds } from "./fact.ts";
import { factKinds } from "./registry.ts";

/** What a facts file says of one attribute: what it is, or why it is not known. `because`: the observations behind it. */
export type StatedValue =
  | { readonly value: Json; readonly because?: readonly string[] }
  | { readonly unknown: string; readonly because?: readonly string[] };

/** A fact as a facts file states it. */
export interface StatedFact {
  readonly kind: string;
  readonly id: string;
  /** Attributes that are left out, or undefined, are absent. */
  readonly attributes: Readonly<Record<string, StatedValue | undefined>>;
}

/** A facts file (`*.facts.json`), version 1: how anything outside the engine hands facts to `check`. */
export interface FactsFile {
  readonly schemaVersion: "1";
  /** What wrote it: `hipaa-check sandbox probe`. */
  readonly producer: string;
  /** ISO 8601. */
  readonly recordedAt: string;
  /** How the facts were learned. */
  readonly evidence: EvidenceKind;
  /** Folder or file that configures what the facts are about, relative to the folder of the facts file. */
  readonly configuration?: string;
  /**
   * SHA-256 of its files at that time, in hexadecimal, by path relative to it; `.` where it is a single file. Facts
   * about a configuration that has changed since are not used.
   */
  readonly configurationFiles?: Readonly<Record<string, string>>;
  readonly facts: readonly StatedFact[];
}

/** How the name of a facts file ends. */
export const factsFileEnding = ".facts.json";

/** The text of a facts file: one fact a line, so that a line stands for a fact. */
export function formatFactsFile({ facts, ...head }: Omit<FactsFile, "schemaVersion">): string {
  const lines = Object.entries({ schemaVersion: "1", ...head })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  const stated = facts.map((fact) => JSON.stringify(fact)).join(",\n");
  return `{\n${lines.join("\n")}\n"facts": [\n${stated}\n]\n}\n`;
}

type Schema = Record<string, Json>;

const text: Schema = { type: "string", minLength: 1 };
const because: Schema = {
  type: "array",
  items: text,
  description: "The observations that the value rests on, one sentence each.",
};

function object(properties: Schema, required: readonly string[]): Schema {
  return { type: "object", additionalProperties: false, required: [...required], properties };
}

function attributeSchema(schema: Json, doc: string): Schema {
  return {
    description: doc,
    anyOf: [
      object({ value: schema, because }, ["value"]),
      object({ unknown: { ...text, description: "Why it is not known, one clause." }, because }, ["unknown"]),
    ],
  };
}

/** The JSON Schema (draft-07) of a facts file, version 1. */
export function factsFileSchema(): Schema {
  const kinds = factKinds.map(({ kind, doc, attributes }): Schema => {
    const properties = Object.entries(attributes).map(([name, attribute]) => [
      name,
      attributeSchema(attribute.schema as Json, attribute.doc),
    ]);
    return {
      if: { properties: { kind: { const: kind } }, required: ["kind"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        description: doc,
        properties: { attributes: object(Object.fromEntries(properties) as Schema, []) },
      },
    };
  });
  const fact: Schema = {
    ...object(
      {
        kind: { enum: factKinds.map(({ kind }) => kind) },
        id: { ...text, description: "Stable name of the thing that the fact is about." },
        attributes: { type: "object" },
      },
      ["kind", "id", "attributes"],
    ),
    allOf: kinds,
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/facts-file.schema.json",
    title: "hipaa-check facts file",
    description: "Facts for `hipaa-check check`, in a file whose name ends in `.facts.json`.",
    ...object(
      {
        $schema: text,
        schemaVersion: { enum: ["1"] },
        producer: { ...text, description: "What wrote the file." },
        recordedAt: { ...text, format: "date-time", description: "When the facts were learned, ISO 8601." },
        evidence: {
          enum: [...evidenceKinds],
          description:
            "How the facts were learned: read from a configuration, seen on the wire, measured under load, or stated by a person.",
        },
        configuration: {
          ...text,
          description:
            "Folder or file that configures what the facts are about, relative to the folder of the facts file. What was read there is compared with these facts.",
        },
        configurationFiles: {
          type: "object",
          propertyNames: { minLength: 1 },
          additionalProperties: { type: "string", pattern: "^[0-9a-f]{64}$" },
          description:
            "SHA-256 of the configuration's files at that time, by path relative to it; `.` where it is a single file. Facts about a configuration that has changed since are not used.",
        },
        facts: { type: "array", items: fact },
      },
      ["schemaVersion", "producer", "recordedAt", "evidence", "facts"],
    ),
  };
}
