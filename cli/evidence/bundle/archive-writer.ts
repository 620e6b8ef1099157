import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { usage } from "../error.ts";
import { archiveEnd, encodeHeader, paddingOf } from "./ustar.ts";

/** A file of a bundle as the manifest lists it. */
export interface ListedFile {
  readonly path: string;
  /** Octets. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

const chunkSize = 1024 * 1024;

/** Where files of a bundle go, in the order given. */
export interface BundleWriter extends AsyncDisposable {
  add(path: string, content: Uint8Array): Promise<ListedFile>;
  /** Copies a file as it is. @throws EvidenceError when it changes meanwhile */
  copy(path: string, source: string): Promise<ListedFile>;
  /** Makes the bundle appear under its name. Without it nothing is left behind. */
  finish(): Promise<void>;
}

function unwritable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === "ENOSPC" ? "the disk is full" : String(code ?? error);
  return usage("output-unwritable", `${path} could not be written (${why}).`);
}

/** Writes a bundle as one archive. It appears under its name only when it is whole. */
export class ArchiveWriter implements BundleWriter {
  private readonly path: string;
  private readonly partial: string;
  private readonly handle: FileHandle;
  private finished = false;

  private constructor(path: string, partial: string, handle: FileHandle) {
    this.path = path;
    this.partial = partial;
    this.handle = handle;
  }

  /** @throws EvidenceError when it cannot be written there */
  static async create(path: string): Promise<ArchiveWriter> {
    const partial = `${path}.${randomBytes(6).toString("hex")}.partial`;
    try {
      return new ArchiveWriter(path, partial, await open(partial, "wx", 0o644));
    } catch (error) {
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
    await using input = await open(source, "r").catch((error: NodeJS.ErrnoException) => {
      throw usage("input-unreadable", `${source} could not be read (${error.code}).`);
    });
    const { size } = await input.stat();
    await this.write(encodeHeader({ path, size }));
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, Math.max(1, size)));
    let copied = 0;
    for (;;) {
      const { bytesRead } = await input.read(buffer, 0, buffer.length, copied);
      if (bytesRead === 0) break;
      copied += bytesRead;
      if (copied > size) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await this.write(chunk);
    }
    if (copied !== size) throw usage("input-changed", `${source} changed while it was copied. Build again.`);
    await this.write(Buffer.alloc(paddingOf(size)));
    return { path, size, sha256: hash.digest("hex") };
  }

  async finish(): Promise<void> {
    await this.write(archiveEnd);
    try {
      await this.handle.close();
      await rename(this.partial, this.path);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.finished = true;
  }

  private async write(content: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < content.length; ) {
        const { bytesWritten } = await this.handle.write(content, written, content.length - written);
        written += bytesWritten;
      }
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.finished) return;
    await this.handle.close().catch(() => undefined);
    await rm(this.partial, { force: true });
  }
}
