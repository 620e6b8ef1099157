/** A range in a file. Lines and columns count from 1; `endColumn` is the column after the last character. */
export interface Location {
  /** Path relative to the folder the command ran in, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A half-open range of UTF-16 offsets in one text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Turns offsets of one text into lines and columns. Built once per file; look-ups are logarithmic. */
export class LineIndex {
  readonly file: string;
  private readonly starts: number[];
  private readonly length: number;

  constructor(file: string, text: string) {
    this.file = file;
    this.length = text.length;
    this.starts = [0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  /** Line and column (both from 1) of an offset; offsets beyond the text are clamped to its end. */
  position(offset: number): { line: number; column: number } {
    const clamped = Math.max(0, Math.min(offset, this.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: clamped - (this.starts[low] ?? 0) + 1 };
  }

  /** The offset of a line and column (both from 1); a line beyond the text is its end. */
  offset(line: number, column: number): number {
    return Math.min((this.starts[line - 1] ?? this.length) + column - 1, this.length);
  }

  location(span: Span): Location {
    const start = this.position(span.start);
    const end = this.position(span.end);
    return {
      file: this.file,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    };
  }
}

/** The place where a file begins: used where absence of a setting decides and no line makes it due. */
export function startOfFile(file: string): Location {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}

export function compareLocations(a: Location, b: Location): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || a.endLine - b.endLine || a.endColumn - b.endColumn;
}
