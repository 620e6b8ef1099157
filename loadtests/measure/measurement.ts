import type { EngineFailure, EngineReport, EngineSecond, SinkReport } from "./engine-report.ts";
import type { Histogram, Latency } from "./histogram.ts";

/** What was measured of one scenario, warm-up scenarios included. */
export interface ScenarioMeasurement {
  readonly id: string;
  readonly stream: string;
  readonly isWarmup: boolean;
  /** Messages a second that were planned. */
  readonly plannedRate: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attempted: number;
  readonly accepted: number;
  /** Not accepted for every recipient. */
  readonly refused: number;
  readonly plaintext: number;
  /** Undefined without a sink in view. */
  readonly delivered?: number;
  readonly lost?: number;
  readonly duplicated?: number;
  /** Messages that the load generator could not even begin. */
  readonly dropped: number;
  readonly failures: readonly EngineFailure[];
  readonly histograms: Readonly<Record<string, Histogram>>;
  /** Percentiles that stand for themselves, where k6 gave no histogram: they cannot be joined with others. */
  readonly figures?: Readonly<Partial<Record<string, Latency>>>;
  readonly timeline: readonly EngineSecond[];
}

/** Whether it is known of every accepted message that it arrived or did not. */
export function arrivalsKnown({ scenarios }: Measurement): boolean {
  return scenarios.every(({ delivered }) => delivered !== undefined);
}

/** Everything that one run measured, before it is judged. */
export interface Measurement {
  readonly scenarios: readonly ScenarioMeasurement[];
  /** What the process itself says; its scenarios are those above. */
  readonly engine: Omit<EngineReport, "scenarios">;
  /** When the first scenario was started, in milliseconds since 1970; timelines count from it. */
  readonly beganAt: number;
  readonly sink?: SinkReport;
  /** Percentiles of the whole measured part, where k6 gave no histograms. */
  readonly figures?: Readonly<Partial<Record<string, Latency>>>;
  /** Faults that were to be set and could not be. */
  readonly missedFaults: readonly string[];
  readonly interrupted: boolean;
  /** What k6 complained about; empty where it did not. */
  readonly complaint: string;
}
