import { readFileSync } from "node:fs";
import { usage } from "../error.ts";
import { parsePublicKeys } from "./keys.ts";

/** A signer whom the auditor trusts. */
export interface TrustedSigner {
  readonly fingerprint: string;
  /** As the auditor wrote it: a file or a fingerprint. */
  readonly source: string;
  /** ISO 8601 day from which on its signatures count for nothing. */
  readonly revokedOn?: string;
}

const fingerprintLine = /^([0-9a-f]{64})(?:\s+revoked\s+(\d{4}-\d{2}-\d{2}))?(?:\s+#.*)?$/;

/**
 * Reads what follows `--trust`: a fingerprint, a public key in PEM, or a file with one fingerprint a line, each with
 * `revoked YYYY-MM-DD` behind it where the key was lost on that day. `#` begins a comment.
 * @throws EvidenceError
 */
export function readTrust(value: string): TrustedSigner[] {
  const bare = value.replace(/^sha256:/i, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(bare)) return [{ fingerprint: bare, source: value }];
  let text: string;
  try {
    text = readFileSync(value, "utf8");
  } catch {
    throw usage(
      "trust-unreadable",
      `--trust ${value} is neither a fingerprint (64 hexadecimal digits) nor a file that can be read.`,
    );
  }
  const lines = text.split(/\r?\n/);
  if (text.includes("-----BEGIN")) {
    const keys = parsePublicKeys(text, value).map(({ fingerprint }) => ({ fingerprint, source: value }));
    const beside = lineBesideKeys(lines);
    if (beside === undefined) return keys;
    throw usage(
      "trust-line",
      `${value}:${beside + 1}: this is no part of a key. Give fingerprints, revoked ones too, in a file of their own.`,
    );
  }
  const signers = lines.flatMap((line, index): TrustedSigner[] => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const match = fingerprintLine.exec(trimmed.replace(/^sha256:/i, "").toLowerCase());
    if (match === null) {
      throw usage(
        "trust-line",
        `${value}:${index + 1}: a fingerprint is due here, with "revoked YYYY-MM-DD" behind it or nothing.`,
      );
    }
    const [, fingerprint = "", revokedOn] = match;
    return [{ fingerprint, source: value, ...(revokedOn === undefined ? {} : { revokedOn }) }];
  });
  if (signers.length === 0) throw usage("trust-empty", `${value} names nobody to trust.`);
  // Whoever appends that a key was lost may leave the line that trusts it: the earliest day counts.
  const byFingerprint = new Map<string, TrustedSigner>();
  for (const signer of signers) {
    const earlier = byFingerprint.get(signer.fingerprint)?.revokedOn ?? lastDay;
    if ((signer.revokedOn ?? lastDay) <= earlier) byFingerprint.set(signer.fingerprint, signer);
  }
  return [...byFingerprint.values()];
}

const lastDay = "9999-12-31";

/** The first line that stands outside of keys in PEM and says something. */
function lineBesideKeys(lines: readonly string[]): number | undefined {
  let isKey = false;
  const found = lines.findIndex((line) => {
    if (line.startsWith("-----BEGIN")) isKey = true;
    const isBeside = !isKey && line.trim() !== "" && !line.startsWith("#");
    if (line.startsWith("-----END")) isKey = false;
    return isBeside;
  });
  return found === -1 ? undefined : found;
}
