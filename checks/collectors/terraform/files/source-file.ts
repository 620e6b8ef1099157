import { LineIndex, type Location, type Span } from "#base/location.ts";

/** A file that was read, able to say where in it something stands. */
export class SourceFile {
  /** Path relative to the folder the command ran in. */
  readonly path: string;
  readonly text: string;
  private index: LineIndex | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  location(span: Span): Location {
    this.index ??= new LineIndex(this.path, this.text);
    return this.index.location(span);
  }
}

/** A span of a file, turned into lines and columns only when somebody asks. */
export interface Place {
  readonly source: SourceFile;
  readonly span: Span;
}

export function locationOf(place: Place): Location {
  return place.source.location(place.span);
}
