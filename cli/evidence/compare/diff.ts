import type { Result } from "#engine/result.ts";
import { canonical } from "../bundle/manifest.ts";
import type { OpenedBundle } from "../verify/verify.ts";

/** A verdict that is another one in the later bundle. */
interface Change {
  readonly edition: string;
  /** The edition is a proposal: what fails would not meet it. */
  readonly proposed: boolean;
  readonly rule: string;
  readonly fact: string;
  readonly file: string;
  readonly line: number;
  readonly before: Result["verdict"] | null;
  readonly after: Result["verdict"] | null;
  /** The decision that lifts it, or that lifted it before. */
  readonly decision: { readonly id: string; readonly approver: string; readonly until: string } | null;
}

interface Head {
  readonly createdAt: string;
  readonly asOf: string;
  readonly toolVersion: string;
  readonly summary: Readonly<Record<string, number>>;
}

/** Names that only one bundle has, or that stand for something else in each; sorted. */
interface ListDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What changed from one audit to the next. */
export interface BundleDifference {
  readonly schemaVersion: "1";
  readonly before: Head;
  readonly after: Head;
  /** Failed before, also where a decision lifted it, and does not any more. */
  readonly fixed: readonly Change[];
  /** Fails, and did not before. */
  readonly new: readonly Change[];
  /** Lifted by a decision that was not there before. */
  readonly decided: readonly Change[];
  /** Fails again, since the decision that lifted it is no longer in force. */
  readonly expired: readonly Change[];
  /** Could be told before, and cannot any more, or the other way round; or failed in a file that is not judged any more. */
  readonly unclear: readonly Change[];
  /** Files that were judged, by path. */
  readonly inputs: ListDifference;
  /** Rules, by id: a finding may be new because its rule is. */
  readonly rules: ListDifference;
  /** `fails`: what fails under one that only one bundle has. It is compared with nothing. */
  readonly editions: readonly {
    readonly id: string;
    readonly change: "added" | "removed" | "changed";
    readonly proposed: boolean;
    readonly fails: number | null;
  }[];
}

/** Holds two bundles against each other by the fingerprints of their results. */
export function diffBundles(before: OpenedBundle, after: OpenedBundle): BundleDifference {
  const editions = ({ manifest }: OpenedBundle) =>
    new Map(manifest.editions.map(({ id, sha256 }) => [id, sha256]));
  const [earlierEditions, laterEditions] = [editions(before), editions(after)];
  const comparable = ({ parts }: OpenedBundle) =>
    new Map(
      parts.report.results
        .filter(({ edition }) => earlierEditions.has(edition) && laterEditions.has(edition))
        .map((result) => [result.fingerprint, result]),
    );
  const [earlier, later] = [comparable(before), comparable(after)];
  const proposed = new Set(
    [...before.manifest.editions, ...after.manifest.editions]
      .filter(({ status }) => status === "proposed")
      .map(({ id }) => id),
  );
  const changes = [...new Set([...earlier.keys(), ...later.keys()])]
    .map((fingerprint) => changeOf(earlier.get(fingerprint), later.get(fingerprint), proposed))
    .filter((change) => change !== undefined)
    .filter((change) => change.before !== change.after)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const rules = ({ parts }: OpenedBundle) => new Map(parts.rules.map((rule) => [rule.id, canonical(rule)]));
  const inputs = ({ manifest }: OpenedBundle) =>
    new Map(manifest.inputs.map(({ path, sha256 }) => [path, sha256]));
  const changedEditions = listDifference(earlierEditions, laterEditions);
  const [earlierInputs, laterInputs] = [inputs(before), inputs(after)];
  const isDropped = (change: Change): boolean => change.after === null && !laterInputs.has(change.file);
  return {
    schemaVersion: "1",
    before: headOf(before),
    after: headOf(after),
    fixed: changes.filter(
      (change) =>
        (change.before === "fail" || change.before === "excepted") &&
        (change.after === null || change.after === "pass" || change.after === "not-applicable") &&
        !isDropped(change),
    ),
    new: changes.filter((change) => change.after === "fail" && change.before !== "excepted"),
    decided: changes.filter((change) => change.after === "excepted"),
    expired: changes.filter((change) => change.before === "excepted" && change.after === "fail"),
    unclear: changes.filter(
      (change) =>
        change.after !== "fail" &&
        (change.after === "unknown" ||
          (isDropped(change) && (change.before === "fail" || change.before === "excepted")) ||
          (change.before === "unknown" && change.after !== "excepted")),
    ),
    inputs: listDifference(earlierInputs, laterInputs),
    rules: listDifference(rules(before), rules(after)),
    editions: (["added", "removed", "changed"] as const)
      .flatMap((change) =>
        changedEditions[change].map((id) => ({
          id,
          change,
          proposed: proposed.has(id),
          fails: change === "changed" ? null : failuresUnder(id, change === "added" ? after : before),
        })),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function failuresUnder(id: string, { parts }: OpenedBundle): number {
  return parts.report.results.filter(({ edition, verdict }) => edition === id && verdict === "fail").length;
}

function headOf({ manifest }: OpenedBundle): Head {
  const { createdAt, asOf, tool, summary } = manifest;
  return { createdAt, asOf, toolVersion: tool.version, summary };
}

function key({ edition, file, line, rule, fact }: Change): string {
  return [edition, file, String(line).padStart(9), rule, fact].join("\n");
}

function changeOf(
  before: Result | undefined,
  after: Result | undefined,
  proposed: ReadonlySet<string>,
): Change | undefined {
  const shown = after ?? before;
  if (shown === undefined) return undefined;
  const decision = after?.decision ?? before?.decision;
  return {
    edition: shown.edition,
    proposed: proposed.has(shown.edition),
    rule: shown.rule,
    fact: shown.fact.id,
    file: shown.location.file,
    line: shown.location.line,
    before: before?.verdict ?? null,
    after: after?.verdict ?? null,
    decision:
      decision === undefined ? null : { id: decision.id, approver: decision.approver, until: decision.until },
  };
}

/** @param before what stands for each name; the same for after */
function listDifference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ListDifference {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
    changed: [...before.keys()]
      .filter((name) => after.has(name) && after.get(name) !== before.get(name))
      .sort(),
  };
}
