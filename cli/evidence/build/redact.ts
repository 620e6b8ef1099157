import { LineIndex, type Location } from "#base/location.ts";

/** What stands for a secret, over and over: long enough and odd enough that it is not taken for a placeholder. */
const filler = "r3d4ct3d";

export interface Redaction {
  readonly line: number;
  readonly what: string;
}

/** As many characters as before, line ends kept, so that every other place keeps its line and column. */
function mask(text: string): string {
  return [...text.replace(/[^\r\n]/g, ".")]
    .map((character, index) => (character === "." ? (filler[index % filler.length] ?? "") : character))
    .join("");
}

/** Masks what stands between quotes, or, where there are none, everything but what separates values. */
function maskSpan(span: string): string {
  if (/["'`]/.test(span)) {
    return span.replace(
      /(["'`])((?:\\[\s\S]|(?!\1)[\s\S])*)(\1|$)/g,
      (_, open: string, text: string, close: string) => {
        return open + mask(text) + close;
      },
    );
  }
  return span.replace(/[^\s:=,]+/g, mask);
}

/**
 * A text with secrets masked character by character.
 * @param places where literal secrets stand in this file, as the engine says: without a byte-order mark, line ends as `\n`
 */
export function redact(
  text: string,
  places: readonly Location[],
): { readonly text: string; readonly redactions: readonly Redaction[] } {
  const byteOrderMark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let body = text.slice(byteOrderMark.length);
  const lines = new LineIndex("", body);
  const spans = places
    .map(
      ({ line, column, endLine, endColumn }) =>
        [lines.offset(line, column), lines.offset(endLine, endColumn)] as const,
    )
    .sort(([a], [b]) => b - a);
  for (const [start, end] of spans)
    body = body.slice(0, start) + maskSpan(body.slice(start, end)) + body.slice(end);
  const redacted = [...new Set(places.map(({ line }) => line))].sort((a, b) => a - b);
  return {
    text: byteOrderMark + body,
    redactions: redacted.map((line) => ({ line, what: "literal secret" })),
  };
}
