import { parseHclJson } from "#syntax/hcl/json.ts";
import { type HclFile, parseHcl } from "#syntax/hcl/parser.ts";
import { SourceFile } from "./source-file.ts";

export interface ParsedFile extends HclFile {
  readonly source: SourceFile;
}

/** Characters of text whose trees are kept. */
const capacity = 1_000_000;

/**
 * Parses configuration files and keeps the trees of those that were asked for last: a module that is called by others
 * is read together with them, time and again.
 */
export class ParsedFiles {
  private readonly kept = new Map<string, ParsedFile>();
  private size = 0;

  /** @param isShared whether other modules will ask for the file as well */
  parse(path: string, text: string, isShared: boolean): ParsedFile {
    if (!isShared) return parseFile(path, text);
    const earlier = this.kept.get(path);
    if (earlier !== undefined) {
      this.kept.delete(path);
      this.size -= earlier.source.text.length;
    }
    const file = earlier?.source.text === text ? earlier : parseFile(path, text);
    this.kept.set(path, file);
    this.size += text.length;
    this.shrink();
    return file;
  }

  private shrink(): void {
    for (const [path, { source }] of this.kept) {
      if (this.size <= capacity) return;
      this.kept.delete(path);
      this.size -= source.text.length;
    }
  }
}

function parseFile(path: string, text: string): ParsedFile {
  const parsed = path.endsWith(".json") ? parseHclJson(text) : parseHcl(text);
  return { ...parsed, source: new SourceFile(path, text) };
}
