import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { inauthentic, usage } from "../error.ts";
import type { ListedFile } from "./archive-writer.ts";
import { archiveEnd, blockSize, decodeHeader, type Entry, paddingOf } from "./ustar.ts";

/** Takes the content of one file, in pieces; undefined where nobody wants it. */
export type Sink = ((chunk: Buffer) => void | Promise<void>) | undefined;

/** Reads what a bundle holds, in the order in which it stands there. */
export interface BundleReader {
  /**
   * What is there, without reading contents: however large they are, this takes no time and no memory.
   * @throws EvidenceError where something other than plain files is met, or the bundle ends early
   */
  outline(): Promise<readonly Entry[]>;
  /** The content of a file that the outline names. What it gives may have changed since: hold it against the manifest. */
  content(path: string): Buffer;
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
      if (part.length === 0) throw truncated();
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }
}

/** An entry, and where in the archive its content begins. */
interface Place extends Entry {
  readonly position: number;
}

function truncated(): Error {
  return inauthentic("archive-truncated", "The archive ends in the middle.");
}

function extended(): Error {
  return inauthentic("archive-extended", "Something follows the end of the archive.");
}

function unreadable(path: string, error: unknown): Error {
  return usage("bundle-unreadable", `${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
}

/** Fills a buffer. @throws EvidenceError at the end of the file */
function readFully(file: number, buffer: Buffer, position: number): void {
  for (let at = 0; at < buffer.length; ) {
    const read = readSync(file, buffer, at, buffer.length - at, position + at);
    if (read === 0) throw truncated();
    at += read;
  }
}

export class ArchiveReader implements BundleReader {
  private readonly path: string;
  private byPath: ReadonlyMap<string, Place> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async outline(): Promise<readonly Entry[]> {
    return this.places();
  }

  content(path: string): Buffer {
    this.byPath ??= new Map(this.places().map((place) => [place.path, place]));
    const place = this.byPath.get(path);
    if (place === undefined) throw inauthentic("entry-missing", `${path} is missing.`);
    const content = Buffer.alloc(place.size);
    this.reading((file) => readFully(file, content, place.position));
    return content;
  }

  /** Every entry with the position of its content. */
  private places(): readonly Place[] {
    return this.reading((file) => {
      const { size: archiveSize } = fstatSync(file);
      const places: Place[] = [];
      const header = Buffer.alloc(blockSize);
      let position = 0;
      for (;;) {
        readFully(file, header, position);
        const entry = decodeHeader(header);
        if (entry === undefined) break;
        position += blockSize;
        places.push({ ...entry, position });
        position += entry.size + paddingOf(entry.size);
        if (position > archiveSize) {
          throw inauthentic("archive-truncated", `The archive ends inside ${entry.path}.`);
        }
      }
      readFully(file, header, position + blockSize);
      if (position + archiveEnd.length !== archiveSize || header.some((octet) => octet !== 0))
        throw extended();
      return places;
    });
  }

  private reading<T>(work: (file: number) => T): T {
    let file: number;
    try {
      file = openSync(this.path, "r");
    } catch (error) {
      throw unreadable(this.path, error);
    }
    try {
      return work(file);
    } finally {
      closeSync(file);
    }
  }

  async scan(sinkFor?: (path: string, size: number) => Sink | Promise<Sink>): Promise<readonly ListedFile[]> {
    await using handle = await open(this.path, "r").catch((error) => {
      throw unreadable(this.path, error);
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
      throw extended();
    }
    return files;
  }
}
