import { posix } from "node:path";
import { ts } from "ts-morph";
import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location, startOfFile } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { ModuleResolver } from "./modules.ts";

/** One parsed file. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly node: ts.SourceFile;
  readonly lines: LineIndex;
  /** The first thing that the parser found wrong with it, and the offset from which on the tree cannot be trusted. */
  readonly error?: { readonly diagnostic: Diagnostic; readonly start: number };
}

/** The parsed files of one project: those with transports, and whatever they turn out to need. */
export class SourceFiles {
  readonly diagnostics: Diagnostic[] = [];
  private readonly host: CollectHost;
  private readonly resolver: ModuleResolver;
  private readonly byPath = new Map<string, SourceFile | undefined>();
  private readonly byNode = new Map<ts.SourceFile, SourceFile>();

  constructor(host: CollectHost) {
    this.host = host;
    this.resolver = new ModuleResolver(host);
  }

  /** Parses a file on first use. Undefined where there is none, or where it cannot be parsed at all. */
  open(path: string): SourceFile | undefined {
    if (!this.byPath.has(path)) this.byPath.set(path, this.parse(path));
    return this.byPath.get(path);
  }

  /** The file of the project that an import leads to; undefined for packages. */
  resolve(from: ts.Node, specifier: string): string | undefined {
    return this.resolver.resolve(this.of(from).path, specifier);
  }

  /** Whether the parser had trouble before the end of the statement that a node is part of. */
  isBroken(node: ts.Node): boolean {
    const { error } = this.of(node);
    if (error === undefined) return false;
    let statement = node;
    while (statement.parent !== undefined && !ts.isSourceFile(statement.parent)) statement = statement.parent;
    return error.start <= statement.getEnd();
  }

  of(node: ts.Node): SourceFile {
    const found = this.byNode.get(node.getSourceFile());
    if (found === undefined) throw new Error("A node of a file that was not opened");
    return found;
  }

  locate(node: ts.Node): Location {
    const file = this.of(node);
    return file.lines.location({ start: node.getStart(file.node), end: node.getEnd() });
  }

  private parse(path: string): SourceFile | undefined {
    const text = this.host.read(path);
    if (text === undefined) return undefined;
    try {
      const node = ts.createSourceFile(posix.basename(path), text, ts.ScriptTarget.Latest, true);
      const lines = new LineIndex(path, text);
      const error = syntaxError(node, lines);
      const file = { path, text, node, lines, ...(error === undefined ? {} : { error }) };
      this.byNode.set(node, file);
      return file;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.tooDeep(path);
      return undefined;
    }
  }

  /** Reports a file whose nesting goes beyond what can be walked. */
  tooDeep(path: string): void {
    this.diagnostics.push({
      level: "error",
      code: "typescript-nesting",
      message: "The file is nested too deeply to be read, so it was not judged. Simplify or exclude it.",
      location: startOfFile(path),
    });
  }
}

/** What the parser keeps on a file, and what the public interface only gives away with a whole program around it. */
type WithDiagnostics = ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] };

function syntaxError(node: ts.SourceFile, lines: LineIndex): SourceFile["error"] {
  const [first, ...others] = (node as WithDiagnostics).parseDiagnostics;
  if (first === undefined) return undefined;
  const words = ts.flattenDiagnosticMessageText(first.messageText, " ").replace(/\.$/, "");
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  const diagnostic: Diagnostic = {
    level: "error",
    code: "typescript-syntax",
    message: `The file does not parse: ${words}${more}. Mend it; from here on nothing in it was judged.`,
    location: lines.location({ start: first.start, end: first.start + first.length }),
  };
  return { diagnostic, start: first.start };
}
