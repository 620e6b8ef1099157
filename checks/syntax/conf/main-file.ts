import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location } from "#base/location.ts";
import { type LogicalLine, readLogicalLines, skipSpace, trimSpace } from "./logical-lines.ts";
import { isInsertion, switchPrefix, templateControl } from "./template.ts";

/** One `name = value`. */
export interface Setting {
  readonly name: string;
  /** Without white space around it; that inside stays as it is. */
  readonly value: string;
  /** From the name to the end of the value. */
  readonly location: Location;
  /** The value alone; the name where the value is empty. */
  readonly valueLocation: Location;
  /** The place of a part of the value. */
  readonly locate: (start: number, end: number) => Location;
  /** The setting stands between the control lines of a template (`{% if … %}`), so that it may not be there at all. */
  readonly conditional: boolean;
}

export interface MainFile {
  /** In the order of the file. Of several with one name the last one counts. */
  readonly settings: readonly Setting[];
  /** Lines that name a parameter and set nothing, so that nobody can say what was meant. */
  readonly unread: readonly { readonly name: string; readonly location: Location }[];
  /** Lines of a template that give way to settings from elsewhere, so that any parameter may be set there. */
  readonly insertions: readonly Location[];
  /** Control lines of a template language, which is none of Postfix's. */
  readonly templateLines: readonly Location[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Where a name and a value stand in `name = value`; words when they do not. */
export interface NameValue {
  readonly name: string;
  readonly value: string;
  readonly nameStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Splits `name = value` as Postfix does. A text is what Postfix says where that fails. */
export function splitNameValue(text: string): NameValue | string {
  const nameStart = skipSpace(text, 0, text.length);
  if (nameStart === text.length || text[nameStart] === "=") return "missing attribute name";
  let nameEnd = nameStart;
  while (
    nameEnd < text.length &&
    text[nameEnd] !== "=" &&
    skipSpace(text, nameEnd, nameEnd + 1) === nameEnd
  ) {
    nameEnd += 1;
  }
  const equals = skipSpace(text, nameEnd, text.length);
  if (text[equals] !== "=") return "missing '=' after attribute name";
  const valueStart = skipSpace(text, equals + 1, text.length);
  const valueEnd = trimSpace(text, valueStart, text.length);
  return {
    name: text.slice(nameStart, nameEnd),
    value: text.slice(valueStart, valueEnd),
    nameStart,
    valueStart,
    valueEnd,
  };
}

/** Reads a `main.cf`, or another file of the same form (the client configuration of a database table). */
export function readMainFile(path: string, text: string): MainFile {
  const index = new LineIndex(path, text);
  const { lines, dropped } = readLogicalLines(text);
  const settings: Setting[] = [];
  const unread: { name: string; location: Location }[] = [];
  const insertions: Location[] = [];
  const templateLines: Location[] = [];
  let depth = 0;
  const diagnostics: Diagnostic[] = dropped.map((span) => ({
    level: "warning",
    code: "postfix-text-dropped",
    message:
      "This text is indented and follows no setting, so Postfix drops it. Begin it in the first column, or remove it.",
    location: index.location(span),
  }));
  for (const line of lines) {
    if (isInsertion(line.text)) {
      const location = index.location(line.span(0, line.text.length));
      insertions.push(location);
      templateLines.push(location);
      continue;
    }
    const control = templateControl(line.text);
    if (control !== undefined) {
      templateLines.push(index.location(line.span(0, line.text.length)));
      depth = Math.max(0, depth + control);
      continue;
    }
    const parts = splitNameValue(line.text);
    if (typeof parts === "string") {
      diagnostics.push(refused(parts, line, index));
      const name = /[^\s=]+/.exec(line.text)?.[0] ?? "";
      unread.push({ name, location: index.location(line.span(0, line.text.length)) });
      continue;
    }
    const prefix = switchPrefix(parts.name).length;
    const named = { ...parts, name: parts.name.slice(prefix), nameStart: parts.nameStart + prefix };
    settings.push({ ...settingOf(named, line, index), conditional: depth > 0 || prefix > 0 });
  }
  return { settings, unread, insertions, templateLines, diagnostics };
}

function refused(why: string, line: LogicalLine, index: LineIndex): Diagnostic {
  return {
    level: "error",
    code: "postfix-main-syntax",
    message: `Postfix does not start with this line: ${why}. Write it as "name = value", or remove it.`,
    location: index.location(line.span(0, line.text.length)),
  };
}

export function settingOf(parts: NameValue, line: LogicalLine, index: LineIndex, offset = 0): Setting {
  const { name, value } = parts;
  const [nameStart, valueStart, valueEnd] = [parts.nameStart, parts.valueStart, parts.valueEnd].map(
    (at) => at + offset,
  ) as [number, number, number];
  const nameSpan = line.span(nameStart, nameStart + name.length);
  const valueSpan = value === "" ? nameSpan : line.span(valueStart, valueEnd);
  return {
    name,
    value,
    location: index.location({ start: nameSpan.start, end: Math.max(nameSpan.end, valueSpan.end) }),
    valueLocation: index.location(valueSpan),
    locate: (start, end) => index.location(line.span(valueStart + start, valueStart + end)),
    conditional: false,
  };
}
