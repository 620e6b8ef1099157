import type { EngineReport, SinkReport } from "../measure/engine-report.ts";
import type { Measurement } from "../measure/measurement.ts";
import { measurementOf } from "../measure/read.ts";
import type { Summary } from "../measure/summary.ts";
import type { Plan } from "../plan/plan.ts";
import { missedAtSink } from "../sink/faults.ts";
import { type Gate, validityGates } from "../verdict/gates.ts";
import { type RecordedPlan, recordedPlan } from "./record.ts";
import type { LoadReport, ReportTarget } from "./report.ts";
import { parseSegment, type Segment } from "./segment.ts";

/** What one process of a load measured, to be joined with others. */
export interface Part {
  /** The runs in it. */
  readonly run: string;
  /** As gates name it: its segment or its run. */
  readonly label: string;
  readonly plan: Plan;
  readonly target: ReportTarget;
  readonly measurement: Measurement;
  readonly environment: Readonly<Record<string, string>>;
  /** Empty for a load of its own. */
  readonly segments: readonly Segment[];
  /** Why the figures of this part cannot be trusted, whatever the others say. */
  readonly broken: readonly Gate[];
}

/** What an exported plan makes a process write: one line of its log. */
export interface SegmentResult {
  readonly schemaVersion: "1";
  readonly producer: "hipaa-check load segment";
  readonly load: { readonly plan: RecordedPlan; readonly target: ReportTarget };
  readonly summary: Summary;
  readonly engine: EngineReport;
}

/** Gates that only the whole can answer: a share of a small load may hold no message of a scenario. */
const gatesOfTheWhole = ["samples", "offered", "faults", "segments", "concurrent", "sink", "sink-in-view"];

function brokenGates(gates: readonly Gate[]): Gate[] {
  return gates.filter(({ id, ok }) => !ok && !gatesOfTheWhole.includes(id));
}

/**
 * @param complaint what its log says went wrong; empty where nothing did
 * @param sink the report of the sink that all processes delivered to; absent where it was not in view
 */
export function partOfSegment(result: SegmentResult, complaint: string, sink: SinkReport | undefined): Part {
  const { load, summary, engine } = result;
  const plan = recordedPlan(load.plan);
  const segment = parseSegment(summary.setup_data?.segment ?? "0:1");
  const missedFaults = missedAtSink(plan, sink);
  const seen = { missedFaults, interrupted: false, complaint, ...(sink === undefined ? {} : { sink }) };
  const share = segment === undefined ? 1 : segment.to - segment.from;
  const measurement = measurementOf(plan, summary, engine, seen, share);
  return {
    run: engine.run,
    label: `segment ${segment?.name}`,
    plan,
    target: load.target,
    measurement,
    environment: { ...engine.environment },
    segments: segment === undefined ? [] : [segment],
    broken: brokenGates(validityGates(plan, load.target.kind, measurement)),
  };
}

export function partOfReport(report: LoadReport): Part {
  const { record, run, target, environment, validity } = report;
  return {
    run,
    label: `run ${run}`,
    plan: recordedPlan(record.plan),
    target,
    measurement: record.measurement,
    environment,
    segments: record.segments,
    broken: brokenGates(validity.gates),
  };
}
