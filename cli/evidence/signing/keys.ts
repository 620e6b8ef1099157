import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { unwritable } from "../bundle/archive-writer.ts";
import { EvidenceError, usage } from "../error.ts";

/** A public key under its fingerprint. */
export interface PublicKey {
  readonly key: KeyObject;
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo (DER), base64. */
  readonly encoded: string;
}

/** Something that signs: a private key at hand, or a program that has one. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  sign(message: Buffer): Buffer;
}

const algorithm = "ed25519";
const signatureLength = 64;

function describeKey(key: KeyObject): PublicKey {
  const der = key.export({ type: "spki", format: "der" });
  return {
    key,
    fingerprint: createHash("sha256").update(der).digest("hex"),
    encoded: der.toString("base64"),
  };
}

/** A public key from its encoded form; undefined where it is no Ed25519 key or not encoded in the one way. */
export function decodePublicKey(encoded: string): PublicKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(encoded, "base64"), format: "der", type: "spki" });
    const described = describeKey(key);
    return key.asymmetricKeyType === algorithm && described.encoded === encoded ? described : undefined;
  } catch {
    return undefined;
  }
}

/** Reads public keys in PEM. @throws EvidenceError where one is no Ed25519 key */
export function parsePublicKeys(text: string, source: string): PublicKey[] {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) ?? [];
  return blocks.map((block) => {
    if (block.includes("PRIVATE")) {
      throw usage(
        "key-private",
        `${source} holds a private key. Give the public one: a private key stays with its owner.`,
      );
    }
    let key: KeyObject;
    try {
      key = createPublicKey(block);
    } catch {
      throw usage("key-unreadable", `${source} holds something that is no public key in PEM.`);
    }
    if (key.asymmetricKeyType !== algorithm) {
      throw usage(
        "key-algorithm",
        `${source} holds a key of type ${key.asymmetricKeyType}. Only Ed25519 keys sign bundles.`,
      );
    }
    return describeKey(key);
  });
}

export function verifySignature(publicKey: PublicKey, message: Buffer, signature: Buffer): boolean {
  return signature.length === signatureLength && verify(null, message, publicKey.key, signature);
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = describeKey(createPublicKey(privateKey));
  return { publicKey, sign: (message) => sign(null, message, privateKey) };
}

/**
 * A private key from its PEM.
 * @param source what messages call it
 * @throws EvidenceError where it is no Ed25519 key, or protected by a password
 */
export function parsePrivateKey(text: string, source: string): SigningKey {
  if (/ENCRYPTED/.test(text)) {
    throw usage(
      "key-encrypted",
      `${source} is protected by a password, and none is asked for. Use --sign-with with a program that holds the key.`,
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw usage(
      "key-unreadable",
      `${source} is no private key in PEM. Make one with: hipaa-check evidence keys new --out DIR`,
    );
  }
  if (key.asymmetricKeyType !== algorithm) {
    throw usage(
      "key-algorithm",
      `${source} is a key of type ${key.asymmetricKeyType}. Only Ed25519 keys sign bundles.`,
    );
  }
  return signingKey(key);
}

/** Reads a private key that only its owner may read. @throws EvidenceError */
export function readPrivateKey(path: string): SigningKey {
  let text: string;
  try {
    const { mode } = statSync(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw usage(
        "key-readable",
        `${path} can be read or changed by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
      );
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && !("errno" in error)) throw error;
    throw usage("key-unreadable", `${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return parsePrivateKey(text, path);
}

/** The files of a new key pair. */
export interface KeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Makes a key pair, whole or not at all. Never replaces one. @throws EvidenceError */
export function createKeyFiles(folder: string): KeyFiles {
  const [privatePath, publicPath] = [join(folder, "key.pem"), join(folder, "key.pub")];
  const { publicKey, privateKey } = generateKeyPairSync(algorithm);
  const made: string[] = [];
  const write = (path: string, content: string | Buffer, mode: number): void => {
    const file = openSync(path, "wx", mode);
    made.push(path);
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
  };
  try {
    for (const path of [privatePath, publicPath]) {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
        throw usage("key-exists", `${path} exists. A key is never replaced: name another folder.`);
      }
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    write(privatePath, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
    write(publicPath, publicKey.export({ type: "spki", format: "pem" }), 0o644);
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    for (const path of made) rmSync(path, { force: true });
    throw unwritable(folder, error);
  }
  return { privateKey: privatePath, publicKey: publicPath, fingerprint: describeKey(publicKey).fingerprint };
}
