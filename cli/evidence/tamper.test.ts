import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { TemporaryFolder } from "#cli/testing.ts";
import { ArchiveReader } from "./bundle/archive-reader.ts";
import { ArchiveWriter } from "./bundle/archive-writer.ts";
import { canonical, envelopeName, type Manifest, manifestName, tokenName } from "./bundle/manifest.ts";
import { type ManifestHead, type RoleKey, sealBundle } from "./bundle/seal.ts";
import { archiveEnd, blockSize, encodeHeader, paddingOf } from "./bundle/ustar.ts";
import { EvidenceError } from "./error.ts";
import { payloadType, preAuthenticationEncoding, sealEnvelope } from "./signing/envelope.ts";
import { createKeyFiles, readPrivateKey, type SigningKey } from "./signing/keys.ts";
import { statementOf } from "./signing/statement.ts";
import { checkAuthenticity } from "./verify/authenticity.ts";
import { checkIntegrity } from "./verify/integrity.ts";

const python = fileURLToPath(new URL("../../docs/examples/verify.py", import.meta.url));
const hasPython =
  spawnSync("python3", ["--version"]).status === 0 && spawnSync("openssl", ["version"]).status === 0;

const folder = new TemporaryFolder();
afterAll(() => folder[Symbol.dispose]());
function newKey(name: string): SigningKey {
  return readPrivateKey(createKeyFiles(join(folder.path, name)).privateKey);
}
const assessor = newKey("assessor");
const approver = newKey("approver");
const stranger = newKey("stranger");
const keys: readonly RoleKey[] = [
  { role: "assessor", key: assessor },
  { role: "approver", key: approver },
];

const mainConfiguration = Buffer.from("smtp_tls_security_level = encrypt\n");
const longPath = `inputs/${"deep/".repeat(20)}main.cf`;
const head: ManifestHead = {
  schemaVersion: "1",
  tool: { name: "hipaa-check", version: "0.1.0" },
  createdAt: "2026-11-25T09:00:00Z",
  asOf: "2026-11-25",
  retainUntil: "2032-11-25",
  editions: [{ id: "hipaa-2013", status: "in-force", sha256: digest(Buffer.from("{}")) }],
  summary: { pass: 1, fail: 0 },
  inputs: [
    {
      path: "relay/main.cf",
      size: mainConfiguration.length,
      sha256: digest(mainConfiguration),
      member: "inputs/relay/main.cf",
      redactions: [],
    },
  ],
};
const members = [
  { path: "inputs/relay/main.cf", content: mainConfiguration },
  { path: longPath, content: Buffer.alloc(blockSize, "x") },
  { path: "results/empty.txt", content: Buffer.alloc(0) },
  { path: "results/report.json", content: Buffer.from('{"results":[]}') },
];

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function build(path: string): Promise<Buffer> {
  await using writer = await ArchiveWriter.create(path);
  await sealBundle(writer, members, head, keys, (file) => new Error(file));
  return readFileSync(path);
}

const sound = await build(join(folder.path, "sound.tar"));

/** The files of an archive that is sound. */
interface Part {
  path: string;
  content: Buffer;
}

function unpack(archive: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 0; archive[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      archive
        .subarray(at + from, at + from + length)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    const content = Buffer.from(archive.subarray(at + blockSize, at + blockSize + size));
    parts.push({ path: (prefix === "" ? "" : `${prefix}/`) + text(0, 100), content });
    at += blockSize + size + paddingOf(size);
  }
  return parts;
}

function pack(parts: readonly Part[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ path, content }) => [
      encodeHeader({ path, size: content.length }),
      content,
      Buffer.alloc(paddingOf(content.length)),
    ]),
    archiveEnd,
  ]);
}

/** A change of the files of the bundle. */
function parts(change: (parts: Part[]) => Part[] | undefined): () => Buffer {
  return () => {
    const list = unpack(sound);
    return pack(change(list) ?? list);
  };
}

