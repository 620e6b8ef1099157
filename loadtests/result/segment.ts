import type { Gate } from "../verdict/gates.ts";

/** The share of a load that one process had, as k6 names it: from 0:1/4 to 3/4:1. */
export interface Segment {
  /** `1/4:1/2`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const fraction = /^(\d+)(?:\/(\d+))?$/;
/** Shares are fractions of small numbers; sums of them are off by far less than this. */
const tiny = 1e-9;

function numberOf(text: string): number | undefined {
  const match = fraction.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) / Number(match[2] ?? 1);
  return value >= 0 && value <= 1 ? value : undefined;
}

/** @returns undefined where the text names no segment */
export function parseSegment(name: string): Segment | undefined {
  const [from, to, ...more] = name.split(":").map(numberOf);
  if (from === undefined || to === undefined || more.length > 0 || to <= from) return undefined;
  return { name, from, to };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** Whether the segments make up the whole load, each part of it once. */
export function segmentGate(segments: readonly Segment[]): Gate {
  const sorted = segments.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const wrong: string[] = [];
  let reached = 0;
  for (const { name, from, to } of sorted) {
    if (from > reached + tiny) wrong.push(`${percent(reached)} to ${percent(from)} of the load are missing`);
    else if (from < reached - tiny) wrong.push(`${name} overlaps with the segment before it`);
    reached = Math.max(reached, to);
  }
  if (reached < 1 - tiny) wrong.push(`${percent(reached)} to 100 % of the load are missing`);
  const ok = wrong.length === 0;
  return {
    id: "segments",
    ok,
    measured: ok ? `${segments.length} segments make up the whole load` : wrong.join("; "),
    limit: "each part of the load once",
    advice: ok ? "" : "Give what every process of the run left, and of this run only.",
  };
}

/** Whether the parts ran at one time: only then was the target under the whole load. */
export function concurrencyGate(beganAt: readonly number[], durationMs: number): Gate {
  const apart = (Math.max(...beganAt) - Math.min(...beganAt)) / 1000;
  const allowed = Math.max(2, durationMs / 10_000);
  const ok = apart <= allowed;
  return {
    id: "concurrent",
    ok,
    measured: `begun within ${apart.toFixed(1)} s`,
    limit: `at most ${allowed.toFixed(1)} s`,
    advice: ok ? "" : "Start all processes at one time: the target never had the whole load at once.",
  };
}
