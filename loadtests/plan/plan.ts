import { usage } from "../error.ts";
import { longestDrainMs, longestWarmupMs } from "../profile/load.ts";
import type { Level, MessageShape, Profile, Scenario } from "../profile/profile.ts";
import { messageRecipients, messageSize } from "../profile/schema.ts";
import { type ServiceLevels, withServiceLevels } from "../profile/service-levels.ts";
import { parseTime, timeOf } from "../profile/time.ts";
import { type Ceilings, requireBelow } from "./ceilings.ts";

/** What a caller puts in place of what the profile says. */
export interface Overrides {
  /** Messages a second of the first scenario; the others that are no background keep their proportion. */
  readonly rate?: number;
  /** Of the measured part. */
  readonly duration?: string;
  /** Octets. */
  readonly size?: number;
  readonly recipients?: number;
}

export interface PlannedScenario {
  readonly id: string;
  /** The scenario of the profile; the same for its warm-up. */
  readonly stream: string;
  readonly isWarmup: boolean;
  /** Messages a second. */
  readonly rate: number;
  /** From the start of the run. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Virtual users: enough for every message that can be under way when the server stops for a while. */
  readonly users: number;
  readonly message: Required<MessageShape>;
}

/** A profile with every figure settled. */
export interface Plan {
  readonly profile: Profile;
  readonly scenarios: readonly PlannedScenario[];
  readonly sessions: number;
  readonly warmupMs: number;
  /** The measured part. */
  readonly durationMs: number;
  readonly drainMs: number;
  /** Levels that the organisation stated itself. */
  readonly statedLevels: ReadonlySet<Level>;
  /** Messages that are to be offered in all, warm-up included. */
  readonly messages: number;
}

/** What k6 takes at least. */
const shortestScenarioMs = 1000;
const standstillSeconds = 4;
const fewestUsers = 10;
const mostUsers = 4000;
const defaultSessions = 20;
const defaultSize = 10_240;

/**
 * Settles every figure of a run.
 * @throws LoadTestError where an override is wrong, or a ceiling is exceeded
 */
export function makePlan(
  shipped: Profile,
  overrides: Overrides,
  ceilings: Ceilings,
  stated: ServiceLevels = {},
): Plan {
  const { profile, levels: statedLevels } = withServiceLevels(shipped, stated);
  requirePossible(overrides);
  const durationMs = durationOf(profile, overrides);
  const warmupMs = Math.min(timeOf(profile.warmup ?? "5s"), longestWarmupMs);
  const drainMs = Math.min(timeOf(profile.drain ?? "10s"), longestDrainMs);
  const measured =
    profile.steps === undefined ? streams(profile, overrides) : stepScenarios(profile, overrides);
  const first = measured.filter(({ from }) => from === 0);
  const scenarios = [
    ...first.map((stream) =>
      planned(stream, overrides, {
        id: `warmup-${stream.id}`,
        isWarmup: true,
        startMs: 0,
        durationMs: warmupMs,
      }),
    ),
    ...measured.map((stream) =>
      planned(stream, overrides, {
        id: stream.id,
        isWarmup: false,
        startMs: Math.round(warmupMs + stream.from * durationMs),
        durationMs: Math.round((stream.to - stream.from) * durationMs),
      }),
    ),
  ].filter((scenario) => scenario.durationMs > 0);
  requireLongEnough(scenarios);
  const plan = {
    profile,
    scenarios,
    sessions: profile.sessions ?? defaultSessions,
    warmupMs,
    durationMs,
    drainMs,
    statedLevels,
    messages: scenarios.reduce(
      (sum, { rate, durationMs: length }) => sum + Math.ceil((rate * length) / 1000),
      0,
    ),
  };
  requireBelow(plan, ceilings);
  return plan;
}

/** What a profile cannot say is wrong as an override, too. */
function requirePossible({ size, recipients }: Overrides): void {
  for (const [name, value, { minimum, maximum }] of [
    ["size", size, messageSize],
    ["recipients", recipients, messageRecipients],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= minimum && value <= maximum))
      throw usage(`bad-${name}`, `--${name} ${value}: write a whole number from ${minimum} to ${maximum}`);
  }
}

function requireLongEnough(scenarios: readonly PlannedScenario[]): void {
  const short = scenarios.find(({ durationMs }) => durationMs < shortestScenarioMs);
  if (short === undefined) return;
  throw usage(
    "bad-duration",
    `the scenario "${short.id}" would take ${short.durationMs} ms, and k6 runs none under ${shortestScenarioMs} ms: give it more time${short.isWarmup ? ", or no warm-up" : " with --duration"}`,
  );
}

function durationOf(profile: Profile, { duration }: Overrides): number {
  if (duration === undefined) return timeOf(profile.duration);
  const value = parseTime(duration);
  if (value === undefined || !(value > 0)) {
    throw usage("bad-duration", `--duration ${duration} is no duration: write 500ms, 30s or 2m`);
  }
  return value;
}

type Stream = Scenario & { readonly from: number; readonly to: number; readonly stream: string };

function streams(profile: Profile, { rate }: Overrides): Stream[] {
  const all = profile.scenarios ?? [];
  const primary = all.find(({ background }) => background !== true) ?? all[0];
  if (rate !== undefined && !(rate > 0))
    throw usage("bad-rate", `--rate ${rate} is no rate: give messages a second`);
  const factor = rate === undefined || primary === undefined ? 1 : rate / primary.rate;
  return all.map((scenario) => ({
    ...scenario,
    stream: scenario.id,
    rate: scenario.background === true ? scenario.rate : scenario.rate * factor,
    from: scenario.from ?? 0,
    to: scenario.to ?? 1,
  }));
}

/** Each step is a scenario of its own: its figures are not mixed with those of the others. */
function stepScenarios({ steps }: Profile, { rate }: Overrides): Stream[] {
  if (steps === undefined) return [];
  const { id, from, factor, count, message } = steps;
  return Array.from({ length: count }, (_, index) => ({
    id: `${id}-${String(index + 1).padStart(2, "0")}`,
    stream: id,
    rate: Math.round((rate ?? from) * factor ** index),
    from: index / count,
    to: (index + 1) / count,
    ...(message === undefined ? {} : { message }),
  }));
}

function planned(
  { stream, rate, message }: Stream,
  { size, recipients }: Overrides,
  place: Pick<PlannedScenario, "id" | "isWarmup" | "startMs" | "durationMs">,
): PlannedScenario {
  const users = Math.ceil(rate * standstillSeconds);
  return {
    ...place,
    stream,
    rate,
    users: Math.min(Math.max(users, fewestUsers), mostUsers),
    message: {
      template: message?.template ?? "plain",
      size: size ?? message?.size ?? defaultSize,
      recipients: recipients ?? message?.recipients ?? 1,
      listUnsubscribe: message?.listUnsubscribe ?? false,
    },
  };
}
