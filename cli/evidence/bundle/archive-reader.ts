import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { inauthentic, usage } from "../error.ts";
import type { ListedFile } from "./archive-writer.ts";
import { archiveEnd, blockSize, decodeHeader, paddingOf } from "./ustar.ts";

/** Takes the content of one file, in pieces; undefined where nobody wants it. */
export type Sink = ((chunk: Buffer) => void | Promise<void>) | undefined;

/** Reads what a bundle holds, in the order in which it stands there. */
export interface BundleReader {
  /**
   * Every file with its size and digest. `sinkFor` is asked once for each file, before its content comes.
   * @throws EvidenceError where something other than plain files is met, or the bundle ends early
   */
  scan(sinkFor?: (path: string, size: number) => Sink | Promise<Sink>): Promise<readonly ListedFile[]>;
}

const readSize = 1024 * 1024;

/** Reads an archive once from front to back, so that its size does not matter. */
class Octets {
  private readonly handle: FileHandle;
  private buffer: Buffer = Buffer.alloc(0);
  private position = 0;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /** Up to `limit` octets; none at the end of the file. Valid until the next call. */
  async some(limit: number): Promise<Buffer> {
    if (this.buffer.length === 0) {
      const fresh = Buffer.allocUnsafe(readSize);
      const { bytesRead } = await this.handle.read(fresh, 0, readSize, this.position);
      this.position += bytesRead;
      this.buffer = fresh.subarray(0, bytesRead);
    }
    const taken = this.buffer.subarray(0, limit);
    this.buffer = this.buffer.subarray(taken.length);
    return taken;
  }

  /** Exactly `length` octets. @throws EvidenceError at the end of the file */
  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.some(missing);
      if (part.length === 0) throw inauthentic("archive-truncated", "The archive ends in the middle.");
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }
}

export class ArchiveReader implements BundleReader {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async scan(sinkFor?: (path: string, size: number) => Sink | Promise<Sink>): Promise<readonly ListedFile[]> {
    await using handle = await open(this.path, "r").catch((error: NodeJS.ErrnoException) => {
      throw usage("bundle-unreadable", `${this.path} could not be read (${error.code}).`);
    });
    const octets = new Octets(handle);
    const files: ListedFile[] = [];
    for (;;) {
      const entry = decodeHeader(await octets.exactly(blockSize));
      if (entry === undefined) break;
      const sink = await sinkFor?.(entry.path, entry.size);
      const hash = createHash("sha256");
      for (let missing = entry.size; missing > 0; ) {
        const chunk = await octets.some(missing);
        if (chunk.length === 0)
          throw inauthentic("archive-truncated", `The archive ends inside ${entry.path}.`);
        missing -= chunk.length;
        hash.update(chunk);
        await sink?.(chunk);
      }
      const padding = await octets.exactly(paddingOf(entry.size));
      if (!padding.every((octet) => octet === 0)) {
        throw inauthentic("archive-padding", `Something is hidden behind ${entry.path}.`);
      }
      files.push({ ...entry, sha256: hash.digest("hex") });
    }
    const rest = await octets.exactly(archiveEnd.length - blockSize);
    const beyond = await octets.some(1);
    if (!rest.every((octet) => octet === 0) || beyond.length > 0) {
      throw inauthentic("archive-extended", "Something follows the end of the archive.");
    }
    return files;
  }
}
