const day = 86_400_000;

/** Milliseconds of a day of the calendar, YYYY-MM-DD; undefined for a text that is none. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : time;
}

/** Whole days from one day of the calendar to another; undefined where one is none, such as 2026-02-30. */
export function daysBetween(from: string, to: string): number | undefined {
  const [a, b] = [timeOf(from), timeOf(to)];
  return a === undefined || b === undefined ? undefined : Math.round((b - a) / day);
}
