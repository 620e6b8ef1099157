import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location } from "#base/location.ts";
import { type LogicalLine, readLogicalLines } from "./logical-lines.ts";
import { type Setting, settingOf, splitNameValue } from "./main-file.ts";
import { switchPrefix, templateControl } from "./template.ts";

/** One service of `master.cf`. */
export interface Service {
  readonly name: string;
  /** `inet`, `unix`, `fifo`, `pass`, `unix-dgram`. */
  readonly type: string;
  /** The program without its folder: `smtpd`, `pipe`. */
  readonly program: string;
  /** `-o name=value` and `-o { name = value }` in the order written; of two with one name the last one counts. */
  readonly overrides: readonly Setting[];
  /** How often `-v` (verbose logging) is given, and where first. */
  readonly verbose: number;
  readonly verboseLocation?: Location;
  /** The columns from the name to the program. */
  readonly location: Location;
  /** No file has it: it is one that Postfix comes with. */
  readonly isAssumed?: true;
}

export interface MasterFile {
  /** Of two with one name and type the last one counts, and only that one is here. */
  readonly services: readonly Service[];
  /** Control lines of a template language, which is none of Postfix's. */
  readonly templateLines: readonly Location[];
  readonly diagnostics: readonly Diagnostic[];
}

const types = ["unix", "fifo", "inet", "pass", "unix-dgram"];
const columns = ["name", "type", "private", "unprivileged", "chroot", "wakeup", "process limit", "command"];
const programColumn = 7;

interface Token {
  readonly text: string;
  readonly start: number;
}

/** Reads a `master.cf`. */
export function readMasterFile(path: string, text: string): MasterFile {
  const index = new LineIndex(path, text);
  const { lines, dropped } = readLogicalLines(text);
  const diagnostics: Diagnostic[] = dropped.map((span) => ({
    level: "warning",
    code: "postfix-text-dropped",
    message:
      "This text is indented and belongs to no service, so Postfix drops it. Put its service back, or remove it.",
    location: index.location(span),
  }));
  const services = new Map<string, Service>();
  const templateLines: Location[] = [];
  for (const line of lines) {
    if (templateControl(line.text) !== undefined) {
      templateLines.push(index.location(line.span(0, line.text.length)));
      continue;
    }
    const service = readService(line, index, diagnostics);
    if (service === undefined) continue;
    const key = `${service.name}/${service.type}`;
    services.delete(key);
    services.set(key, service);
  }
  return { services: [...services.values()], templateLines, diagnostics };
}

/** Splits at white space outside braces. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  let start = -1;
  let level = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at] ?? " ";
    const separates = at === text.length || (level <= 0 && " \t\r\n".includes(character));
    if (!separates) {
      if (start === -1) start = at;
      if (character === "{") level += 1;
      else if (character === "}") level -= 1;
    } else if (start !== -1) {
      found.push({ text: text.slice(start, at), start });
      start = -1;
      level = 0;
    }
  }
  return found;
}

function readService(line: LogicalLine, index: LineIndex, diagnostics: Diagnostic[]): Service | undefined {
  const words = tokens(line.text);
  const refuse = (message: string, token?: Token): undefined => {
    const [start, end] =
      token === undefined ? [0, line.text.length] : [token.start, token.start + token.text.length];
    diagnostics.push({
      level: "error",
      code: "postfix-master-syntax",
      message,
      location: index.location(line.span(start, end)),
    });
  };
  const [name, type] = words;
  const command = words[programColumn];
  if (name === undefined || type === undefined || command === undefined) {
    return refuse(
      `A service has eight columns (${columns.join(", ")}) and this one has ${words.length}, so Postfix does not start. Complete it, or remove it.`,
    );
  }
  const wrong = wrongColumn(words);
  if (wrong !== undefined) {
    return refuse(
      `"${wrong.token.text}" cannot stand in the column "${wrong.column}", so Postfix does not start. Correct it.`,
      wrong.token,
    );
  }
  orphanedOptions(line, index, diagnostics);
  const { overrides, verbose, verboseAt } = readOptions(words.slice(programColumn + 1), line, index, refuse);
  return {
    name: name.text.slice(switchPrefix(name.text).length),
    type: type.text,
    program: command.text.slice(command.text.lastIndexOf("/") + 1),
    overrides,
    verbose,
    ...(verboseAt === undefined
      ? {}
      : {
          verboseLocation: index.location(
            line.span(verboseAt.start, verboseAt.start + verboseAt.text.length),
          ),
        }),
    location: index.location(line.span(name.start, command.start + command.text.length)),
  };
}

function wrongColumn(
  words: readonly Token[],
): { readonly token: Token; readonly column: string } | undefined {
  const patterns = [
    /^/,
    new RegExp(`^(?:${types.join("|")})$`),
    /^[yn-]$/,
    /^[yn-]$/,
    /^[yn-]$/,
    /^(?:-|\d*)\??$/,
    /^(?:-|\d*)$/,
  ];
  for (const [column, pattern] of patterns.entries()) {
    const token = words[column];
    if (token !== undefined && !pattern.test(token.text)) return { token, column: columns[column] ?? "" };
  }
  return undefined;
}

/**
 * A service line that is commented out while its indented options survive: they now belong to the service above.
 */
