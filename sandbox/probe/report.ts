import type { DriverName } from "../connection.ts";
import { type PostureGroup, postureGroups, type Verdict, verdicts } from "../posture-server/posture.ts";
import type { Leak } from "./leak.ts";
import type { SenderKind } from "./sender.ts";

/** Groups of a report: those of the postures, and what fails under a mail server. */
export const reportGroups = [...postureGroups, "fault"] as const;
export type ReportGroup = PostureGroup | "fault";

/** What one control of a group showed. */
export interface ControlResult {
  readonly passed: boolean;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface GroupResult {
  readonly id: ReportGroup;
  /** Both controls passed: the verdicts of the group mean what they say. */
  readonly valid: boolean;
  readonly controls: { readonly positive: ControlResult; readonly negative: ControlResult };
}

export interface PostureResult {
  readonly id: string;
  readonly group: ReportGroup;
  readonly title: string;
  readonly verdict: Verdict;
  /** In words, for every verdict. */
  readonly reason: string;
  readonly requirements: readonly string[];
  readonly leaked: readonly Leak[];
  /** What was agreed on; null where no handshake was completed. */
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** What went over the wire, redacted, canaries marked. Empty where nothing did. */
  readonly transcript: string;
  /** What became of the messages that were handed in; where something was made to fail. */
  readonly messages?: MessageCounts;
}

/** Numbers of messages. */
export interface MessageCounts {
  readonly accepted: number;
  /** Not taken over: whoever handed them in was told. */
  readonly refused: number;
  readonly arrived: number;
  /** Not delivered, and the author was told by a bounce. */
  readonly reported: number;
  readonly lost: number;
  /** One recipient got them more than once. */
  readonly doubled: number;
}

export interface ProbeSummary extends Readonly<Record<Verdict, number>> {
  readonly invalidGroups: number;
  /** The run was interrupted: what is missing is `not-run`. */
  readonly partial: boolean;
}

/** The result of `sandbox probe --format json`, version 1. */
export interface ProbeReport {
  readonly schemaVersion: "1";
  readonly sender: {
    readonly kind: SenderKind;
    readonly name: string;
    /** What it is and with which library it does TLS, where that can be seen. */
    readonly software?: string;
    /** What was changed about it so that it could be put to the test, one line each. */
    readonly overlay?: readonly string[];
  };
  readonly driver: DriverName;
  readonly groups: readonly GroupResult[];
  readonly postures: readonly PostureResult[];
  readonly summary: ProbeSummary;
}

export function summarize(
  groups: readonly GroupResult[],
  postures: readonly PostureResult[],
  partial: boolean,
): ProbeSummary {
  const count = (verdict: Verdict): number =>
    postures.filter((posture) => posture.verdict === verdict).length;
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) as Record<
    Verdict,
    number
  >;
  return { ...counts, invalidGroups: groups.filter(({ valid }) => !valid).length, partial };
}

const bad: ReadonlySet<Verdict> = new Set(["leaked", "weak", "lost"]);

/**
 * 1 when something leaked, was weak or got lost, in a posture or in a positive control, in a valid group or not;
 * else 3 when a group is invalid, a posture inconclusive, the run partial, or nothing was judged at all; else 0.
 */
export function probeExitCode({ groups, postures, summary }: ProbeReport): 0 | 1 | 3 {
  const seen = [
    ...postures.map(({ verdict }) => verdict),
    ...groups.map(({ controls }) => controls.positive.verdict),
  ];
  if (seen.some((verdict) => bad.has(verdict))) return 1;
  const judged = postures.filter(({ verdict }) => verdict !== "not-run").length;
  if (summary.partial || summary.invalidGroups > 0 || summary.inconclusive > 0 || judged === 0) return 3;
  return 0;
}
