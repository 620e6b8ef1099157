import type { SinkReport } from "../measure/engine-report.ts";
import type { Plan } from "../plan/plan.ts";
import { timeOf } from "../profile/time.ts";
import type { SinkFault } from "./sink.ts";

/** What goes wrong at the sink, with its time from the start of the run. */
export function sinkFaults({ profile, warmupMs, durationMs }: Plan): SinkFault[] {
  return (profile.faults ?? []).flatMap(({ kind, at, for: length }): SinkFault[] => {
    if (kind === "mta-restart") return [];
    const after = `${Math.round(warmupMs + at * durationMs)}ms`;
    return [{ kind: kind === "sink-pause" ? "pause" : "down", after, for: `${timeOf(length)}ms` }];
  });
}

/** What was to go wrong at the sink and did not. */
export function missedAtSink(plan: Plan, report: SinkReport | undefined): string[] {
  const planned = sinkFaults(plan);
  if (planned.length === 0) return [];
  if (report === undefined)
    return ["the receiving end is not in view, so nothing could go wrong there on purpose"];
  return planned.flatMap(({ kind }, index) =>
    (report.faults[index]?.applied ?? 0) > 0 ? [] : `the sink never met the planned fault "${kind}"`,
  );
}
