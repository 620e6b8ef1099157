import type { Result } from "#engine/result.ts";
import type { OpenedBundle } from "../verify/verify.ts";

/** A verdict of one bundle, in a few words. */
interface Change {
  readonly edition: string;
  readonly rule: string;
  readonly fact: string;
  readonly file: string;
  readonly line: number;
  readonly before: Result["verdict"] | null;
  readonly after: Result["verdict"] | null;
}

/** What changed from one audit to the next. */
export interface BundleDifference {
  readonly schemaVersion: "1";
  readonly before: { readonly createdAt: string; readonly asOf: string };
  readonly after: { readonly createdAt: string; readonly asOf: string };
  /** Failed before, and does not any more. */
  readonly fixed: readonly Change[];
  /** Fails, and did not before. */
  readonly new: readonly Change[];
  /** Lifted by a decision that was not there before. */
  readonly decided: readonly Change[];
  /** Fails again, since the decision that lifted it is no longer in force. */
  readonly expired: readonly Change[];
  /** Could be told before, and cannot any more; or the other way round. */
  readonly unclear: readonly Change[];
  readonly editions: readonly { readonly id: string; readonly change: "added" | "removed" | "changed" }[];
}

/** Holds two bundles against each other by the fingerprints of their results. */
export function diffBundles(before: OpenedBundle, after: OpenedBundle): BundleDifference {
  const earlier = new Map(before.parts.report.results.map((result) => [result.fingerprint, result]));
  const later = new Map(after.parts.report.results.map((result) => [result.fingerprint, result]));
  const changes = [...new Set([...earlier.keys(), ...later.keys()])]
    .map((fingerprint) => changeOf(earlier.get(fingerprint), later.get(fingerprint)))
    .filter((change) => change !== undefined)
    .filter((change) => change.before !== change.after)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const head = ({ manifest }: OpenedBundle) => ({ createdAt: manifest.createdAt, asOf: manifest.asOf });
  return {
    schemaVersion: "1",
    before: head(before),
    after: head(after),
    fixed: changes.filter(
      (change) => change.before === "fail" && change.after !== "excepted" && change.after !== "unknown",
    ),
    new: changes.filter((change) => change.after === "fail" && change.before !== "excepted"),
    decided: changes.filter((change) => change.after === "excepted"),
    expired: changes.filter((change) => change.before === "excepted" && change.after === "fail"),
    unclear: changes.filter(
      (change) =>
        change.after !== "fail" &&
        (change.after === "unknown" || (change.before === "unknown" && change.after !== "excepted")),
    ),
    editions: editionChanges(before, after),
  };
}

function key({ edition, file, line, rule, fact }: Change): string {
  return [edition, file, String(line).padStart(9), rule, fact].join("\n");
}

function changeOf(before: Result | undefined, after: Result | undefined): Change | undefined {
  const shown = after ?? before;
  if (shown === undefined) return undefined;
  return {
    edition: shown.edition,
    rule: shown.rule,
    fact: shown.fact.id,
    file: shown.location.file,
    line: shown.location.line,
    before: before?.verdict ?? null,
    after: after?.verdict ?? null,
  };
}

function editionChanges(before: OpenedBundle, after: OpenedBundle): BundleDifference["editions"] {
  const earlier = new Map(before.manifest.editions.map(({ id, sha256 }) => [id, sha256]));
  const later = new Map(after.manifest.editions.map(({ id, sha256 }) => [id, sha256]));
  return [...new Set([...earlier.keys(), ...later.keys()])].sort().flatMap((id) => {
    const [old, now] = [earlier.get(id), later.get(id)];
    if (old === now) return [];
    return [{ id, change: old === undefined ? "added" : now === undefined ? "removed" : "changed" } as const];
  });
}
