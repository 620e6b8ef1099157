import { mergeHistograms, milliseconds, percentileOf } from "../measure/histogram.ts";
import type { Measurement } from "../measure/measurement.ts";
import type { Plan } from "../plan/plan.ts";
import type { SendPath } from "../plan/send-path.ts";
import { timeOf } from "../profile/time.ts";

/** A condition under which the figures mean what they say. */
export interface Gate {
  readonly id: string;
  readonly ok: boolean;
  /** In words, with its unit. */
  readonly measured: string;
  readonly limit: string;
  /** What to change; empty where nothing is wrong. */
  readonly advice: string;
}

/** A share of the processors above which the generator measures itself. */
const busiestGenerator = 0.9;
/** How late messages may begin, as a share of the shortest time that is demanded, within bounds. */
const latestStart = { share: 0.1, leastMs: 50, mostMs: 500 } as const;
const largestClockStepMs = 5;
const largestClockErrorMs = 5;
/** The sink's own answer time at the 99th percentile. */
const slowestSinkMs = 100;
/** A scenario has to offer this share of what was planned. */
const leastOffered = 0.98;

function gate(id: string, ok: boolean, measured: string, limit: string, advice: string): Gate {
  return { id, ok, measured, limit, advice: ok ? "" : advice };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/**
 * The share of the processors that k6 used while it measured: what it does before and afterwards would hide how busy it was.
 * Undivided where there are no figures by second, null where the system does not tell.
 */
function generatorLoad({ warmupMs, durationMs }: Plan, { engine }: Measurement): number | null {
  const { cpuSeconds, cores, timeline } = engine.process;
  const during = timeline.filter(
    ({ second }) => second * 1000 >= warmupMs && (second + 1) * 1000 <= warmupMs + durationMs,
  );
  if (during.length > 0)
    return during.reduce((sum, second) => sum + second.cpuSeconds, 0) / (during.length * cores);
  return cpuSeconds === null || engine.seconds === 0 ? null : cpuSeconds / (engine.seconds * cores);
}

/** Every gate of a run, in a stable order. A run is valid when all are ok. */
export function validityGates(
  plan: Plan,
  kind: SendPath["target"]["kind"],
  measurement: Measurement,
): Gate[] {
  const { engine, sink, scenarios } = measurement;
  const measured = scenarios.filter(({ isWarmup }) => !isWarmup);
  const dropped = scenarios.reduce((sum, scenario) => sum + scenario.dropped, 0);
  const attempted = measured.reduce((sum, scenario) => sum + scenario.attempted, 0);
  const silent = plan.scenarios.filter(
    ({ id, isWarmup }) =>
      !isWarmup && (scenarios.find((scenario) => scenario.id === id)?.attempted ?? 0) === 0,
  );
  const planned = measured.reduce(
    (sum, { plannedRate, durationMs }) => sum + (plannedRate * durationMs) / 1000,
    0,
  );
  const load = generatorLoad(plan, measurement);
  const lag = percentileOf(
    mergeHistograms(measured.flatMap(({ histograms }) => histograms.startLag ?? [])),
    99,
  );
  const lagMs =
    lag === null
      ? Math.max(0, ...measured.map(({ figures }) => figures?.startLag?.p99 ?? 0))
      : milliseconds(lag);
  const demanded = plan.profile.levels.flatMap((level) =>
    level.kind === "latency" ? timeOf(level.maximum) : [],
  );
  const latestMs = Math.min(
    Math.max(latestStart.share * Math.min(...demanded), latestStart.leastMs),
    latestStart.mostMs,
  );
  const plaintext = scenarios.reduce((sum, scenario) => sum + scenario.plaintext, 0);
  const clear = engine.targets.some(({ tls }) => tls === "none");
  const step = Math.max(engine.clock.stepMs, sink?.clock.stepMs ?? 0, engine.collected?.clock.stepMs ?? 0);
  const nothingSent = `nothing was sent in ${silent.map(({ id }) => id).join(", ")}`;
  const gates = [
    gate(
      "complete",
      !measurement.interrupted,
      measurement.interrupted ? "interrupted" : "ran to its end",
      "ran to its end",
      "Run it again and let it end: figures of an interrupted run say nothing about the whole.",
    ),
    gate(
      "samples",
      attempted > 0 && silent.length === 0,
      silent.length === 0
        ? `${attempted} messages`
        : measurement.complaint === ""
          ? nothingSent
          : `${nothingSent}: ${measurement.complaint}`,
      "every scenario sends",
      "Mend what kept the messages from being sent: a run that sent nothing has measured nothing.",
    ),
    gate(
      "offered",
      attempted >= planned * leastOffered - 1,
      `${attempted} of ${Math.round(planned)} planned`,
      `at least ${percent(leastOffered)}`,
      "Lower the rate: the generator did not offer what was asked for.",
    ),
    gate(
      "dropped",
      dropped === 0,
      `${dropped} messages that were never begun`,
      "0",
      "Lower the rate, or give the target more time: the generator ran out of virtual users, and the worst moments are missing from the figures.",
    ),
    gate(
      "generator",
      load === null || load <= busiestGenerator,
      load === null
        ? "not measured on this system"
        : `${percent(load)} of ${engine.process.cores} processors`,
      `at most ${percent(busiestGenerator)}`,
      "Lower the rate, or run the generator on a machine of its own: it was busy with itself.",
    ),
    gate(
      "start-lag",
      lagMs <= latestMs,
      `${lagMs} ms at the 99th percentile`,
      `at most ${latestMs} ms`,
      "Lower the rate or free the machine: messages were begun late.",
    ),
    gate(
      "plaintext",
      plaintext === 0 || clear,
      `${plaintext} messages in clear text${clear ? " (the target was named as clear text)" : ""}`,
      "0",
      "Find out how content left without TLS before anything else.",
    ),
    gate(
      "clock",
      step <= largestClockStepMs,
      `stepped by ${step} ms`,
      `at most ${largestClockStepMs} ms`,
      "Run it again while nobody sets the clock.",
    ),
  ];
  if (measurement.missedFaults.length > 0 || (plan.profile.faults?.length ?? 0) > 0) {
    gates.push(
      gate(
        "faults",
        measurement.missedFaults.length === 0,
        measurement.missedFaults.length === 0 ? "all took place" : measurement.missedFaults.join("; "),
        "every planned fault takes place",
        "Use a target that can be disturbed in this way, such as --sandbox with the containers driver.",
      ),
    );
  }
  return [...gates, ...sinkGates(kind, measurement)];
}

/** Of a run in steps: a knee below the first of them was not found. */
export function kneeGate(plan: Plan, rate: number | null): Gate {
  const first = plan.scenarios.find(({ isWarmup }) => !isWarmup)?.rate ?? 0;
  return gate(
    "first-step",
    rate !== null,
    `${rate === null ? "not even " : ""}${rate ?? first} messages a second were sustained`,
    "the first step is sustained",
    "Look at the failures, or begin with a lower --rate: what the path takes lies below what was tried.",
  );
}

/** Whether each message was looked for at the sink, and by clocks that agree. */
function clockGates(collected: Measurement["engine"]["collected"]): Gate[] {
  const isCollected = gate(
    "collected",
    collected !== null,
    collected === null ? "the messages were not looked for at the sink" : "all messages looked for",
    "all messages looked for",
    "Look at what k6 complained about: nobody knows what arrived.",
  );
  if (collected === null) return [isCollected];
  const { driftMs, uncertaintyMs } = collected.clock;
  const error = driftMs === null ? null : Math.abs(driftMs) + uncertaintyMs;
  const early =
    collected.negative === 0 ? "" : `; ${collected.negative} messages arrived before they were to be sent`;
  return [
    isCollected,
    gate(
      "sink-clock",
      error !== null && error <= largestClockErrorMs && collected.negative === 0,
      `${error === null ? "an unknown drift" : `${error.toFixed(3)} ms of uncertainty`} between the two clocks${early}`,
      `at most ${largestClockErrorMs} ms`,
      "Run generator and sink on one machine, or keep their clocks together.",
    ),
  ];
}

function sinkGates(kind: SendPath["target"]["kind"], { engine, sink, scenarios }: Measurement): Gate[] {
  if (sink === undefined) return [];
  const { collected } = engine;
  const service = sink.service === null ? null : percentileOf(sink.service, 99);
  const serviceMs = service === null ? 0 : milliseconds(service);
  const accepted = scenarios.reduce((sum, scenario) => sum + scenario.accepted, 0);
  const received = sink.messages.received;
  return [
    gate(
      "sink",
      serviceMs <= slowestSinkMs,
      `answers within ${serviceMs} ms at the 99th percentile`,
      `at most ${slowestSinkMs} ms`,
      "Lower the rate or give the sink a machine of its own: it was the bottleneck.",
    ),
    ...(kind === "http" ? [] : clockGates(collected)),
    gate(
      "sink-in-view",
      accepted === 0 || received > 0,
      `${received} messages arrived of ${accepted} accepted`,
      "at least one",
      "Point the send path at the sink: nothing that was accepted came there, so delivery was not measured.",
    ),
  ];
}
