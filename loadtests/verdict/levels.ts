import {
  emptyHistogram,
  type Latency,
  mergeHistograms,
  milliseconds,
  percentileOf,
} from "../measure/histogram.ts";
import { arrivalsKnown, type Measurement, type ScenarioMeasurement } from "../measure/measurement.ts";
import type { Plan } from "../plan/plan.ts";
import type { Level, Measure } from "../profile/profile.ts";
import { timeOf } from "../profile/time.ts";

/** One demand held against the figures. */
export interface LevelResult {
  /** `accept p99 of transactional`. */
  readonly title: string;
  readonly kind: Level["kind"];
  readonly scenario: string | null;
  /** Null where it could not be told; `reason` then says why. */
  readonly met: boolean | null;
  readonly measured: string;
  readonly limit: string;
  readonly reason: string;
  /** Where the demand stands. */
  readonly stated: "profile" | "compliance.yaml";
  readonly requirements: readonly string[];
}

type Outcome = Pick<LevelResult, "met" | "measured" | "limit"> & { readonly reason?: string };

const needsSink = "the mailbox is not in view, so deliveries were not measured";
const nothingAccepted = "no message was accepted, so none could be delivered or lost";

function of(measurement: Measurement, stream: string): ScenarioMeasurement[] {
  return measurement.scenarios.filter((scenario) => scenario.stream === stream && !scenario.isWarmup);
}

function sum(
  scenarios: readonly ScenarioMeasurement[],
  read: (scenario: ScenarioMeasurement) => number,
): number {
  return scenarios.reduce((total, scenario) => total + read(scenario), 0);
}

const percentileNames: Readonly<Record<number, keyof Latency>> = {
  50: "p50",
  90: "p90",
  95: "p95",
  99: "p99",
  99.9: "p999",
};

/** Milliseconds; `lost` where the percentile lies among messages that never arrived. */
function percentile(
  scenarios: readonly ScenarioMeasurement[],
  measure: Measure,
  at: number,
): number | "lost" | undefined {
  const [single] = scenarios;
  const figures = scenarios.length === 1 ? single?.figures?.[measure] : undefined;
  if (figures !== undefined) return figures[percentileNames[at] ?? "max"] ?? undefined;
  const histogram = mergeHistograms(scenarios.map(({ histograms }) => histograms[measure] ?? emptyHistogram));
  const arrival = measure === "delivery" || measure === "endToEnd";
  const lost = arrival ? sum(scenarios, (scenario) => scenario.lost ?? 0) : 0;
  if (histogram.count + lost === 0) return undefined;
  const value = percentileOf(histogram, at, lost);
  return value === null ? "lost" : milliseconds(value);
}

function words(value: number | "lost"): string {
  return value === "lost" ? "never: lost messages lie within this percentile" : `${value} ms`;
}

/** Why a figure is missing. */
function missing(measure: Measure, measurement: Measurement): string {
  const arrival = measure === "delivery" || measure === "endToEnd";
  return arrival && !arrivalsKnown(measurement)
    ? needsSink
    : "no message was accepted, so there is no figure";
}

function backlogOf(scenarios: readonly ScenarioMeasurement[]): number[] {
  const seconds = new Map<number, number>();
  for (const { timeline } of scenarios) {
    for (const { second, accepted = 0, delivered = 0 } of timeline) {
      seconds.set(second, (seconds.get(second) ?? 0) + accepted - delivered);
    }
  }
  let backlog = 0;
  const last = Math.max(-1, ...seconds.keys());
  return Array.from({ length: last + 1 }, (_, second) => (backlog += seconds.get(second) ?? 0));
}

