import type { Measurement } from "../measure/measurement.ts";
import type { Plan } from "../plan/plan.ts";
import type { Segment } from "./segment.ts";

/** A plan as it is written to files. */
export interface RecordedPlan extends Omit<Plan, "statedLevels"> {
  /** Indices of the profile's levels that the organisation stated itself. */
  readonly statedLevels: readonly number[];
}

/** What a report was made from. */
export interface RunRecord {
  readonly plan: RecordedPlan;
  readonly measurement: Measurement;
  /** The shares of the load that were joined; empty for a load of its own. */
  readonly segments: readonly Segment[];
}

export function recordPlan({ statedLevels, ...plan }: Plan): RecordedPlan {
  const stated = plan.profile.levels.flatMap((level, index) => (statedLevels.has(level) ? [index] : []));
  return { ...plan, statedLevels: stated };
}

export function recordedPlan({ statedLevels, ...plan }: RecordedPlan): Plan {
  const stated = plan.profile.levels.filter((_, index) => statedLevels.includes(index));
  return { ...plan, statedLevels: new Set(stated) };
}

export function recordOf(plan: Plan, measurement: Measurement, segments: readonly Segment[]): RunRecord {
  return { plan: recordPlan(plan), measurement, segments };
}
