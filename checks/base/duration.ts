const letters: ReadonlyMap<string, number> = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

const words: ReadonlyMap<string, number> = new Map([
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
  ["week", 604_800],
  ["month", 2_629_746],
  ["year", 31_556_952],
]);

/**
 * Seconds of a duration such as `90 days`, `6 years`, `300s`, `5d`, `200ms`. A year is 365.2425 days, a month a twelfth of it.
 * Undefined when the text is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  if (match === null) return undefined;
  const word = (match[2] ?? "").toLowerCase();
  const unit = letters.get(word) ?? words.get(word.replace(/s$/, ""));
  return unit === undefined ? undefined : Number(match[1]) * unit;
}
