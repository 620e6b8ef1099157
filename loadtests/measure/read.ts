import type { Plan } from "../plan/plan.ts";
import type { EngineReport, EngineScenario, SinkReport } from "./engine-report.ts";
import type { Measurement, ScenarioMeasurement } from "./measurement.ts";
import { countOf, readJson, type Summary } from "./summary.ts";

const nothing: EngineScenario = {
  scheduled: true,
  messages: { attempted: 0, accepted: 0, partial: 0, failed: 0, plaintext: 0, octets: 0 },
  recipients: { accepted: 0, refused: 0 },
  failures: [],
  histograms: {},
  timeline: [],
};

/**
 * Reads what k6 and the sink left behind.
 * @param files where k6 wrote its summary and the extension's report
 * @throws LoadTestError when something is missing: a run without figures is no run
 */
export async function readMeasurement(
  plan: Plan,
  files: { readonly summary: string; readonly engine: string },
  seen: Pick<Measurement, "missedFaults" | "interrupted" | "complaint"> & { readonly sink?: SinkReport },
): Promise<Measurement> {
  const summary = await readJson<Summary>(files.summary, "the summary");
  const engine = await readJson<EngineReport>(files.engine, "the report of the SMTP extension");
  const scenarios = plan.scenarios.map((planned): ScenarioMeasurement => {
    const { messages, failures, histograms, timeline } = engine.scenarios[planned.id] ?? nothing;
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
      plannedRate: planned.rate,
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
      timeline,
    };
  });
  return { scenarios, engine, ...seen };
}