function orphanedOptions(line: LogicalLine, index: LineIndex, diagnostics: Diagnostic[]): void {
  for (const comment of line.comments) {
    const location = index.location(comment);
    if (location.column > 1) continue;
    if (!looksLikeService(line.sourceText(comment))) continue;
    diagnostics.push({
      level: "warning",
      code: "postfix-options-orphaned",
      message:
        "This service is commented out but the indented lines behind it are not, so Postfix reads them as part of the service above. Comment them out too, or remove them.",
      location,
    });
  }
}

function looksLikeService(comment: string): boolean {
  const words = comment.replace(/^#+\s*/, "").split(/\s+/);
  return (
    words.length > programColumn &&
    types.includes(words[1] ?? "") &&
    words.slice(2, 5).every((word) => /^[yn-]$/.test(word))
  );
}

function readOptions(
  words: readonly Token[],
  line: LogicalLine,
  index: LineIndex,
  refuse: (message: string, token?: Token) => undefined,
): { readonly overrides: readonly Setting[]; readonly verbose: number; readonly verboseAt?: Token } {
  const overrides: Setting[] = [];
  let verbose = 0;
  let verboseAt: Token | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || !word.text.startsWith("-") || word.text === "--") break;
    const letters = /^-([^o]*)(?:(o)(.*))?$/s.exec(word.text);
    const before = letters?.[1] ?? "";
    const repeated = before.split("v").length - 1;
    if (repeated > 0) verboseAt ??= word;
    verbose += repeated;
    if (letters?.[2] === undefined) continue;
    const inline = letters[3] ?? "";
    const value =
      inline === "" ? words[at + 1] : { text: inline, start: word.start + word.text.length - inline.length };
    if (inline === "") at += 1;
    const setting = value === undefined ? "nothing follows -o" : overrideOf(value, line, index);
    if (typeof setting === "string") {
      refuse(
        `This -o is not in the form "-o name=value" or "-o { name = value }": ${setting}. Correct it.`,
        value ?? word,
      );
    } else overrides.push(setting);
  }
  return { overrides, verbose, ...(verboseAt === undefined ? {} : { verboseAt }) };
}

function overrideOf(token: Token, line: LogicalLine, index: LineIndex): Setting | string {
  let { text, start } = token;
  if (text.startsWith("{")) {
    if (!text.endsWith("}")) return "a brace is never closed, or text follows it";
    text = text.slice(1, -1);
    start += 1;
  }
  const parts = splitNameValue(text);
  return typeof parts === "string" ? parts : settingOf(parts, line, index, start);
}
