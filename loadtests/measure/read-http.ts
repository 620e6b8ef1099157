import { httpCounters, httpRun } from "../plan/k6-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { emptyEngineReport, type SinkReport } from "./engine-report.ts";
import type { Latency } from "./histogram.ts";
import type { Measurement, ScenarioMeasurement } from "./measurement.ts";
import { countOf, emptySummary, readLeft, type Summary } from "./summary.ts";

function latency(values: Readonly<Record<string, number>> | undefined): Latency {
  const count = values?.count ?? 0;
  const at = (name: string): number | null => {
    const value = values?.[name];
    return count === 0 || value === undefined ? null : Math.round(value * 1000) / 1000;
  };
  return {
    p50: at("med"),
    p90: at("p(90)"),
    p95: at("p(95)"),
    p99: at("p(99)"),
    p999: at("p(99.9)"),
    max: at("max"),
    count,
  };
}

/**
 * Reads what a stock k6 and the sink say of a run over HTTP. There are no histograms of the sender's side, and no figures by
 * second: percentiles stand for themselves.
 * @param run when it began, how long it took, and what k6 used
 */
export async function readHttpMeasurement(
  plan: Plan,
  summaryFile: string,
  run: { readonly startedAt: Date; readonly seconds: number; readonly cpuSeconds: number | undefined },
  seen: Pick<Measurement, "missedFaults" | "interrupted" | "complaint"> & { readonly sink?: SinkReport },
): Promise<Measurement> {
  const summary =
    (await readLeft<Summary>(summaryFile, "the summary", seen)) ??
    emptySummary(plan, ["dropped_iterations", ...httpCounters]);
  const { metrics } = summary;
  const count = (name: string, id: string): number => countOf(summary, `${name}{scenario:${id}}`);
  const trend = (name: string, id: string): Latency => latency(metrics[`${name}{scenario:${id}}`]?.values);
  const scenarios = plan.scenarios.map((planned, index): ScenarioMeasurement => {
    const { id } = planned;
    const accepted = count("load_accepted", id);
    const attempted = count("load_attempted", id);
    // A request that is still without an answer when the run ends was not accepted either.
    const refused = attempted - accepted;
    const arrived = seen.sink?.runs[httpRun(index)];
    const delivered = arrived === undefined ? 0 : arrived.messages - arrived.duplicates;
    return {
      id,
      stream: planned.stream,
      isWarmup: planned.isWarmup,
      plannedRate: planned.rate,
      startMs: planned.startMs,
      durationMs: planned.durationMs,
      attempted,
      accepted,
      refused,
      plaintext: 0,
      ...(seen.sink === undefined
        ? {}
        : { delivered, lost: Math.max(0, accepted - delivered), duplicated: arrived?.duplicates ?? 0 }),
      dropped: count("dropped_iterations", id),
      failures:
        refused === 0
          ? []
          : [
              {
                phase: "request",
                kind: "refused",
                code: 0,
                enhanced: "",
                text: "the API did not answer with 2xx",
                count: refused,
              },
            ],
      histograms: arrived === undefined ? {} : { endToEnd: arrived.endToEnd },
      figures: {
        submit: trend("load_submit", id),
        accept: trend("load_accept", id),
        startLag: trend("load_start_lag", id),
      },
      timeline: [],
    };
  });
  const own = emptyEngineReport();
  const engine: Measurement["engine"] = {
    ...own,
    startedAt: run.startedAt.toISOString(),
    seconds: run.seconds,
    process: { ...own.process, cpuSeconds: run.cpuSeconds ?? null },
  };
  const measured = scenarios.filter(({ isWarmup }) => !isWarmup);
  const [only] = measured;
  const figures = measured.length === 1 && only?.figures !== undefined ? only.figures : {};
  return { scenarios, engine, beganAt: run.startedAt.getTime(), figures, ...seen };
}
