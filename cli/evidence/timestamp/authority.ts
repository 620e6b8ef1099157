import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { inauthentic, usage } from "../error.ts";
import type { TimeStamp } from "./token.ts";

const timeStampingPurpose = "1.3.6.1.5.5.7.3.8";

/** Reads certificates (PEM) of authorities whose time stamps are believed, or of those who certify them. @throws EvidenceError */
export function readAuthorities(path: string): X509Certificate[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw usage(
      "authority-unreadable",
      `--trust-timestamp ${path} could not be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch {
    // Said below.
  }
  throw usage("authority-unreadable", `--trust-timestamp ${path} holds no certificate in PEM.`);
}

/**
 * Holds a time stamp that fits itself against authorities that are trusted: its signer is one of them or was certified by one, for
 * time stamping, with certificates that were valid at its time.
 * @throws EvidenceError
 */
export function checkAuthority(
  { authority, certificates, time }: TimeStamp,
  trusted: readonly X509Certificate[],
): void {
  const all = [...certificates, ...trusted];
  const isTrusted = (certificate: X509Certificate, depth = 0): boolean =>
    isValidAt(certificate, time) &&
    (trusted.some(({ raw }) => raw.equals(certificate.raw)) ||
      (depth < all.length &&
        all.some((issuer) => issuer.ca && hasIssued(issuer, certificate) && isTrusted(issuer, depth + 1))));
  const purposes = authority.keyUsage ?? [];
  if (purposes.length !== 1 || purposes[0] !== timeStampingPurpose) {
    throw inauthentic(
      "timestamp-purpose",
      `The time stamp is by ${nameOf(authority)}, who may not give any.`,
    );
  }
  if (!isTrusted(authority)) {
    throw inauthentic(
      "timestamp-authority",
      `The time stamp is by ${nameOf(authority)}, whom --trust-timestamp does not name, nor who certified it then.`,
    );
  }
  // What a token carries beside the chain is held too, so that no octet of it can change.
  const loose = certificates.find(
    (certificate) =>
      !all.some((issuer) => isSame(issuer, certificate, trusted) || hasIssued(issuer, certificate)),
  );
  if (loose !== undefined) {
    throw inauthentic(
      "timestamp-certificate",
      `The time stamp holds a certificate of ${nameOf(loose)} that cannot be verified. Give its issuer's with --trust-timestamp too.`,
    );
  }
}

function isSame(
  issuer: X509Certificate,
  certificate: X509Certificate,
  trusted: readonly X509Certificate[],
): boolean {
  return trusted.includes(issuer) && issuer.raw.equals(certificate.raw);
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, time: Date): boolean {
  return validFromDate <= time && time <= validToDate;
}

/** The subject on one line. */
export function nameOf({ subject }: X509Certificate): string {
  return subject.split("\n").join(", ");
}
