import type { Json } from "#base/value.ts";
import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";
import { type PolicyFile, readValidated } from "./validate.ts";

/** Something the toolkit decides, whatever the law: rules list the ids they cover. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly topic: string;
  readonly evidence: readonly EvidenceKind[];
}

/** The JSON Schema of `policies/values/requirements.yaml`. */
export function requirementsSchema(): Record<string, Json> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/requirements.schema.json",
    title: "hipaa-check requirements",
    type: "object",
    additionalProperties: false,
    required: ["topics"],
    properties: {
      topics: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["title", "requirements"],
          properties: {
            title: { type: "string", minLength: 1 },
            requirements: {
              type: "array",
              items: {
                type: "object",
                additionalProperties: false,
                required: ["id", "title", "evidence"],
                properties: {
                  id: { type: "string", pattern: "^[A-Z]+-\\d{2}$" },
                  title: { type: "string", minLength: 1 },
                  evidence: { type: "array", minItems: 1, items: { enum: [...evidenceKinds] } },
                },
              },
            },
          },
        },
      },
    },
  };
}

/**
 * Reads the list of requirements.
 * @throws Error where the file has a mistake: it is part of the project, not of a user's input
 */
export function readRequirements(file: PolicyFile): Requirement[] {
  const { document, diagnostics } = readValidated(file, "requirements", requirementsSchema);
  if (document === undefined) throw new Error(`${file.path}: ${diagnostics[0]?.message}`);
  const { topics } = document.value as unknown as {
    topics: { title: string; requirements: Omit<Requirement, "topic">[] }[];
  };
  return topics.flatMap(({ title, requirements }) =>
    requirements.map((requirement) => ({ ...requirement, topic: title })),
  );
}
