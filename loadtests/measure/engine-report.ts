import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Histogram } from "./histogram.ts";

/** Durations that the extension counts for each scenario (`loadtests/extension/README.md`, "Times"). */
export const engineHistograms = [
  "submit",
  "startLag",
  "wait",
  "transaction",
  "accept",
  "connect",
  "tls",
  "auth",
  "setup",
  "delivery",
  "endToEnd",
] as const;
export type EngineHistogram = (typeof engineHistograms)[number];

export interface EngineFailure {
  readonly phase: string;
  readonly kind: string;
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
  readonly count: number;
}

/** One second of a scenario, from the start of the run on. */
export interface EngineSecond {
  readonly second: number;
  readonly offered?: number;
  readonly accepted?: number;
  readonly failed?: number;
  readonly delivered?: number;
  /** Histogram buckets in microseconds. */
  readonly submit?: readonly (readonly [number, number])[];
  readonly endToEnd?: readonly (readonly [number, number])[];
}

export interface EngineScenario {
  readonly scheduled: boolean;
  readonly messages: {
    readonly attempted: number;
    readonly accepted: number;
    /** Accepted for some of their recipients only; they are accepted too. */
    readonly partial: number;
    readonly failed: number;
    readonly plaintext: number;
    readonly octets: number;
    readonly delivered?: number;
    readonly lost?: number;
    readonly duplicated?: number;
  };
  readonly recipients: { readonly accepted: number; readonly refused: number };
  readonly failures: readonly EngineFailure[];
  readonly histograms: Readonly<Partial<Record<EngineHistogram, Histogram>>>;
  readonly timeline: readonly EngineSecond[];
}

export interface EngineTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: string;
  readonly auth: string;
  readonly sessions: number;
  readonly opened: number;
  readonly reconnects: number;
  readonly resumed: number;
  readonly failedSetups: number;
  readonly tlsVersions: Readonly<Record<string, number>>;
  readonly ciphers: Readonly<Record<string, number>>;
}

interface ProcessFigures {
  /** Null where the system does not say. */
  readonly cpuSeconds: number | null;
  readonly cores: number;
  readonly maxRssBytes: number;
  /** By second, from the start of the run on; empty where the system does not say. */
  readonly timeline: readonly { readonly second: number; readonly cpuSeconds: number }[];
}

/** What `report()` of `k6/x/smtp` gives, version 1. */
export interface EngineReport {
  readonly schemaVersion: "1";
  readonly run: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly clock: { readonly stepMs: number };
  readonly process: ProcessFigures;
  readonly environment: Readonly<Record<string, string>>;
  readonly targets: readonly EngineTarget[];
  readonly scenarios: Readonly<Record<string, EngineScenario>>;
  /** Null before the messages were looked for at the sink. */
  readonly collected: {
    readonly drainedMs: number;
    readonly complete: boolean;
    /** Messages that seem to have arrived before they were to be sent. */
    readonly negative: number;
    readonly clock: {
      readonly offsetMs: number;
      readonly uncertaintyMs: number;
      /** Null where the offset was measured only once. */
      readonly driftMs: number | null;
      readonly stepMs: number;
    };
  } | null;
}

/** The report of a process that has measured nothing, such as one that was interrupted before it had begun. */
export function emptyEngineReport(): EngineReport {
  return {
    schemaVersion: "1",
    run: randomUUID().slice(0, 8),
    startedAt: new Date().toISOString(),
    seconds: 0,
    clock: { stepMs: 0 },
    process: { cpuSeconds: null, cores: availableParallelism(), maxRssBytes: 0, timeline: [] },
    environment: {},
    targets: [],
    scenarios: {},
    collected: null,
  };
}

/** What the sink says at its end, version 1. */
export interface SinkReport {
  readonly schemaVersion: "1";
  readonly seconds: number;
  readonly clock: { readonly stepMs: number };
  readonly process: ProcessFigures;
  readonly sessions: { readonly opened: number; readonly refused: number; readonly atOnce: number };
  readonly messages: {
    readonly received: number;
    readonly plaintext: number;
    readonly unstamped: number;
    readonly listUnsubscribe: number;
    readonly oneClick: number;
    readonly faulty: number;
  };
  /** Null where nothing arrived. */
  readonly service: Histogram | null;
  readonly faults: readonly { readonly kind: string; readonly applied: number }[];
  readonly limits: readonly { readonly rate: number; readonly applied: number }[];
  readonly runs: Readonly<
    Record<string, { readonly messages: number; readonly duplicates: number; readonly endToEnd: Histogram }>
  >;
  readonly timeline: readonly { readonly second: number; readonly received: number }[];
}