function judge(level: Level, plan: Plan, measurement: Measurement): Outcome {
  switch (level.kind) {
    case "latency": {
      const value = percentile(of(measurement, level.scenario), level.measure, level.percentile);
      const limit = `at most ${timeOf(level.maximum)} ms`;
      if (value === undefined)
        return { met: null, measured: "not measured", limit, reason: missing(level.measure, measurement) };
      return { met: value !== "lost" && value <= timeOf(level.maximum), measured: words(value), limit };
    }
    case "ratio":
      return judgeRatio(level, measurement);
    case "lost": {
      const limit = `at most ${level.maximum}`;
      if (!arrivalsKnown(measurement))
        return { met: null, measured: "not measured", limit, reason: needsSink };
      if (sum(measurement.scenarios, ({ accepted }) => accepted) === 0)
        return { met: null, measured: "not measured", limit, reason: nothingAccepted };
      const lost = sum(measurement.scenarios, (scenario) => scenario.lost ?? 0);
      return { met: lost <= level.maximum, measured: `${lost} accepted and not delivered`, limit };
    }
    case "refused": {
      const scenarios = of(measurement, level.scenario);
      const { maximum, minimum } = level;
      const limit = maximum === undefined ? `at least ${minimum}` : `at most ${maximum}`;
      const attempted = sum(scenarios, (scenario) => scenario.attempted);
      if (attempted === 0) return { met: null, measured: "not measured", limit, reason: "nothing was sent" };
      const refused = sum(scenarios, (scenario) => scenario.refused);
      const share = refused / attempted;
      const count = `${refused} of ${attempted}`;
      const measured = refused === 0 ? count : `${Number(share.toFixed(4))} (${count})`;
      if (minimum !== undefined && sum(scenarios, ({ accepted }) => accepted) === 0)
        return { met: null, measured, limit, reason: "nothing was accepted at all, so no limit was seen" };
      return { met: share <= (maximum ?? 1) && share >= (minimum ?? 0), measured, limit };
    }
    case "backlog": {
      const limit = "no larger at the end than in the middle, or than one second of mail";
      if (!arrivalsKnown(measurement))
        return { met: null, measured: "not measured", limit, reason: needsSink };
      const scenarios = of(measurement, level.scenario);
      if (sum(scenarios, ({ accepted }) => accepted) === 0)
        return { met: null, measured: "not measured", limit, reason: nothingAccepted };
      const backlog = backlogOf([...measurement.scenarios]);
      const first = Math.min(...scenarios.map(({ startMs }) => startMs)) / 1000;
      const last = Math.max(...scenarios.map(({ startMs, durationMs }) => startMs + durationMs)) / 1000;
      const during = backlog.slice(Math.floor(first), Math.max(Math.floor(first) + 1, Math.floor(last)));
      const quarter = Math.max(1, Math.floor(during.length / 4));
      const mean = (list: readonly number[]): number =>
        list.reduce((total, value) => total + value, 0) / Math.max(1, list.length);
      const middle = mean(during.slice(quarter, 2 * quarter));
      const end = mean(during.slice(-quarter));
      const rate = Math.max(...scenarios.map(({ plannedRate }) => plannedRate));
      const measured = `${Math.round(middle)} messages in the middle, ${Math.round(end)} at the end`;
      return { met: end <= Math.max(middle * 1.1, rate), measured, limit };
    }
    case "throughput": {
      const limit = `at least ${level.minimum} of what was offered`;
      if (!arrivalsKnown(measurement))
        return { met: null, measured: "not measured", limit, reason: needsSink };
      const { offered, delivered } = ratesOf(of(measurement, level.scenario));
      if (offered === 0) return { met: null, measured: "not measured", limit, reason: "nothing was offered" };
      const share = (delivered ?? 0) / offered;
      return { met: share >= level.minimum, measured: `${Number(share.toFixed(3))} while it ran`, limit };
    }
    case "unsubscribe": {
      const limit = "every message that arrives";
      const { sink } = measurement;
      if (sink === undefined) return { met: null, measured: "not measured", limit, reason: needsSink };
      const { received, listUnsubscribe, oneClick } = sink.messages;
      if (received === 0) return { met: null, measured: "nothing arrived", limit, reason: "nothing arrived" };
      const measured = `${listUnsubscribe} of ${received} offer it, ${oneClick} with one click`;
      return { met: oneClick === received, measured, limit };
    }
    case "backOff": {
      const limit = `at most ${level.maximumRate} tries a second`;
      const { sink } = measurement;
      if (sink === undefined) return { met: null, measured: "not measured", limit, reason: needsSink };
      const refused = sink.limits.reduce((total, { applied }) => total + applied, 0);
      if (refused === 0)
        return {
          met: null,
          measured: "never refused",
          limit,
          reason: "the receiving end refused nothing, so nothing had to wait",
        };
      const rate =
        (sink.messages.received + refused) / ((plan.warmupMs + plan.durationMs + plan.drainMs) / 1000);
      const measured = `${rate.toFixed(1)} tries a second, ${refused} of them refused`;
      return { met: rate <= level.maximumRate, measured, limit };
    }
  }
}

