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
  if (text.includes("-----BEGIN")) {
    return parsePublicKeys(text, value).map(({ fingerprint }) => ({ fingerprint, source: value }));
  }
  const lines = text.split(/\r?\n/);
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
  return signers;
}
