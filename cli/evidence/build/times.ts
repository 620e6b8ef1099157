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

/** The day until which a bundle has to be kept; the last of February where six years on there is no 29th. */
export function retainUntil(created: Date): string {
  const until = new Date(created);
  until.setUTCFullYear(until.getUTCFullYear() + retentionYears);
  if (until.getUTCMonth() !== created.getUTCMonth()) until.setUTCDate(0);
  return until.toISOString().slice(0, 10);
}
