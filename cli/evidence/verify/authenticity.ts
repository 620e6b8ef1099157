import type { Manifest, Signer } from "../bundle/manifest.ts";
import { EvidenceError, inauthentic } from "../error.ts";
import type { TrustedSigner } from "../signing/trust.ts";

/**
 * Holds the signers of a bundle that is whole against those whom the auditor trusts.
 * @param trust one list for each `--trust`: each must have signed; of a file with several one is enough
 * @param now the auditor's clock
 * @returns the signers that are trusted
 * @throws EvidenceError
 */
export function checkAuthenticity(
  manifest: Manifest,
  trust: readonly (readonly TrustedSigner[])[],
  now: Date,
): readonly Signer[] {
  if (Date.parse(manifest.createdAt) > now.getTime()) {
    throw new EvidenceError(
      "undecided",
      "clock-before-signature",
      `The bundle says that it was made at ${manifest.createdAt}, which is in the future of this machine's clock (${now.toISOString()}). Check the clock.`,
    );
  }
  if (trust.length === 0) {
    throw new EvidenceError(
      "undecided",
      "signer-unknown",
      `The bundle is self-consistent, signer unknown: ${manifest.signers.map(signerWords).join(", ")}. Give --trust with a key or fingerprint that you got from the signer by another way.`,
    );
  }
  const createdOn = manifest.createdAt.slice(0, 10);
  const trusted = trust.map((list) => {
    const matches = manifest.signers.flatMap((signer) =>
      list
        .filter(({ fingerprint }) => fingerprint === signer.fingerprint)
        .map((entry) => ({ signer, entry })),
    );
    const valid = matches.find(({ entry }) => entry.revokedOn === undefined || createdOn < entry.revokedOn);
    if (valid !== undefined) return valid.signer;
    const [revoked] = matches;
    if (revoked !== undefined) {
      throw inauthentic(
        "key-revoked",
        `The key ${revoked.signer.fingerprint} was revoked on ${revoked.entry.revokedOn}, and the bundle is of ${createdOn}.`,
      );
    }
    const source = list[0]?.source ?? "";
    throw inauthentic(
      "signer-wrong",
      `Nobody of ${source} signed this bundle. It was signed by ${manifest.signers.map(signerWords).join(", ")}.`,
    );
  });
  return [...new Set(trusted)];
}

export function signerWords({ role, fingerprint }: Signer): string {
  return `${role} ${fingerprint}`;
}
