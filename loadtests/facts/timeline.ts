import type { Json } from "#base/value.ts";
import type { LoadReport, Second } from "../result/report.ts";

const mostPoints = 120;

/** Figures of several seconds as one: a rate is their mean, anything else the worst of them. */
const merging: Readonly<Record<Exclude<keyof Second, "second" | "failed">, "mean" | "worst">> = {
  offered: "mean",
  accepted: "mean",
  delivered: "mean",
  backlog: "worst",
  submitP50: "worst",
  submitP99: "worst",
  endToEndP50: "worst",
  endToEndP99: "worst",
};

/** The seconds of a run by figure, at most 120 points, so that a fact stays small however long the run was. */
export function timelineOf({ timeline, warmupSeconds }: LoadReport): Json {
  const step = Math.max(1, Math.ceil(timeline.length / mostPoints));
  const groups = Array.from({ length: Math.ceil(timeline.length / step) }, (_, index) =>
    timeline.slice(index * step, (index + 1) * step),
  );
  const figures = Object.entries(merging).map(([name, how]): [string, Json] => [
    name,
    groups.map((group) =>
      merge(
        group.map((second) => second[name as keyof typeof merging]),
        how,
      ),
    ),
  ]);
  return {
    warmupSeconds,
    second: groups.map((group) => group[0]?.second ?? 0),
    ...Object.fromEntries(figures),
  };
}

function merge(values: readonly (number | null)[], how: "mean" | "worst"): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  if (how === "worst") return Math.max(...known);
  return Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * 10) / 10;
}
