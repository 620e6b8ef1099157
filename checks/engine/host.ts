import type { Diagnostic } from "#base/diagnostic.ts";
import { decodeText, type FileSource, notUtf8 } from "#base/files.ts";
import { startOfFile } from "#base/location.ts";
import type { CollectHost, CollectOptions } from "#facts/collector.ts";
import { type Dependency, digestOf } from "./cache.ts";

interface ReadFile {
  readonly text: string | undefined;
  readonly digest: string | null;
}

/** Reads each file once per run and keeps what was wrong with it. */
export class FileStore {
  readonly diagnostics: Diagnostic[] = [];
  private readonly source: FileSource;
  private readonly files = new Map<string, ReadFile>();
  private readonly folders = new Map<string, readonly string[]>();

  constructor(source: FileSource) {
    this.source = source;
  }

  read(path: string): ReadFile {
    let file = this.files.get(path);
    if (file === undefined) {
      file = this.load(path);
      this.files.set(path, file);
    }
    return file;
  }

  /** Whether the text of a file was asked for and is there. */
  wasRead(path: string): boolean {
    return this.files.get(path)?.text !== undefined;
  }

  /** Every file whose octets were read, with their SHA-256 in hexadecimal. */
  inputs(): { readonly path: string; readonly sha256: string }[] {
    return [...this.files]
      .flatMap(([path, { text, digest }]) =>
        text === undefined || digest === null
          ? []
          : [{ path, sha256: Buffer.from(digest, "base64url").toString("hex") }],
      )
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  list(folder: string): readonly string[] {
    let names = this.folders.get(folder);
    if (names === undefined) {
      names = this.source.list(folder);
      this.folders.set(folder, names);
    }
    return names;
  }

  private load(path: string): ReadFile {
    const found = this.source.read(path);
    if (found === undefined) return { text: undefined, digest: null };
    if ("problem" in found) {
      this.diagnostics.push(found.problem);
      return { text: undefined, digest: found.problem.code };
    }
    const text = decodeText(found.bytes);
    if (text === undefined) {
      this.diagnostics.push({
        level: "error",
        code: "file-not-utf8",
        message: notUtf8,
        location: startOfFile(path),
      });
    }
    return { text, digest: digestOf(found.bytes) };
  }
}

/** What one unit's collector sees; it remembers what was looked at. */
export class RecordingHost implements CollectHost {
  readonly options: CollectOptions;
  private readonly store: FileStore;
  private readonly reads = new Map<string, string | null>();
  private readonly listed = new Map<string, string>();

  constructor(store: FileStore, options: CollectOptions) {
    this.store = store;
    this.options = options;
  }

  read(path: string): string | undefined {
    const file = this.store.read(path);
    this.reads.set(path, file.digest);
    return file.text;
  }

  list(folder: string): readonly string[] {
    const names = this.store.list(folder);
    this.listed.set(folder, digestOf(names.join("\n")));
    return names;
  }

  get dependencies(): readonly Dependency[] {
    return [...this.reads];
  }

  get folders(): readonly Dependency[] {
    return [...this.listed];
  }
}
