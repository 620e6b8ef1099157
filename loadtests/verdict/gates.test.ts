import { expect, test } from "vitest";
import type { EngineReport, SinkReport } from "../measure/engine-report.ts";
import { emptyHistogram, type Histogram } from "../measure/histogram.ts";
import type { Measurement, ScenarioMeasurement } from "../measure/measurement.ts";
import { defaultCeilings } from "../plan/ceilings.ts";
import { makePlan } from "../plan/plan.ts";
import { loadProfile } from "../profile/load.ts";
import { validityGates } from "./gates.ts";

const plan = makePlan(await loadProfile("smoke"), {}, defaultCeilings);

function histogram(milliseconds: number): Histogram {
  const micro = milliseconds * 1000;
  return { ...emptyHistogram, count: 100, min: micro, max: micro, mean: micro, buckets: [[micro, 100]] };
}

const scenario: ScenarioMeasurement = {
  id: "messages",
  stream: "messages",
  isWarmup: false,
  plannedRate: 20,
  startMs: 1000,
  durationMs: 6000,
  attempted: 120,
  accepted: 120,
  refused: 0,
  plaintext: 0,
  delivered: 120,
  lost: 0,
  duplicated: 0,
  dropped: 0,
  failures: [],
  histograms: { startLag: histogram(1), submit: histogram(5), accept: histogram(3), endToEnd: histogram(9) },
  timeline: [],
};

const engine: EngineReport = {
  schemaVersion: "1",
  run: "a",
  startedAt: "2026-01-01T00:00:00Z",
  seconds: 20,
  clock: { stepMs: 0 },
  process: {
    cpuSeconds: 4,
    cores: 2,
    maxRssBytes: 1,
    timeline: Array.from({ length: 20 }, (_, second) => ({ second, cpuSeconds: 0.2 })),
  },
  environment: {},
  targets: [
    {
      host: "h",
      port: 25,
      tls: "starttls",
      auth: "",
      sessions: 5,
      opened: 5,
      reconnects: 0,
      resumed: 0,
      failedSetups: 0,
      tlsVersions: { "1.3": 5 },
      ciphers: {},
    },
  ],
  scenarios: {},
  collected: {
    drainedMs: 50,
    complete: true,
    negative: 0,
    clock: { offsetMs: 0.1, uncertaintyMs: 0.2, driftMs: 0.01, stepMs: 0 },
  },
};

const sink: SinkReport = {
  schemaVersion: "1",
  seconds: 20,
  clock: { stepMs: 0 },
  process: { cpuSeconds: 1, cores: 2, maxRssBytes: 1, timeline: [] },
  sessions: { opened: 5, refused: 0, atOnce: 5 },
  messages: { received: 140, plaintext: 0, unstamped: 0, listUnsubscribe: 0, oneClick: 0, faulty: 0 },
  service: histogram(1),
  faults: [],
  limits: [],
  runs: {},
  timeline: [],
};

const sound: Measurement = {
  scenarios: [scenario],
  engine,
  beganAt: 0,
  sink,
  missedFaults: [],
  interrupted: false,
  complaint: "",
};

function broken(measurement: Measurement): string[] {
  return validityGates(plan, "smtp", measurement)
    .filter(({ ok }) => !ok)
    .map(({ id }) => id);
}

const withScenario = (change: Partial<ScenarioMeasurement>): Measurement => ({
  ...sound,
  scenarios: [{ ...scenario, ...change }],
});
const withEngine = (change: Partial<EngineReport>): Measurement => ({
  ...sound,
  engine: { ...engine, ...change },
});
const withCollected = (change: Partial<NonNullable<EngineReport["collected"]>>): Measurement =>
  withEngine({ collected: { ...(engine.collected as NonNullable<EngineReport["collected"]>), ...change } });
const withClock = (change: object): Measurement =>
  withCollected({ clock: { offsetMs: 0, uncertaintyMs: 0.2, driftMs: 0, stepMs: 0, ...change } });
/** Seconds 1 to 6 are measured: a warm-up of one second comes before, the drain behind. */
const busyWhileMeasured = Array.from({ length: 20 }, (_, second) => ({
  second,
  cpuSeconds: second >= 1 && second < 7 ? 1.95 : 0,
}));

test("a run with nothing wrong is valid", () => expect(broken(sound)).toEqual([]));

const traps: Readonly<Record<string, readonly [gates: readonly string[], Measurement]>> = {
  "it was interrupted": [["complete"], { ...sound, interrupted: true }],
  "nothing was sent": [["samples", "offered"], withScenario({ attempted: 0, accepted: 0 })],
  "one scenario of several sent nothing": [
    ["samples"],
    { ...sound, scenarios: [{ ...scenario, id: "other" }] },
  ],
  "less was offered than planned": [["offered"], withScenario({ attempted: 110, accepted: 110 })],
  "a single iteration was dropped": [["dropped"], withScenario({ dropped: 1 })],
  "an iteration was dropped in the warm-up": [
    ["dropped"],
    { ...sound, scenarios: [scenario, { ...scenario, id: "warmup", isWarmup: true, dropped: 1 }] },
  ],
  "the generator was busy while it measured, and idle before and after": [
    ["generator"],
    withEngine({ process: { ...engine.process, timeline: busyWhileMeasured } }),
  ],
  "messages were begun late": [
    ["start-lag"],
    withScenario({ histograms: { ...scenario.histograms, startLag: histogram(900) } }),
  ],
  "one message left in clear text": [["plaintext"], withScenario({ plaintext: 1 })],
  "the generator's clock was set": [["clock"], withEngine({ clock: { stepMs: 2000 } })],
  "the sink's clock was set": [["clock"], { ...sound, sink: { ...sink, clock: { stepMs: 2000 } } }],
  "the sink says afterwards that its clock was set": [["clock"], withClock({ stepMs: 2000 })],
  "the two clocks went apart": [["sink-clock"], withClock({ driftMs: -30 })],
  "the clocks were compared only once": [["sink-clock"], withClock({ driftMs: null })],
  "nobody can tell how far the clocks are apart": [["sink-clock"], withClock({ uncertaintyMs: 80 })],
  "messages arrived before they were to be sent": [["sink-clock"], withCollected({ negative: 3 })],
  "the messages were not looked for at the sink": [["collected"], withEngine({ collected: null })],
  "the sink was slow by itself": [["sink"], { ...sound, sink: { ...sink, service: histogram(400) } }],
  "everything was accepted, and nothing came to the sink in view": [
    ["sink-in-view"],
    { ...sound, sink: { ...sink, messages: { ...sink.messages, received: 0 } } },
  ],
  "a planned fault did not take place": [["faults"], { ...sound, missedFaults: ["the sink was not there"] }],
};

test.each(Object.entries(traps))("a run is invalid where %s", (_, [gates, measurement]) => {
  expect(broken(measurement)).toEqual(gates);
  const advised = validityGates(plan, "smtp", measurement).filter(({ ok }) => !ok);
  expect(advised.every(({ advice }) => advice !== "")).toBe(true);
});
