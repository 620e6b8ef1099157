import type { EngineFailure, EngineTarget } from "../measure/engine-report.ts";
import {
  emptyHistogram,
  type Histogram,
  type Latency,
  latencyOf,
  mergeHistograms,
} from "../measure/histogram.ts";
import { arrivalsKnown, type Measurement, type ScenarioMeasurement } from "../measure/measurement.ts";
import type { Plan } from "../plan/plan.ts";
import { type Gate, kneeGate, validityGates } from "../verdict/gates.ts";
import { type LevelResult, levelResults, ratesOf } from "../verdict/levels.ts";
import { type RunRecord, recordOf } from "./record.ts";
import type { Segment } from "./segment.ts";

/** `met`: valid, and every level holds. `not-met`: valid, and one does not. `undecided`: a level could not be told. */
export const loadVerdicts = ["met", "not-met", "undecided", "invalid"] as const;
export type LoadVerdict = (typeof loadVerdicts)[number];

export interface Rates {
  /** Messages a second while the measured part ran. */
  readonly offered: number;
  readonly accepted: number;
  /** Null where arrivals were not in view. */
  readonly delivered: number | null;
}

export interface MessageCounts {
  readonly attempted: number;
  readonly accepted: number;
  readonly delivered: number | null;
  readonly lost: number | null;
  readonly duplicated: number | null;
  readonly refused: number;
  readonly plaintext: number;
}

/** The four times, in milliseconds, of the measured part. Null where arrivals were not in view. */
export interface Latencies {
  readonly submit: Latency;
  readonly accept: Latency;
  readonly delivery: Latency | null;
  readonly endToEnd: Latency | null;
}

export interface ScenarioReport {
  readonly id: string;
  readonly rates: Rates;
  readonly messages: MessageCounts;
  readonly latencyMs: Latencies;
}

/** One second of the run, all scenarios together. */
export interface Second {
  readonly second: number;
  readonly offered: number;
  readonly accepted: number;
  readonly delivered: number | null;
  readonly failed: number;
  /** Accepted and not yet delivered, at its end. */
  readonly backlog: number | null;
  /** Milliseconds, by intended start; null where nothing was counted. */
  readonly submitP50: number | null;
  readonly submitP99: number | null;
  readonly endToEndP50: number | null;
  readonly endToEndP99: number | null;
}

/** What was loaded, as reports name it. */
export interface ReportTarget {
  readonly kind: "smtp" | "http";
  readonly name: string;
}

/** What `loadtest run --format json` prints, version 1. */
export interface LoadReport {
  readonly schemaVersion: "1";
  readonly tool: { readonly name: "hipaa-check"; readonly version: string };
  readonly run: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly profile: { readonly id: string; readonly title: string; readonly requirements: readonly string[] };
  readonly target: ReportTarget;
  readonly verdict: LoadVerdict;
  readonly validity: { readonly valid: boolean; readonly gates: readonly Gate[] };
  readonly levels: readonly LevelResult[];
  readonly rates: Rates;
  readonly messages: MessageCounts;
  readonly latencyMs: Latencies;
  /** Connections by what they negotiated; `none` counts those without TLS. */
  readonly tls: {
    readonly versions: Readonly<Record<string, number>>;
    readonly ciphers: Readonly<Record<string, number>>;
    readonly resumed: number;
  };
  /** Parts of a connection and of a transaction, in milliseconds. */
  readonly phases: Readonly<Record<string, Latency>>;
  readonly scenarios: readonly ScenarioReport[];
  readonly failures: readonly EngineFailure[];
  readonly timeline: readonly Second[];
  /** How much of the timeline is warm-up. */
  readonly warmupSeconds: number;
  /** Of a run in steps: the last rate at which everything that was offered was delivered in time; null where none. */
  readonly knee: { readonly rate: number | null; readonly reached: boolean } | null;
  readonly notes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The histograms that the percentiles of the measured part were read from. */
  readonly histograms: Readonly<Record<string, Histogram>>;
  /** What all of it was made from: `loadtest merge` joins it with others and judges the whole anew. */
  readonly record: RunRecord;
  /** The facts file that was written; null where none was asked for. */
  readonly facts: string | null;
}

const phaseNames = ["wait", "connect", "tls", "auth", "setup", "transaction", "startLag"] as const;
const secondDigits = 2;

function merged(scenarios: readonly ScenarioMeasurement[], name: string): Histogram {
  return mergeHistograms(scenarios.map(({ histograms }) => histograms[name] ?? emptyHistogram));
}

