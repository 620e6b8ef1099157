import type { Json } from "#base/value.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const figure: Schema = { type: "number", minimum: 0 };
const flag: Schema = { type: "boolean" };

/** An object with at least these properties: the extension may say more. */
function open(required: Schema, optional: Schema = {}): Schema {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

function map(values: Schema): Schema {
  return { type: "object", additionalProperties: values };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [{ type: "null" }, schema] };
}

const buckets = list({ type: "array", items: figure, minItems: 2, maxItems: 2 });
const histogram = open({
  unit: { const: "us" },
  digits: count,
  count,
  min: figure,
  max: figure,
  mean: figure,
  buckets,
});
const failures = list(open({ phase: text, kind: text, code: count, enhanced: text, text, count }));
const timeline = list(
  open(
    { second: count },
    { offered: count, accepted: count, failed: count, delivered: count, submit: buckets, endToEnd: buckets },
  ),
);
const clock = open({ stepMs: figure });
const process = open({
  cpuSeconds: { type: ["number", "null"] },
  cores: count,
  maxRssBytes: count,
  timeline: list(open({ second: count, cpuSeconds: figure })),
});
const collected = orNull(
  open({
    drainedMs: figure,
    complete: flag,
    negative: count,
    clock: open({
      offsetMs: { type: "number" },
      uncertaintyMs: figure,
      driftMs: { type: ["number", "null"] },
      stepMs: figure,
    }),
  }),
);
const target = open({
  host: text,
  port: count,
  tls: text,
  auth: text,
  sessions: count,
  opened: count,
  reconnects: count,
  resumed: count,
  failedSetups: count,
  tlsVersions: map(count),
  ciphers: map(count),
});
const engine: Schema = {
  schemaVersion: { const: "1" },
  run: text,
  startedAt: text,
  seconds: figure,
  clock,
  process,
  environment: map(text),
  targets: list(target),
  collected,
};
const engineScenario = open({
  messages: open(
    { attempted: count, accepted: count, partial: count, failed: count, plaintext: count, octets: count },
    { delivered: count, lost: count, duplicated: count },
  ),
  failures,
  histograms: map(histogram),
  timeline,
});
const message = open({ template: text, size: count, recipients: count, listUnsubscribe: flag });
const level = open({ kind: text, requirements: list(text) });
const plan = open({
  profile: open({ id: text, title: text, requirements: list(text), levels: list(level) }),
  scenarios: list(
    open({
      id: text,
      stream: text,
      isWarmup: flag,
      rate: figure,
      startMs: figure,
      durationMs: figure,
      users: count,
      message,
    }),
  ),
  sessions: count,
  warmupMs: figure,
  durationMs: figure,
  drainMs: figure,
  statedLevels: list(count),
  messages: count,
});

/** What a sink says of itself. */
export function sinkReportSchema(): Schema {
  const messages: Schema = {
    received: count,
    plaintext: count,
    unstamped: count,
    listUnsubscribe: count,
    oneClick: count,
    faulty: count,
  };
  return open({
    schemaVersion: { const: "1" },
    seconds: figure,
    clock,
    process,
    messages: open(messages),
    service: orNull(histogram),
    faults: list(open({ kind: text, applied: count })),
    limits: list(open({ rate: figure, applied: count })),
    runs: map(open({ messages: count, duplicates: count })),
  });
}

/** The line that a process of an exported plan writes to its log. */
export function segmentResultSchema(): Schema {
  return open({
    schemaVersion: { const: "1" },
    producer: { const: "hipaa-check load segment" },
    load: open({ plan, target: open({ kind: { enum: ["smtp"] }, name: text }) }),
    summary: open({
      metrics: map(open({ values: map(figure) })),
      setup_data: open({ beganAt: figure, segment: { type: ["string", "null"] } }),
    }),
    engine: open({ ...engine, scenarios: map(engineScenario) }),
  });
}

/** What a load report was made from. */
export function recordSchema(): Schema {
  const scenario = open(
    {
      id: text,
      stream: text,
      isWarmup: flag,
      plannedRate: figure,
      startMs: figure,
      durationMs: figure,
      attempted: count,
      accepted: count,
      refused: count,
      plaintext: count,
      dropped: count,
      failures,
      histograms: map(histogram),
      timeline,
    },
    { delivered: count, lost: count, duplicated: count, figures: { type: "object" } },
  );
  const measurement = open(
    {
      scenarios: list(scenario),
      engine: open(engine),
      beganAt: figure,
      missedFaults: list(text),
      interrupted: flag,
      complaint: text,
    },
    { sink: sinkReportSchema(), figures: { type: "object" } },
  );
  const segment = open({ name: text, from: figure, to: figure });
  return open({ plan, measurement, segments: list(segment) });
}
