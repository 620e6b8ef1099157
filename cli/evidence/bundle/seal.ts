import { usage } from "../error.ts";
import { sealEnvelope } from "../signing/envelope.ts";
import type { SigningKey } from "../signing/keys.ts";
import { statementOf } from "../signing/statement.ts";
import type { BundleWriter, ListedFile } from "./archive-writer.ts";
import { comparePaths } from "./folder.ts";
import {
  canonical,
  envelopeName,
  largestManifest,
  type Manifest,
  manifestName,
  type SignerRole,
} from "./manifest.ts";

/** A file that goes into a bundle: its content, or a file to copy. */
export type Member = { readonly path: string } & (
  | { readonly content: Uint8Array }
  /** `sha256`: what it must still be, hexadecimal. */
  | { readonly source: string; readonly sha256: string }
);

/** A file that was written for a bundle. */
export type WrittenMember = Extract<Member, { readonly content: Uint8Array }>;

export interface RoleKey {
  readonly role: SignerRole;
  readonly key: SigningKey;
}

/** What the manifest says beside the files and the signers. */
export type ManifestHead = Omit<Manifest, "files" | "signers">;

/**
 * Writes members, manifest and signature in the one order that a bundle may have.
 * @param onChanged called for a file that is no longer what was judged
 */
export async function sealBundle(
  writer: BundleWriter,
  members: readonly Member[],
  head: ManifestHead,
  keys: readonly RoleKey[],
  onChanged: (path: string) => Error,
): Promise<Manifest> {
  const files: ListedFile[] = [];
  for (const member of members.toSorted((a, b) => comparePaths(a.path, b.path))) {
    if ("content" in member) files.push(await writer.add(member.path, member.content));
    else {
      const listed = await writer.copy(member.path, member.source);
      if (listed.sha256 !== member.sha256) throw onChanged(member.source);
      files.push(listed);
    }
  }
  const signers = keys.map(({ role, key: { publicKey } }) => ({
    role,
    fingerprint: publicKey.fingerprint,
    publicKey: publicKey.encoded,
  }));
  const manifest: Manifest = { ...head, signers, files };
  const octets = Buffer.from(canonical(manifest));
  if (octets.length > largestManifest) {
    throw usage(
      "manifest-too-large",
      `A bundle cannot list ${files.length} files. Build one for each part of the tree.`,
    );
  }
  await writer.add(manifestName, octets);
  const envelope = sealEnvelope(
    statementOf(manifest, octets),
    keys.map(({ key }) => key),
  );
  await writer.add(envelopeName, envelope);
  await writer.finish();
  return manifest;
}
