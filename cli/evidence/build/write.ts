import { ArchiveWriter } from "../bundle/archive-writer.ts";
import { FolderWriter } from "../bundle/folder.ts";
import type { Manifest } from "../bundle/manifest.ts";
import { type RoleKey, sealBundle } from "../bundle/seal.ts";
import { type BuildRequest, prepareBundle } from "./build.ts";
import { inputChanged } from "./inputs.ts";

/**
 * Judges, gathers, signs and writes. The bundle appears under its name only when it is whole.
 * @throws EvidenceError, ConfigurationError
 */
export async function buildBundle(
  request: BuildRequest,
  target: { readonly output: string; readonly asFolder: boolean },
  signers: readonly RoleKey[],
): Promise<{ readonly manifest: Manifest }> {
  const { head, members } = await prepareBundle(request);
  await using writer = target.asFolder
    ? await FolderWriter.create(target.output)
    : await ArchiveWriter.create(target.output);
  const manifest = await sealBundle(writer, members, head, signers, inputChanged);
  return { manifest };
}
