import type { Diagnostic } from "#base/diagnostic.ts";
import { decodeText, type FileSource, maximumDocumentBytes, notUtf8 } from "#base/files.ts";
import { startOfFile } from "#base/location.ts";
import type { CollectHost, CollectOptions } from "#facts/collector.ts";
import { type Dependency, digestOf } from "./cache.ts";
import { type DecisionComment, findDecisionComments } from "./decision-comments.ts";

interface ReadFile {
  readonly text: string | undefined;
  readonly digest: string | null;
}

/** A file that was read, beside its text. */
interface SeenFile {
  /** Null where there is none; the code of the problem where it could not be read. */
  readonly digest: string | null;
  /** Octets; undefined where there is no text. */
  readonly size: number | undefined;
  /** Nothing but white space. */
  readonly isBlank: boolean;
}

const unreadable = { text: undefined, size: undefined, isBlank: false } as const;

/** How many characters of texts are kept at hand. What was read longest ago is read again when it is asked for again. */
const keptCharacters = 4 * 1024 * 1024;

/** A file that was judged. */
export interface InputFile {
  readonly path: string;
  /** Octets. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Gives one state of each file during a run, and keeps what was wrong with it. */
export class FileStore {
  readonly diagnostics: Diagnostic[] = [];
  /** Comments that point to decisions, in the files that were read. */
  readonly comments: DecisionComment[] = [];
  private readonly source: FileSource;
  private readonly files = new Map<string, SeenFile>();
  /** Files whose octets count, whatever they say. */
  private readonly documents = new Map<string, Pick<SeenFile, "digest" | "size">>();
  /** In the order of their last use. */
  private readonly texts = new Map<string, string>();
  private characters = 0;
  private readonly folders = new Map<string, readonly string[]>();

  constructor(source: FileSource) {
    this.source = source;
  }

  read(path: string): ReadFile {
    const seen = this.files.get(path);
    if (seen === undefined) {
      const { text, ...file } = this.load(path);
      this.files.set(path, file);
      this.comments.push(...findDecisionComments(path, text ?? ""));
      if (text !== undefined) this.keep(path, text);
      return { text, digest: file.digest };
    }
    if (seen.size === undefined) return { text: undefined, digest: seen.digest };
    return { text: this.keep(path, this.texts.get(path) ?? this.loadAgain(path, seen)), digest: seen.digest };
  }

  /** SHA-256 in base64url, or what `SeenFile` says. */
  digest(path: string): string | null {
    return (this.files.get(path) ?? this.read(path)).digest;
  }

  /** The octets of a file that need not be text. */
  document(path: string): Pick<SeenFile, "digest" | "size"> {
    let seen = this.documents.get(path);
    if (seen === undefined) {
      const found = this.source.read(path, maximumDocumentBytes);
      if (found === undefined) seen = { digest: null, size: undefined };
      else if ("problem" in found) {
        this.diagnostics.push(found.problem);
        seen = { digest: found.problem.code, size: undefined };
      } else seen = { digest: digestOf(found.bytes), size: found.bytes.length };
      this.documents.set(path, seen);
    }
    return seen;
  }

  /** True for a text of nothing but white space. */
  isBlank(path: string): boolean {
    if (!this.files.has(path)) this.read(path);
    return this.files.get(path)?.isBlank === true;
  }

  /** Whether the text of a file was asked for and is there. */
  wasRead(path: string): boolean {
    return this.files.get(path)?.size !== undefined;
  }

  /** Every file whose octets were read. */
  inputs(): InputFile[] {
    return [...new Map([...this.files, ...this.documents])]
      .flatMap(([path, { size, digest }]) =>
        size === undefined || digest === null
          ? []
          : [{ path, size, sha256: Buffer.from(digest, "base64url").toString("hex") }],
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

  private keep(path: string, text: string | undefined): string | undefined {
    const earlier = this.texts.get(path);
    if (earlier !== undefined) this.forget(path, earlier);
    if (text === undefined) return undefined;
    this.texts.set(path, text);
    this.characters += text.length;
    for (const [oldest, itsText] of this.texts) {
      if (this.characters <= keptCharacters || oldest === path) break;
      this.forget(oldest, itsText);
    }
    return text;
  }

  private forget(path: string, text: string): void {
    this.texts.delete(path);
    this.characters -= text.length;
  }

  /** The same text once more; none, and a diagnostic, where the file has changed since. */
  private loadAgain(path: string, seen: SeenFile): string | undefined {
    const found = this.source.read(path);
    if (found !== undefined && "bytes" in found && digestOf(found.bytes) === seen.digest)
      return decodeText(found.bytes);
    this.files.set(path, { digest: "file-changed", size: undefined, isBlank: false });
    this.diagnostics.push({
      level: "error",
      code: "file-changed",
      message: "The file changed while it was judged. Run again when nobody writes to it.",
      location: startOfFile(path),
    });
    return undefined;
  }

  private load(path: string): SeenFile & { readonly text: string | undefined } {
    const found = this.source.read(path);
    if (found === undefined) return { ...unreadable, digest: null };
    if ("problem" in found) {
      this.diagnostics.push(found.problem);
      return { ...unreadable, digest: found.problem.code };
    }
    const digest = digestOf(found.bytes);
    const text = decodeText(found.bytes);
    if (text !== undefined) return { text, digest, size: found.bytes.length, isBlank: text.trim() === "" };
    this.diagnostics.push({
      level: "error",
      code: "file-not-utf8",
      message: notUtf8,
      location: startOfFile(path),
    });
    return { ...unreadable, digest };
  }
}

/** What one unit's collector sees; it remembers what was looked at. */
export class RecordingHost implements CollectHost {
  readonly options: CollectOptions;
  private readonly store: FileStore;
  private readonly reads = new Map<string, string | null>();
  private readonly held = new Map<string, string | null>();
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

  holds(path: string): boolean | undefined {
    const { digest, size } = this.store.document(path);
    this.held.set(path, digest);
    return digest === null ? false : size === undefined ? undefined : size > 0;
  }

  list(folder: string): readonly string[] {
    const names = this.store.list(folder);
    this.listed.set(folder, digestOf(names.join("\n")));
    return names;
  }

  get dependencies(): readonly Dependency[] {
    return [...this.reads];
  }

  get documents(): readonly Dependency[] {
    return [...this.held];
  }

  get folders(): readonly Dependency[] {
    return [...this.listed];
  }
}