function total(
  scenarios: readonly ScenarioMeasurement[],
  read: (scenario: ScenarioMeasurement) => number,
): number {
  return scenarios.reduce((sum, scenario) => sum + read(scenario), 0);
}

function latencies(scenarios: readonly ScenarioMeasurement[], figures?: Measurement["figures"]): Latencies {
  const inView = scenarios.length > 0 && scenarios.every(({ delivered }) => delivered !== undefined);
  const lost = total(scenarios, (scenario) => scenario.lost ?? 0);
  return {
    submit: figures?.submit ?? latencyOf(merged(scenarios, "submit")),
    accept: figures?.accept ?? latencyOf(merged(scenarios, "accept")),
    delivery: inView && figures === undefined ? latencyOf(merged(scenarios, "delivery"), lost) : null,
    endToEnd: inView ? latencyOf(merged(scenarios, "endToEnd"), lost) : null,
  };
}

function counts(scenarios: readonly ScenarioMeasurement[]): MessageCounts {
  const inView = scenarios.length > 0 && scenarios.every(({ delivered }) => delivered !== undefined);
  const arrivals = (read: (scenario: ScenarioMeasurement) => number | undefined): number | null =>
    inView ? total(scenarios, (scenario) => read(scenario) ?? 0) : null;
  return {
    attempted: total(scenarios, ({ attempted }) => attempted),
    accepted: total(scenarios, ({ accepted }) => accepted),
    delivered: arrivals(({ delivered }) => delivered),
    lost: arrivals(({ lost }) => lost),
    duplicated: arrivals(({ duplicated }) => duplicated),
    refused: total(scenarios, ({ refused }) => refused),
    plaintext: total(scenarios, ({ plaintext }) => plaintext),
  };
}

function secondHistogram(pairs: readonly (readonly [number, number])[]): Histogram {
  const count = pairs.reduce((sum, [, each]) => sum + each, 0);
  const max = Math.max(0, ...pairs.map(([upper]) => upper));
  return { ...emptyHistogram, digits: secondDigits, count, max, buckets: pairs };
}

function timelineOf(scenarios: readonly ScenarioMeasurement[], inView: boolean): Second[] {
  const seconds = scenarios.flatMap(({ timeline }) => timeline);
  const last = Math.max(-1, ...seconds.map(({ second }) => second));
  let backlog = 0;
  return Array.from({ length: last + 1 }, (_, second): Second => {
    const own = seconds.filter((each) => each.second === second);
    const add = (name: "offered" | "accepted" | "delivered" | "failed"): number =>
      own.reduce((sum, each) => sum + (each[name] ?? 0), 0);
    const times = (name: "submit" | "endToEnd"): Latency =>
      latencyOf(mergeHistograms(own.map((each) => secondHistogram(each[name] ?? []))));
    backlog += add("accepted") - add("delivered");
    const [submit, endToEnd] = [times("submit"), times("endToEnd")];
    return {
      second,
      offered: add("offered"),
      accepted: add("accepted"),
      delivered: inView ? add("delivered") : null,
      failed: add("failed"),
      backlog: inView ? backlog : null,
      submitP50: submit.p50,
      submitP99: submit.p99,
      endToEndP50: endToEnd.p50,
      endToEndP99: endToEnd.p99,
    };
  });
}

/** Share of an offered rate that has to be delivered in time for a step to count as sustained. */
const sustained = 0.95;

function kneeOf(plan: Plan, measured: readonly ScenarioMeasurement[]): LoadReport["knee"] {
  if (plan.profile.steps === undefined) return null;
  let rate: number | null = null;
  for (const scenario of measured) {
    const { offered, accepted, delivered } = ratesOf([scenario]);
    if ((delivered ?? accepted) < offered * sustained || scenario.dropped > 0) return { rate, reached: true };
    rate = scenario.plannedRate;
  }
  return { rate, reached: false };
}

function verdictOf(gates: readonly Gate[], levels: readonly LevelResult[]): LoadVerdict {
  if (gates.some(({ ok }) => !ok)) return "invalid";
  if (levels.some(({ met }) => met === false)) return "not-met";
  return levels.some(({ met }) => met === null) ? "undecided" : "met";
}

/**
 * Judges a measurement and says everything about it.
 * @param joined what a measurement that was joined from others brings along
 */
