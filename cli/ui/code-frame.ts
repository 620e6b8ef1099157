import type { Location } from "#base/location.ts";
import { maskSecrets } from "./mask.ts";
import type { Style } from "./style.ts";
import { printable } from "./text.ts";

const contextLines = 1;
const longestLine = 160;

/**
 * The lines around a place with the exact span underlined. Empty where the text is not at hand.
 * @param secrets places in the file whose text is never shown
 */
export function codeFrame(
  text: string | undefined,
  location: Location,
  secrets: readonly Location[],
  style: Style,
): string[] {
  const lines = text?.split("\n");
  if (lines?.[location.line - 1] === undefined) return [];
  const first = Math.max(1, location.line - contextLines);
  const last = Math.min(lines.length, location.line + contextLines);
  const gutter = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const line = lines[number - 1] ?? "";
    if (number > location.line && line.trim() === "") break;
    if (number < location.line && line.trim() === "") continue;
    const mark = number === location.line ? style("red", ">") : " ";
    const label = style("dim", `${String(number).padStart(gutter)} │`);
    const shown = printable(clip(maskSecrets(line.slice(0, 2 * longestLine), number, secrets)));
    frame.push(`${mark} ${label} ${shown}`.trimEnd());
    if (number === location.line) {
      const underline = underlineOf(line, location);
      if (underline !== "")
        frame.push(`  ${style("dim", `${" ".repeat(gutter)} │`)} ${style("red", underline)}`);
    }
  }
  return frame;
}

function clip(line: string): string {
  const shown = line.replaceAll("\t", "  ");
  return shown.length > longestLine ? `${shown.slice(0, longestLine)}…` : shown;
}

function underlineOf(line: string, location: Location): string {
  const before = line.slice(0, location.column - 1).replaceAll("\t", "  ").length;
  const end = location.endLine === location.line ? location.endColumn - 1 : line.trimEnd().length;
  const span = line.slice(location.column - 1, end).replaceAll("\t", "  ").length;
  if (span === 0 || before >= longestLine) return "";
  return " ".repeat(before) + "^".repeat(Math.max(1, Math.min(span, longestLine - before)));
}
