import { canonical, type Signer } from "../bundle/manifest.ts";
import { inauthentic } from "../error.ts";
import { decodePublicKey, type SigningKey, verifySignature } from "./keys.ts";

export const payloadType = "application/vnd.in-toto+json";

/** A DSSE envelope (version 1.0). */
interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** What is signed: DSSE's pre-authentication encoding, so that the type of the payload is signed with it. */
export function preAuthenticationEncoding(type: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function write(payload: Buffer, signatures: Envelope["signatures"]): Buffer {
  const sorted = signatures.toSorted((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return Buffer.from(canonical({ payload: payload.toString("base64"), payloadType, signatures: sorted }));
}

/** Signs a payload. The same keys and payload give the same octets. */
export function sealEnvelope(payload: Buffer, keys: readonly SigningKey[]): Buffer {
  const message = preAuthenticationEncoding(payloadType, payload);
  const signatures = keys.map((key) => ({
    keyid: key.publicKey.fingerprint,
    sig: key.sign(message).toString("base64"),
  }));
  return write(payload, signatures);
}

/**
 * Opens an envelope that was signed by all signers and by nobody else, and that is written in the one way in which
 * `sealEnvelope` writes it: no octet of it can be changed.
 * @returns the payload
 * @throws EvidenceError
 */
export function openEnvelope(octets: Buffer, signers: readonly Signer[]): Buffer {
  const envelope = parse(octets);
  if (envelope.payloadType !== payloadType) {
    throw inauthentic(
      "payload-type",
      `The signature is for a payload of type ${JSON.stringify(envelope.payloadType)}.`,
    );
  }
  const payload = Buffer.from(envelope.payload, "base64");
  const message = preAuthenticationEncoding(payloadType, payload);
  const unknown = envelope.signatures.find(
    ({ keyid }) => !signers.some((signer) => signer.fingerprint === keyid),
  );
  if (unknown !== undefined) {
    throw inauthentic(
      "signer-unlisted",
      `There is a signature by ${unknown.keyid}, which the manifest does not list.`,
    );
  }
  if (new Set(signers.map(({ fingerprint }) => fingerprint)).size !== signers.length) {
    throw inauthentic("signer-twice", "The manifest lists a signer twice.");
  }
  for (const { fingerprint, publicKey } of signers) {
    const key = decodePublicKey(publicKey);
    if (key === undefined || key.fingerprint !== fingerprint) {
      throw inauthentic(
        "signer-key",
        `The manifest gives a key for ${fingerprint} that is another one, or none.`,
      );
    }
    const own = envelope.signatures.filter(({ keyid }) => keyid === fingerprint);
    if (own.length !== 1) {
      throw inauthentic("signature-missing", `The signature by ${fingerprint} is missing or there twice.`);
    }
    if (!verifySignature(key, message, Buffer.from(own[0]?.sig ?? "", "base64"))) {
      throw inauthentic("signature-wrong", `The signature by ${fingerprint} does not fit.`);
    }
  }
  const signatures = envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: reencoded(sig) }));
  if (!write(payload, signatures).equals(octets)) {
    throw inauthentic(
      "envelope-not-canonical",
      "The signature file is not written in the one way that is allowed.",
    );
  }
  return payload;
}

/** Base64 has several spellings of the same octets; only the plain one is allowed. */
function reencoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("base64");
}

function parse(octets: Buffer): Envelope {
  const fail = (): never => {
    throw inauthentic("envelope-unreadable", "The signature file is not a DSSE envelope.");
  };
  let value: unknown;
  try {
    value = JSON.parse(octets.toString("utf8"));
  } catch {
    return fail();
  }
  const { payload, payloadType: type, signatures } = (value ?? {}) as Record<string, unknown>;
  if (typeof payload !== "string" || typeof type !== "string" || !Array.isArray(signatures)) return fail();
  const isSignature = (entry: unknown): boolean =>
    typeof (entry as { keyid?: unknown })?.keyid === "string" &&
    typeof (entry as { sig?: unknown }).sig === "string";
  if (!signatures.every(isSignature)) return fail();
  return { payload, payloadType: type, signatures: signatures as Envelope["signatures"] };
}
