import { createPublicKey } from "node:crypto";
import { parseTagList } from "./tag-list.ts";

/** A DKIM key record (RFC 6376 section 3.6.1, RFC 8463). */
export interface DkimRecord {
  /** What breaks the grammar or makes the key unusable, in plain words. Empty when it can be used. */
  readonly problems: readonly string[];
  /** `revoked` when `p=` is empty, which is deliberate. */
  readonly keyType: "rsa" | "ed25519" | "revoked" | "unusable";
  /** Bits of an RSA key. */
  readonly keyBits?: number;
  /** `t=y`: verifiers treat a failing signature like none. */
  readonly testing: boolean;
}

/** Reads the text at `<selector>._domainkey`. Undefined when it is no DKIM key record. */
export function readDkim(text: string): DkimRecord | undefined {
  const list = parseTagList(text);
  const version = list.get("v");
  const key = list.get("p")?.replace(/\s+/g, "");
  if (version === undefined ? key === undefined : version !== "DKIM1") return undefined;
  const problems = [...list.problems];
  if (version !== undefined && list.tags[0]?.name !== "v") problems.push("the tag v does not come first");
  const testing = (list.get("t") ?? "").split(":").some((flag) => flag.trim().toLowerCase() === "y");
  const type = list.get("k")?.toLowerCase() ?? "rsa";
  if (key === undefined)
    return { problems: [...problems, "the tag p is missing"], keyType: "unusable", testing };
  if (key === "") return { problems, keyType: "revoked", testing };
  if (type === "ed25519") {
    if (Buffer.from(key, "base64").length === 32) return { problems, keyType: "ed25519", testing };
    return { problems: [...problems, "the Ed25519 key has not 32 bytes"], keyType: "unusable", testing };
  }
  if (type !== "rsa")
    return { problems: [...problems, `k=${type} is no DKIM key type`], keyType: "unusable", testing };
  const keyBits = rsaBits(key);
  if (keyBits === undefined) {
    return { problems: [...problems, "the tag p holds no RSA public key"], keyType: "unusable", testing };
  }
  return { problems, keyType: "rsa", keyBits, testing };
}

/** Both wrappings are in use: SubjectPublicKeyInfo (as published by every tool) and the bare RSAPublicKey of the RFC. */
function rsaBits(base64: string): number | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  for (const type of ["spki", "pkcs1"] as const) {
    try {
      const key = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type });
      return key.asymmetricKeyDetails?.modulusLength;
    } catch {
      // Not this wrapping.
    }
  }
  return undefined;
}