export function buildReport(
  plan: Plan,
  target: ReportTarget,
  measurement: Measurement,
  environment: Readonly<Record<string, string>>,
  version: string,
  joined: {
    readonly gates: readonly Gate[];
    readonly notes: readonly string[];
    readonly segments: readonly Segment[];
  } = {
    gates: [],
    notes: [],
    segments: [],
  },
): LoadReport {
  const { scenarios, engine } = measurement;
  const measured = scenarios.filter(({ isWarmup }) => !isWarmup);
  const inView = arrivalsKnown(measurement);
  const knee = kneeOf(plan, measured);
  const gates = [
    ...validityGates(plan, target.kind, measurement),
    ...(knee === null ? [] : [kneeGate(plan, knee.rate)]),
    ...joined.gates,
  ];
  const levels = levelResults(plan, measurement);
  const names = ["submit", "accept", ...(inView ? ["delivery", "endToEnd"] : []), ...phaseNames];
  const histograms = Object.fromEntries(names.map((name) => [name, merged(measured, name)]));
  return {
    schemaVersion: "1",
    tool: { name: "hipaa-check", version },
    run: engine.run,
    startedAt: engine.startedAt,
    profile: { id: plan.profile.id, title: plan.profile.title, requirements: plan.profile.requirements },
    target,
    verdict: verdictOf(gates, levels),
    validity: { valid: gates.every(({ ok }) => ok), gates },
    levels,
    rates: ratesOf(measured),
    messages: counts(scenarios),
    latencyMs: latencies(measured, measurement.figures),
    tls: tlsOf(measurement),
    phases: Object.fromEntries(phaseNames.map((name) => [name, latencyOf(merged(measured, name))])),
    scenarios: measured.map((scenario) => ({
      id: scenario.id,
      rates: ratesOf([scenario]),
      messages: counts([scenario]),
      latencyMs: latencies([scenario], scenario.figures),
    })),
    failures: allFailures(scenarios),
    timeline: timelineOf(scenarios, inView),
    warmupSeconds: plan.warmupMs / 1000,
    knee,
    notes: [...joined.notes, ...notesOf(measurement, inView, target.kind)],
    environment,
    histograms,
    record: recordOf(plan, measurement, joined.segments),
    facts: null,
  };
}

/** Equal failures of all scenarios together, the most frequent first. */
function allFailures(scenarios: readonly ScenarioMeasurement[]): EngineFailure[] {
  const alike = Map.groupBy(
    scenarios.flatMap(({ failures }) => failures),
    ({ phase, kind, code, enhanced, text }) => JSON.stringify([phase, kind, code, enhanced, text]),
  );
  return [...alike.values()]
    .flatMap((group) => {
      const [first] = group;
      const count = group.reduce((sum, each) => sum + each.count, 0);
      return first === undefined ? [] : { ...first, count };
    })
    .sort((a, b) => b.count - a.count);
}

function tlsOf({ engine }: Measurement): LoadReport["tls"] {
  const add = (read: (target: EngineTarget) => Readonly<Record<string, number>>): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const target of engine.targets) {
      for (const [name, count] of Object.entries(read(target))) sums[name] = (sums[name] ?? 0) + count;
    }
    return sums;
  };
  return {
    versions: add(({ tlsVersions }) => tlsVersions),
    ciphers: add(({ ciphers }) => ciphers),
    resumed: engine.targets.reduce((sum, { resumed }) => sum + resumed, 0),
  };
}

function notesOf(
  { engine, scenarios, complaint }: Measurement,
  inView: boolean,
  kind: ReportTarget["kind"],
): string[] {
  const notes: string[] = [];
  if (kind === "http")
    notes.push("How the application protects what it sends was not seen: sandbox probe puts it to the test.");
  if (complaint !== "") notes.push(`k6 complained: ${complaint}`);
  if (!inView)
    notes.push(
      "The mailbox was not in view: only submit and accept were measured, not whether or when mail arrived.",
    );
  if (engine.collected?.complete === false) {
    const lost = total(scenarios, (scenario) => scenario.lost ?? 0);
    notes.push(`The drain time ended while ${lost} accepted messages had not arrived; they count as lost.`);
  }
  const reconnects = engine.targets.reduce((sum, target) => sum + target.reconnects, 0);
  if (reconnects > 0) notes.push(`The server ended ${reconnects} connections that were then replaced.`);
  return notes;
}

/** 0 met, 1 not met, 3 invalid or a level that could not be told. */
export function loadExitCode(report: LoadReport): 0 | 1 | 3 {
  if (report.verdict === "met") return 0;
  return report.verdict === "not-met" ? 1 : 3;
}
