import type { Plan } from "../plan/plan.ts";
import {
  type EngineReport,
  type EngineScenario,
  emptyEngineReport,
  type SinkReport,
} from "./engine-report.ts";
import type { Measurement, ScenarioMeasurement } from "./measurement.ts";
import { countOf, emptySummary, readLeft, type Summary } from "./summary.ts";

const nothing: EngineScenario = {
  scheduled: true,
  messages: { attempted: 0, accepted: 0, partial: 0, failed: 0, plaintext: 0, octets: 0 },
  recipients: { accepted: 0, refused: 0 },
  failures: [],
  histograms: {},
  timeline: [],
};

type Seen = Pick<Measurement, "missedFaults" | "interrupted" | "complaint"> & { readonly sink?: SinkReport };

/** The engine counts seconds from the start of its process; scenarios start later, and in a pod much later. */
function fromBegin<T extends { readonly second: number }>(timeline: readonly T[], laterMs: number): T[] {
  const seconds = Math.max(0, Math.floor(laterMs / 1000));
  return timeline
    .filter(({ second }) => second >= seconds)
    .map((each) => ({ ...each, second: each.second - seconds }));
}

/**
 * Reads what k6 and the sink left behind.
 * @param files where k6 wrote its summary and the extension's report
 * @throws LoadTestError when something is missing: a run without figures is no run
 */
export async function readMeasurement(
  plan: Plan,
  files: { readonly summary: string; readonly engine: string },
  seen: Seen,
): Promise<Measurement> {
  const summary = await readLeft<Summary>(files.summary, "the summary", seen);
  const engine = await readLeft<EngineReport>(files.engine, "the report of the SMTP extension", seen);
  return measurementOf(
    plan,
    summary ?? emptySummary(plan, ["dropped_iterations"]),
    engine ?? emptyEngineReport(),
    seen,
  );
}

/**
 * Puts together what one process measured.
 * @param share of the planned rates that was this process's; 1 for a run that has no others
 */
export function measurementOf(
  plan: Plan,
  summary: Summary,
  engine: EngineReport,
  seen: Seen,
  share = 1,
): Measurement {
  const { scenarios: counted, ...own } = engine;
  const startedAt = Date.parse(engine.startedAt);
  const beganAt = summary.setup_data?.beganAt ?? startedAt;
  const processTimeline = fromBegin(engine.process.timeline, beganAt - startedAt);
  const scenarios = plan.scenarios.map((planned): ScenarioMeasurement => {
    const { messages, failures, histograms, timeline } = counted[planned.id] ?? nothing;
    const arrivals =
      seen.sink === undefined || engine.collected === null
        ? {}
        : {
            delivered: messages.delivered ?? 0,
            lost: messages.lost ?? 0,
            duplicated: messages.duplicated ?? 0,
          };
    return {
      id: planned.id,
      stream: planned.stream,
      isWarmup: planned.isWarmup,
      plannedRate: planned.rate * share,
      startMs: planned.startMs,
      durationMs: planned.durationMs,
      attempted: messages.attempted,
      accepted: messages.accepted,
      refused: messages.failed + messages.partial,
      plaintext: messages.plaintext,
      ...arrivals,
      dropped: countOf(summary, `dropped_iterations{scenario:${planned.id}}`),
      failures,
      histograms,
      timeline: fromBegin(timeline, beganAt - startedAt),
    };
  });
  const process = { ...engine.process, timeline: processTimeline };
  return { scenarios, engine: { ...own, process }, beganAt, ...seen };
}
