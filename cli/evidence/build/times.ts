import type { Result } from "#engine/result.ts";
import { usage } from "../error.ts";

/** Documentation is kept six years from its creation or the date when it last was in effect: 45 CFR 164.316(b)(2)(i). */
const retentionYears = 6;

/** The moment that a bundle says it was made: `SOURCE_DATE_EPOCH` where it is set, so that a build can be repeated. */
export function creationTime(environment: NodeJS.ProcessEnv = process.env): Date {
  const { SOURCE_DATE_EPOCH: epoch } = environment;
  if (epoch === undefined || epoch === "") return new Date(Math.floor(Date.now() / 1000) * 1000);
  const seconds = Number(epoch);
  if (!/^\d{1,11}$/.test(epoch) || !Number.isSafeInteger(seconds)) {
    throw usage(
      "bad-epoch",
      `SOURCE_DATE_EPOCH is ${JSON.stringify(epoch)}: it must be whole seconds since 1970.`,
    );
  }
  return new Date(seconds * 1000);
}

/** ISO 8601 with seconds. */
export function secondsText(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}

/**
 * The day until which a bundle has to be kept, YYYY-MM-DD: six years from its creation, or from the last day on which a decision in it
 * is in effect, whichever is later. The last of February where six years on there is no 29th.
 */
export function retainUntil(created: Date, results: readonly Pick<Result, "decision">[]): string {
  const days = results.flatMap(({ decision }) => (decision === undefined ? [] : [decision.until]));
  const [last] = [created.toISOString().slice(0, 10), ...days].sort().reverse();
  const from = new Date(`${last}T00:00:00Z`);
  const until = new Date(from);
  until.setUTCFullYear(until.getUTCFullYear() + retentionYears);
  if (until.getUTCMonth() !== from.getUTCMonth()) until.setUTCDate(0);
  return until.toISOString().slice(0, 10);
}
