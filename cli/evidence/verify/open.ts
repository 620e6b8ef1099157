import { lstatSync, statSync } from "node:fs";
import { ArchiveReader, type BundleReader } from "../bundle/archive-reader.ts";
import { FolderReader } from "../bundle/folder.ts";
import { usage } from "../error.ts";

/** A bundle in either form. @throws EvidenceError where there is none */
export function openBundle(path: string): BundleReader {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    throw usage("bundle-missing", `${path}: there is no such file or folder.`);
  }
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return new FolderReader(path);
  if (status?.isFile() === true) return new ArchiveReader(path);
  throw usage("bundle-unreadable", `${path} is neither a file nor a folder.`);
}
