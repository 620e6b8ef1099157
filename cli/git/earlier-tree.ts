import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { maximumFileBytes } from "#base/files.ts";
import type { GitRepository } from "./repository.ts";

interface Blob {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** Octets that are asked of git at once. */
const portion = 64 * 1024 * 1024;

/**
 * Writes the files of a commit into an empty folder, octet for octet: no filter, hook or attribute has a say. Symbolic links, submodules
 * and files that would not be read anyway are left out.
 * @throws Error when the objects of the commit are not all here
 */
export function writeTree(repository: GitRepository, commit: string, folder: string): void {
  let waiting: Blob[] = [];
  let bytes = 0;
  for (const blob of blobsOf(repository, commit)) {
    if (bytes + blob.bytes > portion) {
      writeBlobs(repository, waiting, folder);
      waiting = [];
      bytes = 0;
    }
    waiting.push(blob);
    bytes += blob.bytes;
  }
  writeBlobs(repository, waiting, folder);
}

/** What `ls-tree -l` says of a file: mode, type, object, size, and after a tab the path. */
const fileLine = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.+)$/s;

function blobsOf(repository: GitRepository, commit: string): Blob[] {
  const listed = repository.ask(["ls-tree", "-r", "-l", "-z", "--full-tree", commit]);
  if (listed === undefined) throw new Error("git cannot list its files");
  return listed
    .toString("utf8")
    .split("\0")
    .flatMap((line): Blob[] => {
      const [, id = "", size = "", path = ""] = fileLine.exec(line) ?? [];
      const bytes = Number(size);
      return id !== "" && bytes <= maximumFileBytes && staysBelow(path) ? [{ id, path, bytes }] : [];
    });
}

/** Git never makes such a path, and yet a tree that somebody built by hand may hold one. */
function staysBelow(path: string): boolean {
  return !path.split(/[/\\]/).some((name) => name === "" || name === "." || name === "..");
}

function writeBlobs(repository: GitRepository, blobs: readonly Blob[], folder: string): void {
  if (blobs.length === 0) return;
  const input = Buffer.from(blobs.map(({ id }) => `${id}\n`).join(""));
  const answer = repository.ask(["cat-file", "--batch"], input);
  if (answer === undefined) throw new Error("git cannot read its files");
  let at = 0;
  for (const { id, path, bytes } of blobs) {
    const head = Buffer.from(`${id} blob ${bytes}\n`);
    if (!answer.subarray(at, at + head.length).equals(head)) throw new Error(`git does not have ${path}`);
    const begin = at + head.length;
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, answer.subarray(begin, begin + bytes), { flag: "wx" });
    at = begin + bytes + 1;
  }
}
