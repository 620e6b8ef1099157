import canonicalize from "canonicalize";
import type { Json } from "#base/value.ts";
import type { ListedFile } from "./archive-writer.ts";

export const manifestName = "manifest.json";
export const envelopeName = "manifest.dsse.json";
/** A time stamp (RFC 3161) over the file with the signatures; not every bundle has one. */
export const tokenName = "manifest.dsse.json.tst";

/** The files that a manifest does not list, in the order in which they end a bundle. */
export const closingNames: readonly string[] = [manifestName, envelopeName, tokenName];

/** Octets. A manifest of a hundred thousand files needs less; none that has more is written or read. */
export const largestManifest = 64 * 1024 * 1024;

export const signerRoles = ["assessor", "approver"] as const;
export type SignerRole = (typeof signerRoles)[number];

/** Who signs. The key stands here so that a bundle can be checked against itself; trust comes from outside only. */
export interface Signer {
  readonly role: SignerRole;
  /** SHA-256 of the public key's SubjectPublicKeyInfo (DER), hexadecimal. */
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo (DER), base64. */
  readonly publicKey: string;
}

/** One file that was judged. */
export interface BundleInput {
  /** Relative to the folder that was checked. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** The file of the bundle with its octets; null where only the digest is kept. */
  readonly member: string | null;
  /** What was taken out of the kept octets, each with its line; empty where they are the original ones. */
  readonly redactions: readonly { readonly line: number; readonly what: string }[];
}

/** The closed list of everything in a bundle, and what it says about itself. Written as canonical JSON (RFC 8785). */
export interface Manifest {
  readonly schemaVersion: "1";
  readonly tool: { readonly name: "hipaa-check"; readonly version: string };
  /** ISO 8601, by the clock of the machine that built it or by `SOURCE_DATE_EPOCH`. */
  readonly createdAt: string;
  /** The day that decisions and records were held against, YYYY-MM-DD. */
  readonly asOf: string;
  /** Until when it has to be kept, YYYY-MM-DD. */
  readonly retainUntil: string;
  readonly editions: readonly {
    readonly id: string;
    readonly status: string;
    /** SHA-256 of the edition's file in the bundle. */
    readonly sha256: string;
  }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly signers: readonly Signer[];
  readonly inputs: readonly BundleInput[];
  /** Every file but the manifest and its signature, in the order in which they stand in the archive. */
  readonly files: readonly ListedFile[];
}

/** Canonical JSON (RFC 8785) without a line end. */
export function canonical(value: unknown): string {
  const text = canonicalize(value as Json);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}
