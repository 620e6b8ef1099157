import { scalar } from "../value.ts";
import { EvaluationFailure, EvaluationLimit, type FunctionDefinition, plain, text } from "./definition.ts";

/** A point in time with the offset in which it is written, in minutes. */
interface Timestamp {
  readonly milliseconds: number;
  readonly offset: number;
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

function parseTimestamp(content: string): Timestamp {
  const match = rfc3339.exec(content);
  const milliseconds = Date.parse(content);
  if (match === null || Number.isNaN(milliseconds))
    throw new EvaluationFailure(`"${content}" is no RFC 3339 timestamp`);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate())
    throw new EvaluationFailure(`"${content}" is no date`);
  if ((match[7] ?? "").length > 3)
    throw new EvaluationLimit("fractions below a millisecond are not calculated here");
  const minutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  return { milliseconds, offset: match[8] === "-" ? -minutes : minutes };
}

/** The fields of a timestamp in its own offset. */
function local({ milliseconds, offset }: Timestamp): Date {
  return new Date(milliseconds + offset * 60_000);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function zone({ offset }: Timestamp, separator: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

function named(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" }).format(date);
}

const letters: Readonly<Record<string, (date: Date, at: Timestamp) => string>> = {
  YYYY: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MMMM: (date) => named(date, { month: "long" }),
  MMM: (date) => named(date, { month: "short" }),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => String(date.getUTCMonth() + 1),
  DD: (date) => two(date.getUTCDate()),
  D: (date) => String(date.getUTCDate()),
  EEEE: (date) => named(date, { weekday: "long" }),
  EEE: (date) => named(date, { weekday: "short" }),
  hh: (date) => two(date.getUTCHours()),
  h: (date) => String(date.getUTCHours()),
  HH: (date) => two(date.getUTCHours() % 12 || 12),
  H: (date) => String(date.getUTCHours() % 12 || 12),
  AA: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  aa: (date) => (date.getUTCHours() < 12 ? "am" : "pm"),
  mm: (date) => two(date.getUTCMinutes()),
  m: (date) => String(date.getUTCMinutes()),
  ss: (date) => two(date.getUTCSeconds()),
  s: (date) => String(date.getUTCSeconds()),
  ZZZZZ: (_date, at) => zone(at, ":"),
  ZZZZ: (_date, at) => zone(at, ""),
  ZZZ: (_date, at) => (at.offset === 0 ? "UTC" : zone(at, "")),
  Z: (_date, at) => (at.offset === 0 ? "Z" : zone(at, ":")),
};

function format(pattern: string, at: Timestamp): string {
  const date = local(at);
  return pattern.replace(/'((?:[^']|'')*)'|'|([A-Za-z])\2*/g, (whole, quoted?: string, letter?: string) => {
    if (quoted !== undefined) return quoted.replaceAll("''", "'");
    const write = letter === undefined ? undefined : letters[whole];
    if (write === undefined) throw new EvaluationFailure(`"${whole}" is no part of a date format`);
    return write(date, at);
  });
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration of Go: `1h30m`, `-5.5s`. */
function parseGoDuration(content: string): number {
  const body = /^([+-]?)((?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+|0)$/.exec(content);
  if (body === null) throw new EvaluationFailure(`"${content}" is no duration`);
  let sum = 0;
  for (const [, amount, unit = ""] of (body[2] ?? "").matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)) {
    const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
    if (!Number.isInteger(milliseconds))
      throw new EvaluationLimit("fractions below a millisecond are not calculated here");
    sum += milliseconds;
  }
  return body[1] === "-" ? -sum : sum;
}

function timestampText(at: Timestamp): string {
  const iso = local(at).toISOString().slice(0, 19);
  return `${iso}${at.offset === 0 ? "Z" : zone(at, ":")}`;
}

export const timeFunctions: Readonly<Record<string, FunctionDefinition>> = {
  formatdate: plain(2, 2, ([pattern, timestamp], origin) =>
    scalar(format(text(pattern), parseTimestamp(text(timestamp))), origin),
  ),
  timeadd: plain(2, 2, ([timestamp, duration], origin) => {
    const at = parseTimestamp(text(timestamp));
    const milliseconds = at.milliseconds + parseGoDuration(text(duration));
    return scalar(timestampText({ ...at, milliseconds }), origin);
  }),
  timecmp: plain(2, 2, ([a, b], origin) =>
    scalar(Math.sign(parseTimestamp(text(a)).milliseconds - parseTimestamp(text(b)).milliseconds), origin),
  ),
};
