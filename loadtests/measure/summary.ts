import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { environment } from "../error.ts";
import type { Plan } from "../plan/plan.ts";

/** What k6 gives to `handleSummary`, as far as it is read here. */
export interface Summary {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
  /** What `setup` of `scripts/smtp.js` gave. */
  readonly setup_data?: { readonly beganAt: number; readonly segment: string | null };
}

/**
 * What a counter has counted.
 * @throws LoadTestError when k6 says nothing of it: then nobody knows that it was 0
 */
export function countOf({ metrics }: Summary, name: string): number {
  const count = metrics[name]?.values.count;
  if (count === undefined) throw environment("result-unreadable", `k6's summary does not tell ${name}`);
  return count;
}

/** The summary of a run that was interrupted before it had begun: these counters have counted nothing. */
export function emptySummary({ scenarios }: Plan, counters: readonly string[]): Summary {
  const names = scenarios.flatMap(({ id }) => counters.map((name) => `${name}{scenario:${id}}`));
  return { metrics: Object.fromEntries(names.map((name) => [name, { values: { count: 0 } }])) };
}

/**
 * Reads what k6 left; undefined where it left nothing because it was interrupted before it had begun.
 * @throws LoadTestError
 */
export async function readLeft<T>(
  path: string,
  what: string,
  { interrupted, complaint }: { readonly interrupted: boolean; readonly complaint: string },
): Promise<T | undefined> {
  if (interrupted && !existsSync(path)) return undefined;
  return await readJson<T>(path, what, complaint);
}

/**
 * @param complaint what k6 complained about
 * @throws LoadTestError when the file is missing or damaged: a run without figures is no run
 */
async function readJson<T>(path: string, what: string, complaint: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is missing" : "cannot be read";
    const because = complaint === "" ? "" : ` (k6 complained: ${complaint})`;
    throw environment(
      "result-unreadable",
      `${what} ${why}: k6 left no result, so nothing was measured${because}`,
    );
  }
}
