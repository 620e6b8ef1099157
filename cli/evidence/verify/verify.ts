import type { Manifest } from "../bundle/manifest.ts";
import { EvidenceError } from "../error.ts";
import type { TimeStamp } from "../timestamp/token.ts";
import { type Authenticity, checkAuthenticity, type Trust } from "./authenticity.ts";
import { type BundleParts, checkConsistency } from "./consistency.ts";
import { Contents } from "./contents.ts";
import { checkIntegrity } from "./integrity.ts";
import { openBundle } from "./open.ts";
import { reEvaluate } from "./re-evaluate.ts";

export interface VerifyRequest {
  readonly bundle: string;
  readonly trust: Trust;
  readonly reEvaluate: boolean;
}

/** What was found out about a bundle that is whole, unchanged and by the right signers. */
export interface Verified {
  readonly manifest: Manifest;
  readonly parts: BundleParts;
  readonly authenticity: Authenticity;
  /** Verdicts that were found again; undefined where nobody asked. */
  readonly reEvaluated?: number;
  readonly notes: readonly string[];
}

/** A bundle that is whole and agrees with itself, whoever signed it. */
export interface OpenedBundle {
  readonly manifest: Manifest;
  readonly parts: BundleParts;
  /** About the signatures, by an authority that nobody was asked to believe. */
  readonly timeStamp: TimeStamp | undefined;
}

/** Reads a bundle that is whole and agrees with itself. @throws EvidenceError */
export async function readBundle(path: string): Promise<OpenedBundle> {
  const reader = openBundle(path);
  using contents = Contents.open(false);
  const { manifest, timeStamp } = await checkIntegrity(reader, { sinkFor: contents.sinkFor });
  return { manifest, timeStamp, parts: (await checkConsistency(manifest, contents, reader)).parts };
}

/**
 * Verifies a bundle, offline: every octet listed and signed, nothing more and nothing less, its parts agreeing with each other, by
 * signers whom the auditor trusts.
 * @throws EvidenceError with the first thing that is wrong, or that keeps the question open
 */
export async function verifyBundle(request: VerifyRequest): Promise<Verified> {
  const reader = openBundle(request.bundle);
  using contents = Contents.open(request.reEvaluate);
  let authenticity: Authenticity = { signers: [] };
  // What keeps the question open is said only when nothing speaks against the bundle.
  const open: EvidenceError[] = [];
  const { manifest } = await checkIntegrity(reader, {
    sinkFor: contents.sinkFor,
    onSealed: (sealed) => {
      try {
        authenticity = checkAuthenticity(sealed, request.trust);
      } catch (error) {
        if (!(error instanceof EvidenceError) || error.kind !== "undecided") throw error;
        open.push(error);
      }
    },
  });
  const { parts, notes } = await checkConsistency(manifest, contents, reader);
  for (const question of open) throw question;
  const reEvaluated =
    contents.inputs === undefined ? undefined : await reEvaluate(manifest, parts, contents.inputs);
  const kept =
    request.trust.now.toISOString().slice(0, 10) > manifest.retainUntil
      ? [`It had to be kept until ${manifest.retainUntil}, which is over.`]
      : [];
  return {
    manifest,
    parts,
    authenticity,
    notes: [...notes, ...kept],
    ...(reEvaluated === undefined ? {} : { reEvaluated }),
  };
}