function edit(path: string, change: (content: Buffer) => Buffer): () => Buffer {
  return parts((list) =>
    list.map((part) => (part.path === path ? { path, content: change(part.content) } : part)),
  );
}

/** A change of octets of the archive. */
function octets(change: (archive: Buffer) => Buffer | undefined): () => Buffer {
  return () => {
    const archive = Buffer.from(sound);
    return change(archive) ?? archive;
  };
}

function editText(path: string, change: (text: string) => string): () => Buffer {
  return edit(path, (content) => Buffer.from(change(content.toString("utf8"))));
}

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

function editEnvelope(change: (envelope: Envelope) => unknown): () => Buffer {
  return editText(envelopeName, (text) => canonical(change(JSON.parse(text) as Envelope)));
}

type Loose = { -readonly [K in keyof Manifest]: Manifest[K] };

/** A manifest that was changed, and signed again by the given keys. */
function resign(
  change: (manifest: Loose) => void,
  by: readonly SigningKey[],
  rest: (list: Part[]) => Part[] = (list) => list,
): () => Buffer {
  return parts((list) => {
    const manifest = JSON.parse(
      list.find(({ path }) => path === manifestName)?.content.toString() ?? "",
    ) as Loose;
    change(manifest);
    const written = Buffer.from(canonical(manifest));
    const content = sealEnvelope(statementOf(manifest, written), by);
    return rest(list).map((part) => {
      if (part.path === manifestName) return { path: manifestName, content: written };
      return part.path === envelopeName ? { path: envelopeName, content } : part;
    });
  });
}

function header(at: number, field: number, value: string): () => Buffer {
  return octets((archive) => {
    archive.write(value, at + field, "latin1");
    archive.write("        ", at + 148, "latin1");
    const sum = archive.subarray(at, at + blockSize).reduce((total, octet) => total + octet, 0);
    archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  });
}

const otherSize = (list: readonly { path: string; size: number; sha256: string }[]) =>
  list.map((file) => (file.path === "results/report.json" ? { ...file, size: file.size + 1 } : file));

/**
 * Each kind of change, with the code of the reason for which it has to be rejected; `python` where that verifier ends otherwise
 * than with 1: it looks at a time stamp when it is told whom to believe.
 */
