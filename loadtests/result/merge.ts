import { usage } from "../error.ts";
import type { EngineFailure, EngineSecond, SinkReport } from "../measure/engine-report.ts";
import { type Histogram, mergeHistograms } from "../measure/histogram.ts";
import type { Measurement, ScenarioMeasurement } from "../measure/measurement.ts";
import type { Plan } from "../plan/plan.ts";
import type { Gate } from "../verdict/gates.ts";
import type { Part } from "./part.ts";
import { buildReport, type LoadReport } from "./report.ts";
import { concurrencyGate, segmentGate } from "./segment.ts";

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}

function joinHistograms(
  all: readonly Readonly<Partial<Record<string, Histogram>>>[],
): Record<string, Histogram> {
  const names = new Set(all.flatMap((histograms) => Object.keys(histograms)));
  return Object.fromEntries(
    [...names].map((name) => [name, mergeHistograms(all.flatMap((histograms) => histograms[name] ?? []))]),
  );
}

/** Equal failures count together; those that come most often stand first. */
function joinFailures(failures: readonly EngineFailure[]): EngineFailure[] {
  const equal = Map.groupBy(failures, ({ count: _, ...failure }) =>
    JSON.stringify(Object.entries(failure).sort()),
  );
  return [...equal.values()]
    .flatMap(([first, ...more]) =>
      first === undefined ? [] : [{ ...first, count: sum([first, ...more], ({ count }) => count) }],
    )
    .sort((a, b) => b.count - a.count);
}

type Buckets = readonly (readonly [number, number])[];

