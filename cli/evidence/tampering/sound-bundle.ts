// A bundle that is sound, and the keys of those who signed it and of one who did not.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "#cli/testing.ts";
import { ArchiveWriter } from "../bundle/archive-writer.ts";
import { type ManifestHead, type RoleKey, sealBundle } from "../bundle/seal.ts";
import { blockSize } from "../bundle/ustar.ts";
import { createKeyFiles, readPrivateKey, type SigningKey } from "../signing/keys.ts";

/** Where keys and bundles of these tests lie; whoever imports it disposes of it. */
export const folder = new TemporaryFolder();
function newKey(name: string): SigningKey {
  return readPrivateKey(createKeyFiles(join(folder.path, name)).privateKey);
}
export const assessor = newKey("assessor");
export const approver = newKey("approver");
export const stranger = newKey("stranger");
const keys: readonly RoleKey[] = [
  { role: "assessor", key: assessor },
  { role: "approver", key: approver },
];

export const mainConfiguration = Buffer.from("smtp_tls_security_level = encrypt\n");
export const longPath = `inputs/${"deep/".repeat(20)}main.cf`;
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
  { path: "policies/editions/hipaa-2013.json", content: Buffer.from("{}") },
  { path: "results/empty.txt", content: Buffer.alloc(0) },
  { path: "results/report.json", content: Buffer.from('{"results":[],"summary":{"fail":0,"pass":1}}') },
];

export function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function build(path: string): Promise<Buffer> {
  await using writer = await ArchiveWriter.create(path);
  await sealBundle(writer, members, head, keys, (file) => new Error(file));
  return readFileSync(path);
}

export const sound = await build(join(folder.path, "sound.tar"));
