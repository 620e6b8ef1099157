import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestName } from "../bundle/manifest.ts";
import { EvidenceError, usage } from "../error.ts";
import { type Verified, type VerifyRequest, verifyBundle } from "./verify.ts";

const dayMs = 86_400_000;

/** One bundle of a series: what was found out, or why it does not count. */
export type SeriesEntry = { readonly bundle: string } & (
  | { readonly verified: Verified }
  | { readonly error: EvidenceError }
);

/** More time between two bundles that follow each other, or since the last one, than the policy admits. */
export interface Gap {
  /** When evidence ends, ISO 8601. */
  readonly from: string;
  /** When it begins again; null where it has not. */
  readonly to: string | null;
  readonly days: number;
}

/** Bundles that were made one after the other. */
export interface Series {
  /** Those that count by their time, before them those that do not. */
  readonly entries: readonly SeriesEntry[];
  readonly gaps: readonly Gap[];
}

/**
 * The bundles that paths name: each a bundle, or a folder of bundles (archives whose name ends in `.tar`, and folder forms).
 * @throws EvidenceError where a folder holds none
 */
export function bundlesAt(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true || isBundle(path)) return [path];
    const found = readdirSync(path, { withFileTypes: true })
      .filter((entry) =>
        entry.isDirectory() ? isBundle(join(path, entry.name)) : entry.name.endsWith(".tar"),
      )
      .map(({ name }) => join(path, name))
      .sort();
    if (found.length === 0)
      throw usage("bundle-missing", `${path} holds no bundle: no .tar and no folder form.`);
    return found;
  });
}

function isBundle(folder: string): boolean {
  return lstatSync(join(folder, manifestName), { throwIfNoEntry: false }) !== undefined;
}

/**
 * Verifies bundles one after the other, and looks for times that none of those that count is about.
 * @param longestDays what the policy admits between two
 */
export async function verifySeries(
  bundles: readonly string[],
  request: Omit<VerifyRequest, "bundle">,
  longestDays: number,
): Promise<Series> {
  const entries: SeriesEntry[] = [];
  for (const bundle of bundles) {
    try {
      entries.push({ bundle, verified: await verifyBundle({ ...request, bundle }) });
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      entries.push({ bundle, error });
    }
  }
  const time = (entry: SeriesEntry): string => ("verified" in entry ? timeOf(entry.verified) : "");
  entries.sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
  const times = entries.map(time).filter((text) => text !== "");
  return { entries, gaps: gapsOf(times, request.trust.now, longestDays) };
}

/** A trusted time stamp, or else what the signer's clock said. */
function timeOf({ manifest, authenticity }: Verified): string {
  return authenticity.timeStamp?.time.toISOString() ?? manifest.createdAt;
}

function gapsOf(times: readonly string[], now: Date, longestDays: number): Gap[] {
  return times.flatMap((from, index): Gap[] => {
    const to = times[index + 1] ?? null;
    const until = to === null ? now.getTime() : Date.parse(to);
    const days = (until - Date.parse(from)) / dayMs;
    return days > longestDays ? [{ from, to, days: Math.floor(days) }] : [];
  });
}
