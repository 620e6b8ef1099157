import type { X509Certificate } from "node:crypto";
import type { Manifest, Signer } from "../bundle/manifest.ts";
import { EvidenceError, inauthentic } from "../error.ts";
import type { TrustedSigner } from "../signing/trust.ts";
import { checkAuthority, nameOf } from "../timestamp/authority.ts";
import type { TimeStamp } from "../timestamp/token.ts";
import type { Sealed } from "./integrity.ts";

/** What the auditor trusts. */
export interface Trust {
  /** One list for each `--trust`: each must have signed; of a file with several one is enough. */
  readonly signers: readonly (readonly TrustedSigner[])[];
  /** Whose time stamps are believed; empty where the auditor named nobody. */
  readonly authorities: readonly X509Certificate[];
  /** The auditor's clock. */
  readonly now: Date;
}

/** What is known of a bundle that is whole, by the auditor's trust. */
export interface Authenticity {
  readonly signers: readonly Signer[];
  /** When it existed, as an authority says that the auditor trusts. */
  readonly timeStamp?: TimeStamp;
}

/** How far the clocks of a signer and of an authority may be apart. */
const clockToleranceMs = 5 * 60 * 1000;

/**
 * Holds signers and time stamp of a bundle that is whole against those whom the auditor trusts.
 * @throws EvidenceError
 */
export function checkAuthenticity(
  { manifest, timeStamp }: Pick<Sealed, "manifest" | "timeStamp">,
  trust: Trust,
): Authenticity {
  const questions: EvidenceError[] = [];
  const ask = (code: string, message: string): void => {
    questions.push(new EvidenceError("undecided", code, message));
  };
  const stamped = checkTimeStamp(manifest, timeStamp, trust, ask);
  if (Date.parse(manifest.createdAt) > trust.now.getTime()) {
    ask(
      "clock-before-signature",
      `The bundle says that it was made at ${manifest.createdAt}, which is in the future of this machine's clock (${trust.now.toISOString()}). Check the clock.`,
    );
  }
  if (trust.signers.length === 0) {
    ask(
      "signer-unknown",
      `The bundle is self-consistent, signer unknown: ${manifest.signers.map(signerWords).join(", ")}. Give --trust with a key or fingerprint that you got from the signer by another way.`,
    );
  }
  const signers = trust.signers.map((list) => trustedSigner(manifest, list, trust.now, stamped, ask));
  for (const question of questions) throw question;
  return { signers: [...new Set(signers)], ...(stamped === undefined ? {} : { timeStamp: stamped }) };
}

/** @returns the time stamp where an authority that is trusted gave it */
function checkTimeStamp(
  manifest: Manifest,
  timeStamp: TimeStamp | undefined,
  { authorities, now }: Trust,
  ask: (code: string, message: string) => void,
): TimeStamp | undefined {
  if (timeStamp === undefined) {
    if (authorities.length === 0) return undefined;
    throw inauthentic(
      "timestamp-missing",
      "The bundle has no time stamp, and --trust-timestamp asks for one.",
    );
  }
  if (authorities.length === 0) {
    ask(
      "timestamp-unchecked",
      `The bundle has a time stamp by ${nameOf(timeStamp.authority)}, and nobody said whether to believe it. Give --trust-timestamp with the certificate of the authority.`,
    );
    return undefined;
  }
  checkAuthority(timeStamp, authorities);
  const time = timeStamp.time.getTime();
  if (time < Date.parse(manifest.createdAt) - clockToleranceMs) {
    throw inauthentic(
      "timestamp-early",
      `The bundle says that it was made at ${manifest.createdAt}, and was stamped before that, at ${timeStamp.time.toISOString()}.`,
    );
  }
  if (time > now.getTime() + clockToleranceMs) {
    ask(
      "clock-before-signature",
      `The bundle was stamped at ${timeStamp.time.toISOString()}, which is in the future of this machine's clock (${now.toISOString()}). Check the clock.`,
    );
  }
  return timeStamp;
}

/** @returns the first of a list who signed; a key that was lost counts for what was signed before */
function trustedSigner(
  manifest: Manifest,
  list: readonly TrustedSigner[],
  now: Date,
  stamped: TimeStamp | undefined,
  ask: (code: string, message: string) => void,
): Signer {
  const today = now.toISOString().slice(0, 10);
  const matches = manifest.signers.flatMap((signer) =>
    list.filter(({ fingerprint }) => fingerprint === signer.fingerprint).map((entry) => ({ signer, entry })),
  );
  const [first] = matches;
  if (first === undefined) {
    throw inauthentic(
      "signer-wrong",
      `Nobody of ${list[0]?.source ?? ""} signed this bundle. It was signed by ${manifest.signers.map(signerWords).join(", ")}.`,
    );
  }
  const valid = matches.find(({ entry }) => entry.revokedOn === undefined || today < entry.revokedOn);
  if (valid !== undefined) return valid.signer;
  const signedOn = stamped?.time.toISOString().slice(0, 10) ?? manifest.createdAt.slice(0, 10);
  const before = matches.find(({ entry }) => entry.revokedOn !== undefined && signedOn < entry.revokedOn);
  if (before === undefined) {
    throw inauthentic(
      "key-revoked",
      `The key ${first.signer.fingerprint} was revoked on ${first.entry.revokedOn}, and the bundle is of ${signedOn}.`,
    );
  }
  if (stamped === undefined) {
    ask(
      "key-revoked-later",
      `The key ${before.signer.fingerprint} was revoked on ${before.entry.revokedOn}. The bundle is of ${signedOn} by the signer's own clock, which whoever has the key can set: only a time stamp that you trust can tell.`,
    );
  }
  return before.signer;
}

export function signerWords({ role, fingerprint }: Signer): string {
  return `${role} ${fingerprint}`;
}
