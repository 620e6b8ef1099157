import { readFileSync } from "node:fs";
import type { Verdict } from "../posture-server/posture.ts";

/** What one sender did in one posture. */
export interface MeasuredVerdict {
  readonly verdict: Verdict;
  /** In words, as the probe said it, without what changes from run to run. */
  readonly reason: string;
}

/** One run of the whole suite against one sender. */
export interface Measurement {
  readonly id: string;
  /** Product and TLS library. */
  readonly software: string;
  /** Day of the run: `2026-11-25`. */
  readonly date: string;
  /** What was changed about the sender for the run, one line each. */
  readonly overlay: readonly string[];
  /**
   * What was wrong at the good server, for a sender that uses no TLS there either; undefined where every control
   * passed. What such a sender leaks counts, what it holds proves nothing.
   */
  readonly atGoodServer?: string;
  /** By posture; those that put a receiving server to the test are left out. */
  readonly verdicts: Readonly<Record<string, MeasuredVerdict>>;
}

export const resultsFile = new URL("./results.json", import.meta.url);

/** What was measured, in the order of the senders. `npm run postures` writes it. */
export function readResults(): readonly Measurement[] {
  return JSON.parse(readFileSync(resultsFile, "utf8")) as Measurement[];
}

/** The file as text: one line for each posture, so that a change of one verdict is a change of one line. */
export function writeResults(results: readonly Measurement[]): string {
  const text = JSON.stringify(results, undefined, 2);
  return `${text.replace(/\{\n\s+("verdict": "[^"\n]*",)\n\s+("reason": .*)\n\s+\}/g, "{ $1 $2 }")}\n`;
}
