import { parseDuration } from "#base/duration.ts";

/** Milliseconds of `500ms`, `2s`, `1.5m`; undefined when the text is no duration. */
export function parseTime(text: string): number | undefined {
  const milliseconds = /^(\d+(?:\.\d+)?) ?ms$/.exec(text.trim());
  if (milliseconds !== null) return Number(milliseconds[1]);
  const seconds = parseDuration(text);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Milliseconds of a duration that a schema has accepted. */
export function timeOf(text: string): number {
  const value = parseTime(text);
  if (value === undefined) throw new TypeError(`not a duration: ${text}`);
  return value;
}
