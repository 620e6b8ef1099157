import type { Diagnostic } from "#base/diagnostic.ts";
import type { Json } from "#base/value.ts";
import { type PolicyFile, readValidated } from "./validate.ts";

export const complianceName = "compliance.yaml";

/** What an organisation states about itself: `compliance.yaml`. */
export interface Compliance {
  /** By load profile, measure and percentile, as durations. */
  readonly serviceLevels: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
  >;
}

function serviceLevelsSchema(): Json {
  const duration: Json = { type: "string", pattern: "^\\d+(\\.\\d+)? ?(ms|s|m)$", description: "500ms, 2s" };
  const limits: Json = {
    type: "object",
    additionalProperties: false,
    minProperties: 1,
    properties: { p50: duration, p90: duration, p95: duration, p99: duration, "p99.9": duration },
  };
  return {
    type: "object",
    description: "By load profile: the slowest that is acceptable, by measure and percentile.",
    additionalProperties: {
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      properties: { submit: limits, accept: limits, delivery: limits, endToEnd: limits },
    },
  };
}

/** The JSON Schema of `compliance.yaml`. */
export function complianceSchema(): Record<string, Json> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/compliance.schema.json",
    title: complianceName,
    type: "object",
    additionalProperties: false,
    properties: { serviceLevels: serviceLevelsSchema() },
  };
}

/** Reads a `compliance.yaml`. With an error there is none; the caller treats that as wrong configuration. */
export function readCompliance(file: PolicyFile): {
  readonly compliance?: Compliance;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { document, diagnostics } = readValidated(file, "compliance", complianceSchema);
  if (document === undefined) return { diagnostics };
  const { serviceLevels = {} } = document.value as unknown as Partial<Compliance>;
  return { compliance: { serviceLevels }, diagnostics: [] };
}
