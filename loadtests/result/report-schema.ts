import type { Json } from "#base/value.ts";
import { recordSchema } from "./record-schema.ts";
import { loadVerdicts } from "./report.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string" };
const texts: Schema = { type: "object", additionalProperties: text };
const count: Schema = { type: "integer", minimum: 0 };
const figure: Schema = { type: "number", minimum: 0 };

function object(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, properties, required: Object.keys(properties) };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [{ type: "null" }, schema] };
}

/** The JSON Schema (draft-07) of what `loadtest run --format json` prints, version 1. */
export function loadReportSchema(): Schema {
  const percentile: Schema = {
    type: ["number", "null"],
    description: "Milliseconds; null: never reached, or nothing counted.",
  };
  const latency = object({
    p50: percentile,
    p90: percentile,
    p95: percentile,
    p99: percentile,
    p999: percentile,
    max: percentile,
    count,
  });
  const rates = object({ offered: figure, accepted: figure, delivered: orNull(figure) });
  const messages = object({
    attempted: count,
    accepted: count,
    delivered: orNull(count),
    lost: orNull(count),
    duplicated: orNull(count),
    refused: count,
    plaintext: count,
  });
  const latencies = object({
    submit: { ...latency, description: "From the intended start to the final reply." },
    accept: { ...latency, description: "From the final dot to the reply." },
    delivery: { ...orNull(latency), description: "From the reply to the arrival." },
    endToEnd: {
      ...orNull(latency),
      description: "From the intended start to the arrival; lost messages are infinitely late.",
    },
  });
  const gate = object({ id: text, ok: { type: "boolean" }, measured: text, limit: text, advice: text });
  const level = object({
    title: text,
    kind: text,
    scenario: orNull(text),
    met: { type: ["boolean", "null"] },
    measured: text,
    limit: text,
    reason: text,
    stated: { enum: ["profile", "compliance.yaml"] },
    requirements: list(text),
  });
  const histogram = object({
    unit: { const: "us" },
    digits: count,
    count,
    min: figure,
    max: figure,
    mean: figure,
    buckets: list({ type: "array", items: figure, minItems: 2, maxItems: 2 }),
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/load-report.schema.json",
    title: "hipaa-check load test report",
    ...object({
      schemaVersion: { const: "1" },
      tool: object({ name: { const: "hipaa-check" }, version: text }),
      run: text,
      startedAt: text,
      profile: object({ id: text, title: text, requirements: list(text) }),
      target: object({ kind: { enum: ["smtp", "http"] }, name: text }),
      verdict: { enum: [...loadVerdicts] },
      validity: object({ valid: { type: "boolean" }, gates: list(gate) }),
      levels: list(level),
      rates,
      messages: { ...messages, description: "Of the whole run, warm-up included." },
      latencyMs: latencies,
      tls: object({
        versions: { type: "object", additionalProperties: count },
        ciphers: { type: "object", additionalProperties: count },
        resumed: count,
      }),
      phases: { type: "object", additionalProperties: latency },
      scenarios: list(object({ id: text, rates, messages, latencyMs: latencies })),
      failures: list(object({ phase: text, kind: text, code: count, enhanced: text, text, count })),
      timeline: list(
        object({
          second: count,
          offered: count,
          accepted: count,
          delivered: orNull(count),
          failed: count,
          backlog: orNull({ type: "integer" }),
          submitP50: percentile,
          submitP99: percentile,
          endToEndP50: percentile,
          endToEndP99: percentile,
        }),
      ),
      warmupSeconds: figure,
      knee: orNull(object({ rate: orNull(figure), reached: { type: "boolean" } })),
      notes: list(text),
      environment: texts,
      histograms: { type: "object", additionalProperties: histogram },
      record: {
        ...recordSchema(),
        description:
          "What the report was made from: loadtest merge joins it with others and judges the whole.",
      },
      facts: orNull(text),
    }),
  };
}