function joinBuckets(all: readonly Buckets[]): Buckets {
  const counts = new Map<number, number>();
  for (const [upper, count] of all.flat()) counts.set(upper, (counts.get(upper) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** @param timelines each with how much later than the first one it began, in seconds */
function joinTimelines(
  timelines: readonly { readonly later: number; readonly timeline: readonly EngineSecond[] }[],
): EngineSecond[] {
  const seconds = Map.groupBy(
    timelines.flatMap(({ later, timeline }) =>
      timeline.map((each) => ({ ...each, second: each.second + later })),
    ),
    ({ second }) => second,
  );
  return [...seconds]
    .sort(([a], [b]) => a - b)
    .map(([second, own]) => ({
      second,
      offered: sum(own, ({ offered = 0 }) => offered),
      accepted: sum(own, ({ accepted = 0 }) => accepted),
      failed: sum(own, ({ failed = 0 }) => failed),
      delivered: sum(own, ({ delivered = 0 }) => delivered),
      submit: joinBuckets(own.map(({ submit = [] }) => submit)),
      endToEnd: joinBuckets(own.map(({ endToEnd = [] }) => endToEnd)),
    }));
}

function joinScenario(
  first: ScenarioMeasurement,
  parts: readonly Part[],
  beganAt: number,
): ScenarioMeasurement {
  const of = parts.flatMap(({ measurement }) =>
    measurement.scenarios
      .filter(({ id }) => id === first.id)
      .map((scenario) => ({ scenario, later: Math.round((measurement.beganAt - beganAt) / 1000) })),
  );
  const own = of.map(({ scenario }) => scenario);
  const arrivals = own.every(({ delivered }) => delivered !== undefined)
    ? {
        delivered: sum(own, ({ delivered = 0 }) => delivered),
        lost: sum(own, ({ lost = 0 }) => lost),
        duplicated: sum(own, ({ duplicated = 0 }) => duplicated),
      }
    : {};
  return {
    id: first.id,
    stream: first.stream,
    isWarmup: first.isWarmup,
    startMs: first.startMs,
    durationMs: first.durationMs,
    plannedRate: sum(own, ({ plannedRate }) => plannedRate),
    attempted: sum(own, ({ attempted }) => attempted),
    accepted: sum(own, ({ accepted }) => accepted),
    refused: sum(own, ({ refused }) => refused),
    plaintext: sum(own, ({ plaintext }) => plaintext),
    dropped: sum(own, ({ dropped }) => dropped),
    ...arrivals,
    failures: joinFailures(own.flatMap(({ failures }) => failures)),
    histograms: joinHistograms(own.map(({ histograms }) => histograms)),
    timeline: joinTimelines(of.map(({ scenario, later }) => ({ later, timeline: scenario.timeline }))),
  };
}

/** The process that says most about the whole is the one with the largest figure. */
function worst<T>(items: readonly [T, ...T[]], read: (item: T) => number): T {
  return items.reduce((a, b) => (read(b) > read(a) ? b : a));
}

type Parts = readonly [Part, ...Part[]];

/** The share of its processors that a process used. */
function businessOf({ process: { timeline, cpuSeconds, cores }, seconds }: Measurement["engine"]): number {
  if (timeline.length > 0) return sum(timeline, (each) => each.cpuSeconds) / (timeline.length * cores);
  return (cpuSeconds ?? 0) / (seconds * cores);
}

type Collected = Measurement["engine"]["collected"];

/** All of them were looked for only where those of each process were. */
function joinCollected(all: readonly Collected[]): Collected {
  const [first, ...more] = all.flatMap((each) => each ?? []);
  if (first === undefined || more.length + 1 < all.length) return null;
  const each: [typeof first, ...(typeof first)[]] = [first, ...more];
  return {
    drainedMs: Math.max(...each.map(({ drainedMs }) => drainedMs)),
    complete: each.every(({ complete }) => complete),
    negative: sum(each, ({ negative }) => negative),
    clock: worst(each, ({ clock: { driftMs, uncertaintyMs } }) =>
      driftMs === null ? Number.POSITIVE_INFINITY : Math.abs(driftMs) + uncertaintyMs,
    ).clock,
  };
}

function joinEngines(parts: Parts): Measurement["engine"] {
  const [first, ...more] = parts.map(({ measurement }) => measurement.engine) as [
    Measurement["engine"],
    ...Measurement["engine"][],
  ];
  const engines = [first, ...more] as const;
  const busiest = worst(engines, businessOf);
  return {
    ...first,
    run: parts.map(({ run }) => run).join("+"),
    startedAt: engines.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    // Of one process: a share of its processors over its own time.
    seconds: busiest.seconds,
    process: busiest.process,
    clock: worst(engines, ({ clock }) => clock.stepMs).clock,
    targets: engines.flatMap(({ targets }) => targets),
    collected: joinCollected(engines.map(({ collected }) => collected)),
  };
}

function joinSinks(sinks: readonly SinkReport[]): SinkReport | undefined {
  const [first, ...more] = sinks;
  if (first === undefined) return undefined;
  if (more.length === 0) return first;
  const count = (name: keyof SinkReport["messages"]): number => sum(sinks, ({ messages }) => messages[name]);
  return {
    ...first,
    clock: worst([first, ...more], ({ clock }) => clock.stepMs).clock,
    messages: {
      received: count("received"),
      plaintext: count("plaintext"),
      unstamped: count("unstamped"),
      listUnsubscribe: count("listUnsubscribe"),
      oneClick: count("oneClick"),
      faulty: count("faulty"),
    },
    service: mergeHistograms(sinks.flatMap(({ service }) => service ?? [])),
    faults: sinks.flatMap(({ faults }) => faults),
    limits: sinks.flatMap(({ limits }) => limits),
    runs: Object.assign({}, ...sinks.map(({ runs }) => runs)) as SinkReport["runs"],
    timeline: [],
  };
}

function joinEnvironments(parts: readonly Part[]): Record<string, string> {
  const names = new Set(parts.flatMap(({ environment }) => Object.keys(environment)));
  return Object.fromEntries(
    [...names].map((name) => {
      const values = new Set(parts.flatMap(({ environment }) => environment[name] ?? []));
      return [name, [...values].join("; ")];
    }),
  );
}

/** The plan without what a share of the load may have of its own. */
function demandOf({ profile, warmupMs, durationMs, scenarios }: Plan): string {
  const places = scenarios.map(({ id, startMs, durationMs: length, message }) => [
    id,
    startMs,
    length,
    message,
  ]);
  return JSON.stringify([profile, warmupMs, durationMs, places]);
}

/** @throws LoadTestError where the parts are not of one load */
function requireOneLoad(parts: Parts): void {
  const [first] = parts;
  for (const { plan, target, run } of parts) {
    const other = (what: string, is: string, was: string): Error =>
      usage(
        "report-other-load",
        `run ${run} is of ${what} ${is}, run ${first.run} of ${was}: join parts of one load only`,
      );
    if (plan.profile.id !== first.plan.profile.id)
      throw other("profile", plan.profile.id, first.plan.profile.id);
    if (target.kind !== first.target.kind || target.name !== first.target.name)
      throw other("target", target.name, first.target.name);
    if (demandOf(plan) !== demandOf(first.plan))
      throw usage(
        "report-other-load",
        `run ${run} has other durations, messages or service levels than run ${first.run}: join parts of one load only`,
      );
  }
  const runs = parts.flatMap(({ run }) => run.split("+"));
  const twice = runs.find((run, index) => runs.indexOf(run) !== index);
  if (twice !== undefined) throw usage("report-twice", `run ${twice} is there twice: name each part once`);
  if (
    parts.some(({ segments }) => segments.length > 0) &&
    parts.some(({ segments }) => segments.length === 0)
  )
    throw usage(
      "report-other-load",
      "some parts are segments of one load, others loads of their own: join one kind",
    );
  const withFigures = parts.find(({ measurement }) =>
    measurement.scenarios.some(({ figures }) => figures !== undefined),
  );
  if (withFigures !== undefined)
    throw usage(
      "report-without-histograms",
      `run ${withFigures.run} went over HTTP: k6 gives its percentiles only, and percentiles of several processes cannot be joined`,
    );
}

/** Loads of their own add up; a segment has the plan of the whole. */
function joinPlans(parts: Parts): Plan {
  const [first] = parts;
  if (first.segments.length > 0) return first.plan;
  return {
    ...first.plan,
    messages: sum(parts, ({ plan }) => plan.messages),
    scenarios: first.plan.scenarios.map((scenario, index) => ({
      ...scenario,
      rate: sum(parts, ({ plan }) => plan.scenarios[index]?.rate ?? 0),
    })),
  };
}

/** A gate that a part does not hold makes the whole invalid. */
function brokenGates(parts: readonly Part[]): Gate[] {
  return parts.flatMap(({ label, broken }) =>
    broken.map((gate) => ({ ...gate, id: gate.id.includes(" (") ? gate.id : `${gate.id} (${label})` })),
  );
}

/**
 * Joins what processes that shared one load measured, and judges the whole as one run is judged: counts and rates add up,
 * percentiles are read from the joined histograms and never averaged, and what made one part invalid makes the whole invalid.
 * @throws LoadTestError where the parts are not of one load
 */
export function mergeParts(given: readonly Part[], version: string): LoadReport {
  const [first, ...more] = given;
  if (first === undefined) throw usage("report-missing", "there is nothing to join");
  const parts: Parts = [first, ...more];
  requireOneLoad(parts);
  const began = parts.map(({ measurement }) => measurement.beganAt);
  const beganAt = Math.min(...began);
  const sinks = parts.flatMap((part) => part.measurement.sink ?? []);
  // Where a part's mailbox was not in view, the whole's was not.
  const sink = sinks.length === parts.length ? joinSinks([...new Set(sinks)]) : undefined;
  const measurement: Measurement = {
    scenarios: first.measurement.scenarios.map((scenario) => joinScenario(scenario, parts, beganAt)),
    engine: joinEngines(parts),
    beganAt,
    missedFaults: [...new Set(parts.flatMap(({ measurement: { missedFaults } }) => missedFaults))],
    interrupted: parts.some(({ measurement: { interrupted } }) => interrupted),
    complaint: [...new Set(parts.flatMap(({ measurement: { complaint } }) => complaint || []))].join("; "),
    ...(sink === undefined ? {} : { sink }),
  };
  const segments = parts.flatMap((part) => part.segments);
  const gates = [
    ...(segments.length === 0 ? [] : [segmentGate(segments)]),
    concurrencyGate(began, first.plan.durationMs),
    ...brokenGates(parts),
  ];
  const notes = [`Joined from ${parts.length} parts: ${parts.map(({ label }) => label).join(", ")}.`];
  const plan = joinPlans(parts);
  return buildReport(plan, first.target, measurement, joinEnvironments(parts), version, {
    gates,
    notes,
    segments,
  });
}
