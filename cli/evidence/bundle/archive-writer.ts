import { createHash } from "node:crypto";
import { closeSync, fstatSync, readSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { usage } from "../error.ts";
import { PartialOutput } from "./partial-output.ts";
import { openRegular } from "./regular-file.ts";
import { archiveEnd, encodeHeader, paddingOf } from "./ustar.ts";

/** A file of a bundle as the manifest lists it. */
export interface ListedFile {
  readonly path: string;
  /** Octets. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Where files of a bundle go, in the order given. */
export interface BundleWriter extends AsyncDisposable {
  add(path: string, content: Uint8Array): Promise<ListedFile>;
  /** Copies a file as it is. @throws EvidenceError when it changes meanwhile */
  copy(path: string, source: string): Promise<ListedFile>;
  /** Makes the bundle appear under its name. Without it nothing is left behind. */
  finish(): Promise<void>;
}

/** Why nothing can be written there, in words. */
export function unwritable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the quota is used up",
    EROFS: "the file system is read-only",
    EACCES: "this user may not write there",
  };
  return usage(
    "output-unwritable",
    `${path} could not be written (${reasons[code ?? ""] ?? code ?? error}).`,
  );
}

const bufferSize = 1024 * 1024;

/**
 * Writes a bundle as one archive. It appears under its name only when it is whole. Small files are gathered and written
 * together, since each call costs more than the octets.
 */
export class ArchiveWriter implements BundleWriter {
  private readonly path: string;
  private readonly partial: PartialOutput;
  private readonly handle: FileHandle;
  private readonly buffer = Buffer.allocUnsafeSlow(bufferSize);
  private used = 0;

  private constructor(path: string, partial: PartialOutput, handle: FileHandle) {
    this.path = path;
    this.partial = partial;
    this.handle = handle;
  }

  /** @throws EvidenceError when it cannot be written there */
  static async create(path: string): Promise<ArchiveWriter> {
    const present = statSync(path, { throwIfNoEntry: false });
    if (present !== undefined && !present.isFile()) {
      throw usage("output-unwritable", `${path} is no regular file. Name one, or one that does not exist.`);
    }
    const partial = new PartialOutput(path);
    try {
      return new ArchiveWriter(path, partial, await open(partial.path, "wx", 0o644));
    } catch (error) {
      partial.keep();
      throw unwritable(path, error);
    }
  }

  async add(path: string, content: Uint8Array): Promise<ListedFile> {
    await this.write(encodeHeader({ path, size: content.length }));
    await this.write(content);
    await this.write(Buffer.alloc(paddingOf(content.length)));
    return { path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }

  async copy(path: string, source: string): Promise<ListedFile> {
    const input = openRegular(source);
    try {
      const { size } = fstatSync(input);
      await this.write(encodeHeader({ path, size }));
      const hash = createHash("sha256");
      for (let missing = size; missing > 0; ) {
        const room = await this.room();
        const read = readSync(input, room, 0, Math.min(missing, room.length), null);
        if (read === 0) throw changed(source);
        hash.update(room.subarray(0, read));
        this.used += read;
        missing -= read;
      }
      const beyond = readSync(input, Buffer.alloc(1));
      if (beyond > 0) throw changed(source);
      await this.write(Buffer.alloc(paddingOf(size)));
      return { path, size, sha256: hash.digest("hex") };
    } finally {
      closeSync(input);
    }
  }

  async finish(): Promise<void> {
    await this.write(archiveEnd);
    await this.flush();
    try {
      await this.handle.sync();
      await this.handle.close();
      await this.partial.finish();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  private async write(content: Uint8Array): Promise<void> {
    for (let at = 0; at < content.length; ) {
      const room = await this.room();
      const part = content.subarray(at, at + room.length);
      room.set(part);
      this.used += part.length;
      at += part.length;
    }
  }

  /** The free part of the buffer, never empty. */
  private async room(): Promise<Buffer> {
    if (this.used === this.buffer.length) await this.flush();
    return this.buffer.subarray(this.used);
  }

  private async flush(): Promise<void> {
    try {
      for (let written = 0; written < this.used; ) {
        const { bytesWritten } = await this.handle.write(this.buffer, written, this.used - written);
        written += bytesWritten;
      }
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.used = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close().catch(() => undefined);
    this.partial[Symbol.dispose]();
  }
}

function changed(source: string): Error {
  return usage("input-changed", `${source} changed while it was copied. Build again.`);
}
