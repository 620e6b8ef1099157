import type { Manifest, Signer } from "../bundle/manifest.ts";
import { EvidenceError } from "../error.ts";
import type { TrustedSigner } from "../signing/trust.ts";
import { checkAuthenticity } from "./authenticity.ts";
import { type BundleParts, checkConsistency } from "./consistency.ts";
import { Contents } from "./contents.ts";
import { checkIntegrity } from "./integrity.ts";
import { openBundle } from "./open.ts";
import { reEvaluate } from "./re-evaluate.ts";

export interface VerifyRequest {
  readonly bundle: string;
  /** One list for each `--trust`. */
  readonly trust: readonly (readonly TrustedSigner[])[];
  readonly reEvaluate: boolean;
  /** The auditor's clock. */
  readonly now: Date;
}

/** What was found out about a bundle that is whole, unchanged and by the right signers. */
export interface Verified {
  readonly manifest: Manifest;
  readonly parts: BundleParts;
  readonly signers: readonly Signer[];
  /** Verdicts that were found again; undefined where nobody asked. */
  readonly reEvaluated?: number;
  readonly notes: readonly string[];
}

/** A bundle that is whole and agrees with itself, whoever signed it. */
export interface OpenedBundle {
  readonly manifest: Manifest;
  readonly parts: BundleParts;
}

/** Reads a bundle that is whole and agrees with itself. @throws EvidenceError */
export async function readBundle(path: string): Promise<OpenedBundle> {
  const reader = openBundle(path);
  await using contents = await Contents.open(false);
  const manifest = await checkIntegrity(reader, { sinkFor: contents.sinkFor });
  return { manifest, parts: (await checkConsistency(manifest, contents)).parts };
}

/**
 * Verifies a bundle, offline: every octet listed and signed, nothing more and nothing less, its parts agreeing with each other, by
 * signers whom the auditor trusts.
 * @throws EvidenceError with the first thing that is wrong, or that keeps the question open
 */
export async function verifyBundle(request: VerifyRequest): Promise<Verified> {
  const reader = openBundle(request.bundle);
  await using contents = await Contents.open(request.reEvaluate);
  let signers: readonly Signer[] = [];
  // What keeps the question open is said only when nothing speaks against the bundle.
  const open: EvidenceError[] = [];
  const manifest = await checkIntegrity(reader, {
    sinkFor: contents.sinkFor,
    onManifest: (signed) => {
      try {
        signers = checkAuthenticity(signed, request.trust, request.now);
      } catch (error) {
        if (!(error instanceof EvidenceError) || error.kind !== "undecided") throw error;
        open.push(error);
      }
    },
  });
  const { parts, notes } = await checkConsistency(manifest, contents);
  for (const question of open) throw question;
  const reEvaluated =
    contents.inputs === undefined ? undefined : await reEvaluate(manifest, parts, contents.inputs);
  const kept =
    request.now.toISOString().slice(0, 10) > manifest.retainUntil
      ? [`It had to be kept until ${manifest.retainUntil}, which is over.`]
      : [];
  return {
    manifest,
    parts,
    signers,
    notes: [...notes, ...kept],
    ...(reEvaluated === undefined ? {} : { reEvaluated }),
  };
}
