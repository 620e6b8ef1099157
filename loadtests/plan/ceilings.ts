import { usage } from "../error.ts";
import type { Plan } from "./plan.ts";

/** What no run exceeds unless the caller says so with a flag: a profile cannot lift it. */
export interface Ceilings {
  /** Messages a second, all scenarios that run at once. */
  readonly rate: number;
  readonly messages: number;
  /** Of the whole run. */
  readonly durationMs: number;
}

export const defaultCeilings: Ceilings = { rate: 2000, messages: 200_000, durationMs: 15 * 60_000 };

/** The highest rate that is offered at any moment. */
function highestRate(scenarios: Plan["scenarios"]): number {
  const runningAt = (moment: number): number =>
    scenarios
      .filter(({ startMs, durationMs }) => startMs <= moment && moment < startMs + durationMs)
      .reduce((sum, { rate }) => sum + rate, 0);
  return Math.max(0, ...scenarios.map(({ startMs }) => runningAt(startMs)));
}

/** @throws LoadTestError for the first ceiling that a plan exceeds */
export function requireBelow(plan: Plan, ceilings: Ceilings): void {
  const rate = highestRate(plan.scenarios);
  const length = plan.warmupMs + plan.durationMs + plan.drainMs;
  const exceeded =
    rate > ceilings.rate
      ? `${Math.ceil(rate)} messages a second; the ceiling is ${ceilings.rate}: --ceiling-rate lifts it`
      : plan.messages > ceilings.messages
        ? `${plan.messages} messages; the ceiling is ${ceilings.messages}: --ceiling-messages lifts it`
        : length > ceilings.durationMs
          ? `${Math.ceil(length / 1000)} seconds; the ceiling is ${ceilings.durationMs / 1000}: --ceiling-time lifts it`
          : undefined;
  if (exceeded !== undefined) throw usage("ceiling", `the run would take ${exceeded}`);
}
