import type { Span } from "#base/location.ts";

/** White space to Postfix: that of the C locale. */
const space = /[ \t\v\f\r]/;

/** One logical line: a physical line and those that continue it, without line ends and without comments between them. */
export class LogicalLine {
  readonly text: string;
  /** Comment lines between the parts: they do not end the line. */
  readonly comments: readonly Span[];
  private readonly source: string;
  private readonly pieces: readonly Span[];

  constructor(source: string, pieces: readonly Span[], comments: readonly Span[]) {
    this.source = source;
    this.text = pieces.map(({ start, end }) => source.slice(start, end)).join("");
    this.pieces = pieces;
    this.comments = comments;
  }

  /** The offset in the source of a character of `text`; of its end, the offset behind its last character. */
  offset(index: number): number {
    let before = 0;
    for (const { start, end } of this.pieces) {
      const length = end - start;
      if (index < before + length) return start + index - before;
      before += length;
    }
    return this.pieces.at(-1)?.end ?? 0;
  }

  /** The text of a range of the source. */
  sourceText({ start, end }: Span): string {
    return this.source.slice(start, end);
  }

  /** The range in the source of a part of `text`. */
  span(start: number, end: number): Span {
    if (end <= start) return { start: this.offset(start), end: this.offset(start) };
    return { start: this.offset(start), end: this.offset(end - 1) + 1 };
  }
}

export interface LogicalLines {
  readonly lines: readonly LogicalLine[];
  /** Indented text with nothing before it to continue: Postfix drops it with a warning. */
  readonly dropped: readonly Span[];
}

/**
 * Splits text as Postfix's readlline does: a line that begins with white space continues the one before; blank lines
 * and lines whose first visible character is `#` are passed over, also inside a continuation, and do not end it.
 */
export function readLogicalLines(text: string): LogicalLines {
  const lines: LogicalLine[] = [];
  const dropped: Span[] = [];
  let pieces: Span[] = [];
  let comments: Span[] = [];
  let pending: Span[] = [];
  const finish = (): void => {
    const [first] = pieces;
    const last = pieces.at(-1);
    if (first !== undefined && last !== undefined) {
      if (space.test(text[first.start] ?? "")) dropped.push({ start: first.start, end: last.end });
      else lines.push(new LogicalLine(text, pieces, comments));
    }
    pieces = [];
    comments = [];
    pending = [];
  };
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf("\n", start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const visible = skipSpace(text, start, end);
    if (visible === end || text[visible] === "#") {
      if (visible < end && pieces.length > 0) pending.push({ start: visible, end });
    } else {
      if (!space.test(text[start] ?? "")) finish();
      comments.push(...pending);
      pending = [];
      pieces.push({ start, end });
    }
    start = end + 1;
  }
  finish();
  return { lines, dropped };
}

export function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && space.test(text[at] ?? "")) at += 1;
  return at;
}

/** The end of text without the white space behind it. */
export function trimSpace(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && space.test(text[at - 1] ?? "")) at -= 1;
  return at;
}
