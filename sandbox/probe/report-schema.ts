import type { Json } from "#base/value.ts";
import { verdicts } from "../posture-server/posture.ts";
import { phases } from "../wire/record.ts";
import { canaryEncodings, canaryParts } from "./canary.ts";
import { reportGroups } from "./report.ts";
import { senderKinds } from "./sender.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };

function object(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, properties, required: Object.keys(properties) };
}

function oneOf(values: readonly string[]): Schema {
  return { type: "string", enum: [...values] };
}

/** The JSON Schema (draft-07) of what `sandbox probe --format json` prints, version 1. */
export function probeReportSchema(): Schema {
  const control = object({ passed: { type: "boolean" }, verdict: oneOf(verdicts), reason: text });
  const leak = object({
    part: oneOf(canaryParts),
    phase: {
      ...oneOf([...phases, "record", "bounce"]),
      description: "`record`: in TLS records without encryption.",
    },
    encoding: oneOf(canaryEncodings),
  });
  const result = object({
    id: text,
    group: oneOf(reportGroups),
    title: text,
    verdict: oneOf(verdicts),
    reason: { ...text, description: "In words, for every verdict." },
    requirements: { type: "array", items: text },
    leaked: { type: "array", items: leak },
    tls: { oneOf: [{ type: "null" }, object({ version: text, cipher: text })] },
    transcript: {
      ...text,
      description: "Redacted, canaries marked; empty where nothing went over the wire.",
    },
  });
  const messages = {
    ...object({
      accepted: count,
      refused: count,
      arrived: count,
      reported: count,
      lost: count,
      doubled: count,
    }),
    description: "What became of the messages that were handed in; with `--fault`.",
  };
  const postureResult = { ...result, properties: { ...(result.properties as Schema), messages } };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/probe-report.schema.json",
    title: "hipaa-check sandbox probe report",
    ...object({
      schemaVersion: oneOf(["1"]),
      sender: {
        ...object({ kind: oneOf(senderKinds), name: text }),
        properties: {
          kind: oneOf(senderKinds),
          name: text,
          software: { ...text, description: "Product and TLS library, where they can be seen." },
          overlay: {
            type: "array",
            items: text,
            description: "What was changed about the sender for the test, one line each.",
          },
        },
      },
      driver: oneOf(["containers", "in-process"]),
      groups: {
        type: "array",
        items: object({
          id: oneOf(reportGroups),
          valid: {
            type: "boolean",
            description: "Both controls passed. A leak counts in an invalid group too.",
          },
          controls: object({ positive: control, negative: control }),
        }),
      },
      postures: {
        type: "array",
        items: postureResult,
      },
      summary: object({
        ...Object.fromEntries(verdicts.map((verdict) => [verdict, count])),
        invalidGroups: count,
        partial: { type: "boolean", description: "The run was interrupted." },
      }),
    }),
  };
}
