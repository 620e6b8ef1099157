import { generateKeyPairSync, sign } from "node:crypto";
import { envelopeName, type Manifest, tokenName } from "../bundle/manifest.ts";
import { payloadType, preAuthenticationEncoding } from "../signing/envelope.ts";
import type { SigningKey } from "../signing/keys.ts";
import { type Change, editEnvelope, editText, type Part, parts, resign } from "./change.ts";
import { approver, assessor, digest, stranger } from "./sound-bundle.ts";

/** Changes of signatures, signers and the time stamp. */
export const signatureChanges: Readonly<Record<string, Change>> = {
  "signed again by a stranger under the assessor's name": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map(({ keyid }) => ({
        keyid,
        sig: stranger
          .sign(preAuthenticationEncoding(payloadType, Buffer.from(envelope.payload, "base64")))
          .toString("base64"),
      })),
    })),
    code: "signature-wrong",
  },
  "a signature more": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: [...envelope.signatures, { keyid: stranger.publicKey.fingerprint, sig: "" }],
    })),
    code: "signer-unlisted",
  },
  "a signature less": {
    make: editEnvelope((envelope) => ({ ...envelope, signatures: envelope.signatures.slice(0, 1) })),
    code: "signature-missing",
  },
  "a signature twice": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: [...envelope.signatures, envelope.signatures[0]],
    })),
    code: "signature-missing",
  },
  "no signatures": {
    make: editEnvelope((envelope) => ({ ...envelope, signatures: [] })),
    code: "signature-missing",
  },
  "signatures in another order": {
    make: editEnvelope((envelope) => ({ ...envelope, signatures: envelope.signatures.toReversed() })),
    code: "envelope-not-canonical",
  },
  "signatures exchanged": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: [
        { ...envelope.signatures[0], sig: envelope.signatures[1]?.sig },
        { ...envelope.signatures[1], sig: envelope.signatures[0]?.sig },
      ],
    })),
    code: "signature-wrong",
  },
  "one bit of a signature": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((entry) => ({ ...entry, sig: flip(entry.sig) })),
    })),
    code: "signature-wrong",
  },
  "a signature cut short": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((entry) => ({ ...entry, sig: entry.sig.slice(0, 40) })),
    })),
    code: "signature-wrong",
  },
  "a key id": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((entry) => ({ ...entry, keyid: entry.keyid.toUpperCase() })),
    })),
    code: "signer-unlisted",
  },
  "base64 in another form": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((entry) => ({ ...entry, sig: entry.sig.replace(/=+$/, "") })),
    })),
    code: "envelope-not-canonical",
  },
  "unused bits of the base64": {
    make: editEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((entry) => ({
        ...entry,
        sig: `${entry.sig.slice(0, -3)}${nextLetter(entry.sig.at(-3) ?? "")}==`,
      })),
    })),
    code: "envelope-not-canonical",
  },
  "a space in the base64": {
    make: editEnvelope((envelope) => ({ ...envelope, payload: ` ${envelope.payload}` })),
    code: "envelope-not-canonical",
  },
  "a field more in the signature": {
    make: editEnvelope((envelope) => ({ ...envelope, note: "x" })),
    code: "envelope-not-canonical",
  },
  "a line end behind the signature": {
    make: editText(envelopeName, (text) => `${text}\n`),
    code: "envelope-not-canonical",
  },
  "another type of payload": {
    make: editEnvelope((envelope) => ({ ...envelope, payloadType: "application/json" })),
    code: "payload-type",
  },
  "a signature that is not JSON": { make: editText(envelopeName, () => "-"), code: "envelope-unreadable" },
  "a payload of another bundle": {
    make: editEnvelope((envelope) => {
      const payload = Buffer.from(envelope.payload, "base64").toString().replace("2032", "2033");
      return { ...envelope, payload: Buffer.from(payload).toString("base64") };
    }),
    code: "signature-wrong",
  },
  "the assessor's key in the manifest exchanged": {
    make: resign(
      (manifest) => {
        manifest.signers = manifest.signers.map((signer) => ({
          ...signer,
          publicKey: stranger.publicKey.encoded,
        }));
      },
      [assessor, approver],
    ),
    code: "signer-key",
  },
  "a signer listed twice": {
    make: resign(
      (manifest) => {
        manifest.signers = [...manifest.signers, manifest.signers[0] as Manifest["signers"][0]];
      },
      [assessor, approver],
    ),
    code: "signer-twice",
  },
  "an elliptic curve key in place of Ed25519": {
    make: () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const der = publicKey.export({ type: "spki", format: "der" });
      const fingerprint = digest(der);
      const confused: SigningKey = {
        publicKey: { key: publicKey, fingerprint, encoded: der.toString("base64") },
        sign: (message) => sign("sha256", message, privateKey),
      };
      return resign(
        (manifest) => {
          manifest.signers = [
            ...manifest.signers,
            { role: "approver", fingerprint, publicKey: confused.publicKey.encoded },
          ];
        },
        [assessor, approver, confused],
      )();
    },
    code: "signer-key",
  },
  "a time stamp that is none": {
    make: parts((list) => [...list, { path: tokenName, content: Buffer.from("x") }]),
    code: "timestamp-malformed",
    python: 3,
  },
  "a time stamp before the signature": {
    make: parts((list) => [
      ...list.slice(0, -1),
      { path: tokenName, content: Buffer.from("x") },
      list.at(-1) as Part,
    ]),
    code: "order-differs",
  },
  "two time stamps": {
    make: parts((list) => [
      ...list,
      { path: tokenName, content: Buffer.from("x") },
      { path: tokenName, content: Buffer.from("x") },
    ]),
    code: "entry-twice",
  },
  "signed again by strangers": {
    make: resign(
      (manifest) => {
        manifest.signers = [
          {
            role: "assessor",
            fingerprint: stranger.publicKey.fingerprint,
            publicKey: stranger.publicKey.encoded,
          },
        ];
      },
      [stranger],
    ),
    code: "signer-wrong",
  },
};

function flip(base64: string): string {
  const raw = Buffer.from(base64, "base64");
  raw[10] = (raw[10] ?? 0) ^ 1;
  return raw.toString("base64");
}

/** The next letter of the alphabet of base64: the same octets where only unused bits differ. */
function nextLetter(letter: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet[alphabet.indexOf(letter) + 1] ?? "";
}
