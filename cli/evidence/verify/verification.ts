import type { Signer } from "../bundle/manifest.ts";
import type { EvidenceError } from "../error.ts";
import { nameOf } from "../timestamp/authority.ts";
import type { TimeStamp } from "../timestamp/token.ts";
import type { Gap, Series, SeriesEntry } from "./series.ts";
import type { Verified } from "./verify.ts";

/** How a bundle came off, from what has to be looked at first. */
export const verificationOutcomes = ["rejected", "unreadable", "undecided", "authentic"] as const;
type Outcome = (typeof verificationOutcomes)[number];

type SignedBy = Omit<Signer, "publicKey">;

/** One bundle: what it says of itself, where it is authentic and whole, or why nothing of it counts. */
interface VerifiedBundle {
  /** The path as it was given. */
  readonly bundle: string;
  readonly outcome: Outcome;
  /** Null where it is authentic. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  /** Null where it is not authentic: what it says of itself then counts for nothing. */
  readonly says: {
    readonly createdAt: string;
    readonly asOf: string;
    readonly retainUntil: string;
    readonly toolVersion: string;
    readonly editions: readonly { readonly id: string; readonly status: string; readonly sha256: string }[];
    readonly summary: Readonly<Record<string, number>>;
    readonly signers: readonly SignedBy[];
  } | null;
  /** Those of its signers whom the auditor trusts. */
  readonly trusted: readonly SignedBy[];
  /** By an authority that the auditor trusts. */
  readonly timeStamp: { readonly time: string; readonly authority: string } | null;
  /** Verdicts that were found again; null where nobody asked. */
  readonly reEvaluated: number | null;
  readonly notes: readonly string[];
}

/** What `evidence verify --format json` prints. */
export interface Verification {
  readonly schemaVersion: "1";
  /** The worst of the bundles; `rejected` also where the series has a gap. */
  readonly outcome: Outcome;
  readonly bundles: readonly VerifiedBundle[];
  /** Null where one bundle was asked about and no series. */
  readonly series: { readonly longestDays: number; readonly gaps: readonly Gap[] } | null;
}

const outcomes: Readonly<Record<EvidenceError["kind"], Outcome>> = {
  inauthentic: "rejected",
  usage: "unreadable",
  undecided: "undecided",
};

/** @param longestDays what the policy admits between two bundles; undefined where they are no series */
export function verificationOf({ entries, gaps }: Series, longestDays: number | undefined): Verification {
  const bundles = entries.map(bundleOf);
  const found = new Set<Outcome>(bundles.map(({ outcome }) => outcome));
  if (longestDays !== undefined && gaps.length > 0) found.add("rejected");
  return {
    schemaVersion: "1",
    outcome: verificationOutcomes.find((outcome) => found.has(outcome)) ?? "undecided",
    bundles,
    series: longestDays === undefined ? null : { longestDays, gaps },
  };
}

function bundleOf(entry: SeriesEntry): VerifiedBundle {
  if ("verified" in entry)
    return { bundle: entry.bundle, outcome: "authentic", reason: null, ...saying(entry.verified) };
  const { kind, code, message } = entry.error;
  const nothing = { says: null, trusted: [], timeStamp: null, reEvaluated: null, notes: [] };
  return { bundle: entry.bundle, outcome: outcomes[kind], reason: { code, message }, ...nothing };
}

function saying({ manifest, authenticity, reEvaluated, notes }: Verified) {
  const { createdAt, asOf, retainUntil, tool, editions, summary, signers } = manifest;
  return {
    says: {
      createdAt,
      asOf,
      retainUntil,
      toolVersion: tool.version,
      editions,
      summary,
      signers: signers.map(signedBy),
    },
    trusted: authenticity.signers.map(signedBy),
    timeStamp: stampOf(authenticity.timeStamp),
    reEvaluated: reEvaluated ?? null,
    notes,
  };
}

function signedBy({ role, fingerprint }: Signer): SignedBy {
  return { role, fingerprint };
}

export function stampOf(timeStamp: TimeStamp | undefined): { time: string; authority: string } | null {
  if (timeStamp === undefined) return null;
  return { time: timeStamp.time.toISOString(), authority: nameOf(timeStamp.authority) };
}
