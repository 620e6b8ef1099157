import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location } from "#base/location.ts";

/** One `NAME=value` of an environment file. */
export interface EnvironmentEntry {
  readonly name: string;
  /** The text as a program gets it: quotes removed, `\n` in double quotes a line end. */
  readonly value: string;
  /** The whole assignment. */
  readonly location: Location;
  /** The value holds `$NAME` or `${NAME}`, which some loaders replace and others hand over as it stands. */
  readonly expands: boolean;
}

export interface EnvironmentFile {
  /** In the order of the file; of two with one name the last one counts. */
  readonly entries: readonly EnvironmentEntry[];
  /** Lines that every loader passes over. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The lines of the npm package dotenv 16 and 17: `export`, `=` or `: `, three kinds of quotes, comments. */
const assignment =
  /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=[^\S\n]*|:[^\S\n]+)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)?([^#\n]*)(#[^\n]*)?(?:\n|$)/y;

const blank = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;

/**
 * Reads an environment file as the npm package dotenv and `node --env-file` do.
 * Where the two differ (`NAME: value`, `\"` inside double quotes) it reads as dotenv does.
 */
export function readEnvironmentFile(path: string, text: string): EnvironmentFile {
  const lines = new LineIndex(path, text);
  const entries: EnvironmentEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  let at = 0;
  while (at < text.length) {
    const end = matchAt(blank, text, at)?.[0].length;
    if (end !== undefined && end > 0) {
      at += end;
      continue;
    }
    const match = matchAt(assignment, text, at);
    const next = match === undefined ? endOfLine(text, at) : at + match[0].length;
    if (match === undefined) diagnostics.push(passedOver(lines, text, at));
    else entries.push(entryOf(match, lines, at));
    at = next;
  }
  return { entries, diagnostics };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

function entryOf(match: RegExpExecArray, lines: LineIndex, at: number): EnvironmentEntry {
  const [whole, name = "", quoted, rest = "", comment = ""] = match;
  const written = whole.replace(/\n$/, "");
  const lead = written.length - written.trimStart().length;
  const end = written.slice(0, written.length - comment.length).trimEnd().length;
  const location = lines.location({ start: at + lead, end: at + Math.max(end, lead) });
  const plain = quoted === undefined ? rest.trim() : quoted.slice(1, -1);
  const value = quoted?.startsWith('"') ? plain.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : plain;
  const expands = !(quoted?.startsWith("'") ?? false) && /\$\{?\w/.test(value);
  return { name, value, location, expands };
}

function passedOver(lines: LineIndex, text: string, at: number): Diagnostic {
  return {
    level: "warning",
    code: "env-line-ignored",
    message: "No loader reads this line. Write NAME=value, or start it with #.",
    location: lines.location({ start: at, end: text.slice(0, endOfLine(text, at)).trimEnd().length }),
  };
}
