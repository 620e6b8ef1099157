import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location } from "#base/location.ts";
import { type LogicalLine, readLogicalLines, skipSpace, trimSpace } from "./logical-lines.ts";

/** One `key value` of the source text of a lookup table. */
export interface TableEntry {
  /** As it is written, with the quotes of a key that holds white space. */
  readonly key: string;
  readonly value: string;
  readonly location: Location;
  readonly valueLocation: Location;
}

export interface TableFile {
  /** In the order of the file. Of several with one key the first one counts. */
  readonly entries: readonly TableEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One `/pattern/flags value` of a regexp or pcre table. */
export interface PatternEntry {
  /** The text between the delimiters. */
  readonly pattern: string;
  readonly negated: boolean;
  readonly value: string;
  /** The entry stands between `if` and `endif`. */
  readonly conditional: boolean;
  readonly location: Location;
  readonly valueLocation: Location;
}

export interface PatternFile {
  readonly entries: readonly PatternEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the text that `postmap` makes an indexed table of, or that `texthash:` and `cidr:` read as it is. */
export function readTableFile(path: string, text: string): TableFile {
  const index = new LineIndex(path, text);
  const entries: TableEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const line of readLogicalLines(text).lines) {
    const keyEnd = endOfKey(line.text);
    const valueStart = skipSpace(line.text, keyEnd, line.text.length);
    const valueEnd = trimSpace(line.text, valueStart, line.text.length);
    if (valueStart === line.text.length) {
      diagnostics.push(ignored(line, index, "it has a key and no value"));
      continue;
    }
    entries.push({
      key: line.text.slice(0, keyEnd),
      value: line.text.slice(valueStart, valueEnd),
      location: index.location(line.span(0, valueEnd)),
      valueLocation: index.location(line.span(valueStart, valueEnd)),
    });
  }
  return { entries, diagnostics };
}

/** Reads a regexp or pcre table. */
export function readPatternFile(path: string, text: string): PatternFile {
  const index = new LineIndex(path, text);
  const entries: PatternEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  let depth = 0;
  for (const line of readLogicalLines(text).lines) {
    if (/^if\s/i.test(line.text)) depth += 1;
    else if (/^endif\s*$/i.test(line.text)) depth = Math.max(0, depth - 1);
    else {
      const parts = splitPattern(line.text);
      if (parts === undefined)
        diagnostics.push(ignored(line, index, "it is not in the form /pattern/ value"));
      else {
        const { pattern, negated, value, valueStart } = parts;
        const valueEnd = valueStart + value.length;
        entries.push({
          pattern,
          negated,
          value,
          conditional: depth > 0,
          location: index.location(line.span(0, valueEnd)),
          valueLocation: index.location(line.span(valueStart, valueEnd)),
        });
      }
    }
  }
  return { entries, diagnostics };
}

/** Splits `/pattern/flags value`; any punctuation can stand for the slashes. */
export function splitPattern(text: string):
  | {
      readonly pattern: string;
      readonly negated: boolean;
      readonly value: string;
      readonly valueStart: number;
    }
  | undefined {
  let at = 0;
  while (text[at] === "!") at = skipSpace(text, at + 1, text.length);
  const negated = text.slice(0, at).split("!").length % 2 === 0;
  const delimiter = text[at];
  if (delimiter === undefined || /[\w\s\\]/.test(delimiter)) return undefined;
  const start = at + 1;
  let end = start;
  while (end < text.length && text[end] !== delimiter) end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) return undefined;
  const flags = /^\w*/.exec(text.slice(end + 1))?.[0] ?? "";
  const valueStart = skipSpace(text, end + 1 + flags.length, text.length);
  const valueEnd = trimSpace(text, valueStart, text.length);
  return { pattern: text.slice(start, end), negated, value: text.slice(valueStart, valueEnd), valueStart };
}

function ignored(line: LogicalLine, index: LineIndex, why: string): Diagnostic {
  return {
    level: "warning",
    code: "postfix-table-line",
    message: `Postfix passes over this line: ${why}. Complete it, or remove it.`,
    location: index.location(line.span(0, line.text.length)),
  };
}

/** A key ends at white space outside double quotes. */
function endOfKey(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && skipSpace(text, at, at + 1) > at) return at;
  }
  return text.length;
}
