import { createHash } from "node:crypto";
import { closeSync, createReadStream, readFileSync } from "node:fs";
import { copyFile, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EvidenceError, inauthentic, usage } from "../error.ts";
import type { BundleReader, Sink } from "./archive-reader.ts";
import { type BundleWriter, type ListedFile, unwritable } from "./archive-writer.ts";
import { closingNames } from "./manifest.ts";
import { PartialOutput, synchronise } from "./partial-output.ts";
import { openRegular } from "./regular-file.ts";
import { type Entry, isSafePath } from "./ustar.ts";

/** Files of a folder and all below it, in the order in which a bundle has them. @throws EvidenceError */
async function filesBelow(root: string, folder = ""): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path)));
    else if (entry.isFile() && isSafePath(path)) found.push(path);
    else throw inauthentic("header-not-plain", `${path} is no plain file. A bundle holds plain files only.`);
  }
  return found;
}

async function digestFile(path: string, sink: Sink): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    await sink?.(chunk);
  }
  return { size, sha256: hash.digest("hex") };
}

/** The folder form of a bundle: the same files, unpacked. */
export class FolderReader implements BundleReader {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async outline(): Promise<readonly Entry[]> {
    return await this.reading(() => this.entries());
  }

  private async entries(): Promise<readonly Entry[]> {
    const all = await filesBelow(this.root);
    const paths = all.filter((path) => !closingNames.includes(path)).sort(comparePaths);
    const entries: Entry[] = [];
    for (const path of [...paths, ...closingNames.filter((name) => all.includes(name))])
      entries.push({ path, size: (await lstat(join(this.root, path))).size });
    return entries;
  }

  content(path: string): Buffer {
    try {
      return readFileSync(join(this.root, path));
    } catch (error) {
      throw this.unreadable(error);
    }
  }

  private async reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.unreadable(error);
    }
  }

  private unreadable(error: unknown): Error {
    if (error instanceof EvidenceError) return error;
    const { code, path = this.root } = error as NodeJS.ErrnoException;
    return usage("bundle-unreadable", `${path} could not be read (${code}).`);
  }

  async scan(sinkFor?: (path: string, size: number) => Sink | Promise<Sink>): Promise<readonly ListedFile[]> {
    const files: ListedFile[] = [];
    for (const { path, size } of await this.outline()) {
      const sink = await sinkFor?.(path, size);
      files.push({ path, ...(await this.reading(() => digestFile(join(this.root, path), sink))) });
    }
    return files;
  }
}

/** The order of files in a bundle: by the octets of their paths. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Writes the folder form. The folder appears under its name only when it is whole. */
export class FolderWriter implements BundleWriter {
  private readonly target: string;
  private readonly partial: PartialOutput;
  private readonly written = new Set<string>();

  private constructor(target: string, partial: PartialOutput) {
    this.target = target;
    this.partial = partial;
  }

  /** @throws EvidenceError when there is something of that name, or it cannot be made */
  static async create(target: string): Promise<FolderWriter> {
    if (await lstat(target).catch(() => undefined)) {
      throw usage("output-exists", `${target} exists. Name a folder that does not.`);
    }
    const partial = new PartialOutput(target);
    try {
      await mkdir(partial.path);
    } catch (error) {
      partial.keep();
      throw unwritable(target, error);
    }
    return new FolderWriter(target, partial);
  }

  async add(path: string, content: Uint8Array): Promise<ListedFile> {
    const place = this.place(path);
    await this.trying(async () => {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, content);
    });
    return { path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }

  async copy(path: string, source: string): Promise<ListedFile> {
    const place = this.place(path);
    closeSync(openRegular(source));
    await this.trying(async () => {
      await mkdir(dirname(place), { recursive: true });
      await copyFile(source, place);
    });
    return { path, ...(await digestFile(place, undefined)) };
  }

  async finish(): Promise<void> {
    await this.trying(async () => {
      for (const path of this.written) await synchronise(path);
      await this.partial.finish();
    });
  }

  private async trying(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw unwritable(this.target, error);
    }
  }

  private place(path: string): string {
    if (!isSafePath(path))
      throw usage("path-unusable", `The path ${JSON.stringify(path)} cannot be kept in a bundle.`);
    const place = join(this.partial.path, path);
    this.written.add(place).add(dirname(place));
    return place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.partial[Symbol.dispose]();
  }
}
