import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { splitNameValue } from "#syntax/conf/main-file.ts";
import {
  type PatternEntry,
  readPatternFile,
  readTableFile,
  splitPattern,
  type TableEntry,
} from "#syntax/conf/table-file.ts";
import {
  databaseTypes,
  indexedTypes,
  insideBraces,
  type MapReference,
  patternTypes,
  splitList,
} from "./reference.ts";

/** A lookup table as far as it can be seen. */
export type Table =
  | {
      readonly kind: "entries";
      readonly entries: readonly TableEntry[];
      /** The entry that answers for a key in lower case: of several the first. */
      readonly byKey: ReadonlyMap<string, TableEntry>;
      readonly file?: string;
    }
  | { readonly kind: "patterns"; readonly entries: readonly PatternEntry[]; readonly file?: string }
  /** The same answer for every key. */
  | { readonly kind: "constant"; readonly value: string; readonly location: Location }
  | {
      readonly kind: "unseen";
      /** One clause: why its content is not known. */
      readonly reason: string;
      /** It may answer every key, and not only some. */
      readonly answersAll: boolean;
    };

/** Finds and reads the tables of one instance. */
export class Tables {
  readonly diagnostics: Diagnostic[] = [];
  private readonly host: CollectHost;
  private readonly folder: string;
  private readonly configurationFolder: string;
  private readonly read = new Map<string, Table>();

  /** @param configurationFolder where the files of `folder` lie on the server: `/etc/postfix` */
  constructor(host: CollectHost, folder: string, configurationFolder: string) {
    this.host = host;
    this.folder = folder;
    this.configurationFolder = configurationFolder.replace(/\/+$/, "");
  }

  /** @param location of the setting that names the table: where the entries of an inline table stand */
  open(reference: MapReference, location: Location): Table {
    const { file, line, column } = location;
    const key = `${reference.text}\n${file}:${line}:${column}`;
    let table = this.read.get(key);
    if (table === undefined) {
      table = openInline(reference, location) ?? this.openFile(reference);
      this.read.set(key, table);
    }
    return table;
  }

  /** The file among those given that stands for a path on the server, with its text. */
  find(path: string): { readonly file: string; readonly text: string } | undefined {
    for (const file of this.candidates(path)) {
      const text = this.host.read(file);
      if (text !== undefined) return { file, text };
    }
    return undefined;
  }

  private openFile(reference: MapReference): Table {
    const { type, name, text } = reference;
    const isPattern = patternTypes.has(type);
    if (!isPattern && !indexedTypes.has(type) && type !== "texthash" && type !== "cidr") {
      const where = databaseTypes.has(type) ? "a database" : "another program";
      return { kind: "unseen", reason: `${where} answers for ${text}`, answersAll: false };
    }
    const found = this.find(name);
    if (found === undefined) {
      const reason = `the table ${text} is not among the files that were given`;
      return { kind: "unseen", reason, answersAll: isPattern };
    }
    const { file } = found;
    if (isPattern) {
      const { entries, diagnostics } = readPatternFile(file, found.text);
      this.diagnostics.push(...diagnostics);
      return { kind: "patterns", entries, file };
    }
    const { entries, diagnostics } = readTableFile(file, found.text);
    this.diagnostics.push(...diagnostics);
    return { kind: "entries", entries, byKey: firstByKey(entries), file };
  }

  /** Places for a path: beside `main.cf` as deep as on the server, then by ever shorter ends of the path. */
  private candidates(path: string): string[] {
    const inFolder = (rest: string): string => (this.folder === "." ? rest : `${this.folder}/${rest}`);
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) return [];
    const found: string[] = [];
    if (path.startsWith(`${this.configurationFolder}/`)) {
      found.push(inFolder(path.slice(this.configurationFolder.length + 1)));
    }
    const above = `/${this.folder}`.endsWith(this.configurationFolder)
      ? this.folder.slice(0, this.folder.length - this.configurationFolder.length + 1)
      : undefined;
    if (above !== undefined && path.startsWith("/")) found.push(`${above}${path.slice(1)}`);
    for (let first = 0; first < parts.length; first += 1) found.push(inFolder(parts.slice(first).join("/")));
    return [...new Set(found)];
  }
}

/** A table whose content stands in the parameter itself; undefined for any other. */
function openInline({ type, name }: MapReference, location: Location): Table | undefined {
  if (type === "static") return { kind: "constant", value: insideBraces(name), location };
  if (type === "inline") {
    const entries = inlineEntries(name, location);
    return { kind: "entries", entries, byKey: firstByKey(entries) };
  }
  if (!patternTypes.has(type) || !name.trim().startsWith("{")) return undefined;
  return { kind: "patterns", entries: inlinePatterns(name, location) };
}

function firstByKey(entries: readonly TableEntry[]): ReadonlyMap<string, TableEntry> {
  return new Map(entries.toReversed().map((entry) => [entry.key.toLowerCase(), entry]));
}

/** The `key = value` pairs of `inline:{ … }`. */
function inlineEntries(name: string, location: Location): TableEntry[] {
  return splitList(insideBraces(name)).flatMap((word) => {
    const pair = splitNameValue(insideBraces(word));
    return typeof pair === "string"
      ? []
      : [{ key: pair.name, value: pair.value, location, valueLocation: location }];
  });
}

/** The `{/pattern/ value}` of `regexp:{ … }` and `pcre:{ … }`. */
function inlinePatterns(name: string, location: Location): PatternEntry[] {
  return splitList(insideBraces(name)).flatMap((word) => {
    const parts = splitPattern(insideBraces(word));
    if (parts === undefined) return [];
    const { pattern, negated, value } = parts;
    return [{ pattern, negated, value, conditional: false, location, valueLocation: location }];
  });
}