function judgeRatio(level: Extract<Level, { kind: "ratio" }>, measurement: Measurement): Outcome {
  const { maximum, measure, percentile: at, unless } = level;
  const limit = `at most ${maximum} times${unless === undefined ? "" : `, or ${unless} more`}`;
  const value = percentile(of(measurement, level.scenario), measure, at);
  const baseline = percentile(of(measurement, level.baseline), measure, at);
  if (value === undefined || baseline === undefined || baseline === "lost") {
    const reason =
      baseline === "lost" ? `messages of ${level.baseline} were lost` : missing(measure, measurement);
    return { met: null, measured: "not measured", limit, reason };
  }
  if (value === "lost") return { met: false, measured: words(value), limit };
  const ratio = baseline === 0 ? Number.POSITIVE_INFINITY : value / baseline;
  const isSmall = unless !== undefined && value - baseline <= timeOf(unless);
  const measured = `${ratio.toFixed(2)} times (${baseline} ms, then ${value} ms)`;
  return { met: ratio <= maximum || isSmall, measured, limit };
}

/** Milliseconds in which at least one of the scenarios ran. */
function coveredMs(scenarios: readonly ScenarioMeasurement[]): number {
  let covered = 0;
  let end = 0;
  for (const { startMs, durationMs } of scenarios.toSorted((a, b) => a.startMs - b.startMs)) {
    covered += Math.max(0, startMs + durationMs - Math.max(end, startMs));
    end = Math.max(end, startMs + durationMs);
  }
  return covered;
}

/** The timeline begins when k6 does; the first scenario begins up to so much later. */
const startUpMs = 1000;

/** Messages a second while the scenarios ran; `delivered` is null where arrivals were not in view. */
export function ratesOf(scenarios: readonly ScenarioMeasurement[]): {
  readonly offered: number;
  readonly accepted: number;
  readonly delivered: number | null;
} {
  const seconds = coveredMs(scenarios) / 1000;
  if (seconds === 0) return { offered: 0, accepted: 0, delivered: null };
  const during = (scenario: ScenarioMeasurement, read: "accepted" | "delivered"): number => {
    // Where k6 gives no figures by second, all of them count.
    if (scenario.timeline.length === 0) return scenario[read] ?? 0;
    return scenario.timeline
      .filter(({ second }) => second * 1000 < scenario.startMs + scenario.durationMs + startUpMs)
      .reduce((total, each) => total + (each[read] ?? 0), 0);
  };
  const rate = (count: number): number => Math.round((count / seconds) * 100) / 100;
  const inView = scenarios.every(({ delivered }) => delivered !== undefined);
  return {
    offered: rate(sum(scenarios, ({ attempted }) => attempted)),
    accepted: rate(sum(scenarios, (scenario) => during(scenario, "accepted"))),
    delivered: inView ? rate(sum(scenarios, (scenario) => during(scenario, "delivered"))) : null,
  };
}

function titleOf(level: Level): string {
  switch (level.kind) {
    case "latency":
      return `${level.measure} p${level.percentile} of ${level.scenario}`;
    case "ratio":
      return `${level.measure} p${level.percentile} of ${level.scenario} over ${level.baseline}`;
    case "lost":
      return "messages lost";
    case "refused":
      return `share of ${level.scenario} refused`;
    case "backlog":
      return `backlog of ${level.scenario}`;
    case "throughput":
      return `share of ${level.scenario} delivered in time`;
    case "unsubscribe":
      return "offers to unsubscribe";
    case "backOff":
      return "tries while throttled";
  }
}

/** Holds every level of the profile against the figures. */
export function levelResults(plan: Plan, measurement: Measurement): LevelResult[] {
  return plan.profile.levels.map((level) => ({
    title: titleOf(level),
    kind: level.kind,
    scenario: "scenario" in level ? level.scenario : null,
    reason: "",
    stated: plan.statedLevels.has(level) ? "compliance.yaml" : "profile",
    requirements: level.requirements,
    ...judge(level, plan, measurement),
  }));
}
