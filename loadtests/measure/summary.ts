import { readFile } from "node:fs/promises";
import { environment } from "../error.ts";

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

/**
 * @param complaint what k6 complained about
 * @throws LoadTestError when the file is missing or damaged: a run without figures is no run
 */
export async function readJson<T>(path: string, what: string, complaint: string): Promise<T> {
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
