import type { Location } from "#base/location.ts";
import { maskSecrets } from "./mask.ts";
import type { Style } from "./style.ts";
import { printable } from "./text.ts";

const contextLines = 1;
/** What is kept to the left of a span that lies beyond the right edge. */
const leadBefore = 20;
const narrowest = 20;

interface FrameLook {
  readonly style: Style;
  /** Columns that a line of the frame may take. */
  readonly columns: number;
}

/**
 * The lines around a place with the exact span underlined. Empty where the text is not at hand.
 * @param secrets places in the file whose text is never shown
 */
export function codeFrame(
  text: string | undefined,
  location: Location,
  secrets: readonly Location[],
  { style, columns }: FrameLook,
): string[] {
  const lines = text?.split("\n");
  if (lines?.[location.line - 1] === undefined) return [];
  const first = Math.max(1, location.line - contextLines);
  const last = Math.min(lines.length, location.line + contextLines);
  const gutter = String(last).length;
  const room = Math.max(narrowest, columns - gutter - "> ".length - " │ ".length);
  const start = windowStart(lines[location.line - 1] ?? "", location, room);
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const line = lines[number - 1] ?? "";
    if (number !== location.line && line.trim() === "") {
      if (number > location.line) break;
      continue;
    }
    const masked = maskSecrets(line.slice(0, start + 2 * room), number, secrets);
    const mark = number === location.line ? style("red", ">") : " ";
    const label = style("dim", `${String(number).padStart(gutter)} │`);
    frame.push(`${mark} ${label} ${printable(cut(masked, line.length, start, room))}`.trimEnd());
    if (number === location.line) {
      const underline = underlineOf(line, location, start, room);
      frame.push(`  ${style("dim", `${" ".repeat(gutter)} │`)} ${style("red", underline)}`);
    }
  }
  return frame;
}

/** The first character that is shown: the span begins within the frame. */
function windowStart(line: string, { column }: Location, room: number): number {
  return line.length > room && column > room - leadBefore ? Math.max(0, column - 1 - leadBefore) : 0;
}

/** The part of a line that is shown, with `…` where something is left out. A tab takes one column. */
function cut(line: string, length: number, start: number, room: number): string {
  const shown = line.slice(start, start + room).replaceAll("\t", " ");
  const head = start > 0 ? `…${shown.slice(1)}` : shown;
  return length > start + room ? `${head.slice(0, -1)}…` : head;
}

function underlineOf(line: string, location: Location, start: number, room: number): string {
  const from = location.column - 1 - start;
  const end = location.endLine === location.line ? location.endColumn - 1 : line.trimEnd().length;
  const to = Math.min(room, Math.max(end - start, from + 1));
  return " ".repeat(from) + "^".repeat(Math.max(1, to - from));
}