const changes: Readonly<Record<string, { make: () => Buffer; code: string; python?: number }>> = {
  "one octet of an input": {
    make: edit("inputs/relay/main.cf", (c) => Buffer.from(c.toString().replace("encrypt", "enCrypt"))),
    code: "digest-differs",
  },
  "one octet of a result": {
    make: edit("results/report.json", (c) => Buffer.from(c.toString().replace("[]", "{}"))),
    code: "digest-differs",
  },
  "a line end behind a result": {
    make: editText("results/report.json", (text) => `${text}\n`),
    code: "size-differs",
  },
  "a file made empty": { make: edit(longPath, () => Buffer.alloc(0)), code: "size-differs" },
  "a file removed": {
    make: parts((list) => list.filter(({ path }) => path !== "results/empty.txt")),
    code: "entry-missing",
  },
  "a file added": {
    make: parts((list) => [{ path: "aaa.txt", content: Buffer.from("x") }, ...list]),
    code: "entry-unlisted",
  },
  "an empty file added": {
    make: parts((list) => [
      ...list.slice(0, 1),
      { path: "inputs/x", content: Buffer.alloc(0) },
      ...list.slice(1),
    ]),
    code: "entry-unlisted",
  },
  "a file twice": { make: parts((list) => [list[0] as Part, ...list]), code: "entry-twice" },
  "a second manifest": { make: parts((list) => [...list, list.at(-2) as Part]), code: "entry-twice" },
  "a file renamed": {
    make: parts((list) =>
      list.map((part) => (part.path === "results/empty.txt" ? { ...part, path: "results/empty.tyt" } : part)),
    ),
    code: "entry-unlisted",
  },
  "two contents swapped": {
    make: parts((list) => {
      const [a, b] = [list[2] as Part, list[3] as Part];
      [a.content, b.content] = [b.content, a.content];
      return list;
    }),
    code: "size-differs",
  },
  "two files in another order": {
    make: parts((list) => [list[1] as Part, list[0] as Part, ...list.slice(2)]),
    code: "order-differs",
  },
  "the manifest first": {
    make: parts((list) => [list.at(-2) as Part, ...list.slice(0, -2), list.at(-1) as Part]),
    code: "order-differs",
  },
  "the signature before the manifest": {
    make: parts((list) => [...list.slice(0, -2), list.at(-1) as Part, list.at(-2) as Part]),
    code: "order-differs",
  },
  "the manifest removed": {
    make: parts((list) => list.filter(({ path }) => path !== manifestName)),
    code: "entry-missing",
  },
  "the signature removed": {
    make: parts((list) => list.filter(({ path }) => path !== envelopeName)),
    code: "entry-missing",
  },
  "an archive of nothing": { make: () => archiveEnd, code: "entry-missing" },
  "an empty file in place of the archive": { make: () => Buffer.alloc(0), code: "archive-truncated" },
  "the end cut off": {
    make: octets((archive) => archive.subarray(0, -archiveEnd.length)),
    code: "archive-truncated",
  },
  "cut in a content": {
    make: octets((archive) => archive.subarray(0, blockSize + 5)),
    code: "archive-truncated",
  },
  "cut in a header": { make: octets((archive) => archive.subarray(0, 100)), code: "archive-truncated" },
  "one octet behind the end": {
    make: octets((archive) => Buffer.concat([archive, Buffer.from("x")])),
    code: "archive-extended",
  },
  "zeros behind the end": {
    make: octets((archive) => Buffer.concat([archive, Buffer.alloc(blockSize)])),
    code: "archive-extended",
  },
  "another archive behind the end": {
    make: octets((archive) => Buffer.concat([archive, archive])),
    code: "archive-extended",
  },
  "something in the last block": {
    make: octets((archive) => {
      archive[archive.length - 1] = 1;
    }),
    code: "archive-extended",
  },
  "something in the padding": {
    make: octets((archive) => {
      archive.write("hidden", headerOf("results/report.json") + blockSize + 20);
    }),
    code: "archive-padding",
  },
  "a time in a header": { make: header(0, 136, "15061503300"), code: "header-not-plain" },
  "an owner in a header": { make: header(0, 108, "0001750"), code: "header-not-plain" },
  "a name of an owner": { make: header(0, 265, "root"), code: "header-not-plain" },
  "another mode": { make: header(0, 100, "0000755"), code: "header-not-plain" },
  "a symbolic link": { make: header(0, 156, "2"), code: "header-not-plain" },
  "a hard link": { make: header(0, 156, "1"), code: "header-not-plain" },
  "a folder entry": { make: header(0, 156, "5"), code: "header-not-plain" },
  "an extended header": { make: header(0, 156, "x"), code: "header-not-plain" },
  "a path that leads out": {
    make: header(headerOf("results/report.json"), 0, "../../../report.jso"),
    code: "header-not-plain",
  },
  "an absolute path": { make: header(headerOf("results/report.json"), 0, "/"), code: "header-not-plain" },
  "a wrong checksum": {
    make: octets((archive) => {
      archive.write("000000", 148, "latin1");
    }),
    code: "header-not-plain",
  },
  "a size that is no number": { make: header(0, 124, "0000000003z"), code: "header-not-plain" },
  "the manifest written anew": {
    make: editText(manifestName, (text) => JSON.stringify(JSON.parse(text), undefined, 2)),
    code: "manifest-not-canonical",
  },
  "a line end behind the manifest": {
    make: editText(manifestName, (text) => `${text}\n`),
    code: "manifest-not-canonical",
  },
  "a field of the manifest": {
    make: editText(manifestName, (text) => text.replace('"fail":0', '"fail":1')),
    code: "statement-differs",
  },
  "an unknown field in the manifest": {
    make: editText(manifestName, (text) => text.replace('{"asOf"', '{"aaa":1,"asOf"')),
    code: "manifest-invalid",
  },
  "a digest in the manifest": {
    make: editText(manifestName, (text) => text.replace(digest(mainConfiguration), digest(Buffer.from("x")))),
    code: "statement-differs",
  },
  "a manifest that is not JSON": { make: editText(manifestName, () => "x"), code: "manifest-unreadable" },
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
  "signed again over another size": {
    make: resign(
      (manifest) => {
        manifest.files = otherSize(manifest.files);
      },
      [assessor, approver],
    ),
    code: "size-differs",
  },
  "signed again with a file listed twice": {
    make: resign(
      (manifest) => {
        manifest.files = [...manifest.files, manifest.files[0] as Manifest["files"][0]];
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "signed again in another order": {
    make: resign(
      (manifest) => {
        manifest.files = manifest.files.toReversed();
      },
      [assessor, approver],
      (list) => [...list.slice(0, -2).reverse(), ...list.slice(-2)],
    ),
    code: "order-differs",
  },
  "signed again with an input that is another file": {
    make: resign(
      (manifest) => {
        manifest.inputs = manifest.inputs.map((input) => ({ ...input, sha256: digest(Buffer.from("x")) }));
      },
      [assessor, approver],
    ),
    code: "input-differs",
  },
  "signed again with an input that is not kept": {
    make: resign(
      (manifest) => {
        manifest.inputs = manifest.inputs.map((input) => ({ ...input, member: "inputs/none" }));
      },
      [assessor, approver],
    ),
    code: "input-differs",
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

function headerOf(path: string): number {
  let at = 0;
  for (const part of unpack(sound)) {
    if (part.path === path) return at;
    at += blockSize + part.content.length + paddingOf(part.content.length);
  }
  throw new Error(path);
}

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

const trust = [assessor, approver].map(({ publicKey }) => publicKey.fingerprint);

async function verifyHere(path: string): Promise<string> {
  try {
    const sealed = await checkIntegrity(new ArchiveReader(path));
    checkAuthenticity(sealed, {
      signers: trust.map((fingerprint) => [{ fingerprint, source: fingerprint }]),
      authorities: [],
      now: new Date("2026-11-26"),
    });
    return "authentic";
  } catch (error) {
    if (error instanceof EvidenceError && error.kind === "inauthentic") return error.code;
    throw error;
  }
}

function verifyInPython(path: string): number | null {
  return spawnSync("python3", [python, path, ...trust]).status;
}

describe("a bundle that was changed is rejected", () => {
  const path = join(folder.path, "changed.tar");

  test("and one that was not is authentic", async () => {
    writeFileSync(path, sound);
    expect(await verifyHere(path)).toBe("authentic");
    expect(pack(unpack(sound)).equals(sound)).toBe(true);
  });

  test("the kinds of change are at least forty", () => {
    expect(Object.keys(changes).length).toBeGreaterThanOrEqual(40);
  });

  test.each(Object.entries(changes))("%s", async (_name, { make, code }) => {
    const changed = make();
    expect(changed.equals(sound)).toBe(false);
    writeFileSync(path, changed);
    expect(await verifyHere(path)).toBe(code);
  });

  test("every octet counts", async () => {
    for (let at = 0; at < sound.length; at += 37) {
      const changed = Buffer.from(sound);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      writeFileSync(path, changed);
      expect(await verifyHere(path), `octet ${at}`).not.toBe("authentic");
    }
  });
});

describe.skipIf(!hasPython)("the verifier in Python, where python3 and openssl are installed", () => {
  const path = join(folder.path, "changed-python.tar");

  test("accepts a bundle that was not changed", () => {
    writeFileSync(path, sound);
    expect(verifyInPython(path)).toBe(0);
  });

  test("has less than 150 lines", () => {
    expect(readFileSync(python, "utf8").split("\n").length - 1).toBeLessThan(150);
  });

  test.each(Object.entries(changes))("rejects: %s", (_name, { make, python: code = 1 }) => {
    writeFileSync(path, make());
    expect(verifyInPython(path)).toBe(code);
  });
});
