import type { Problem } from "./tree.ts";

/** Deeper nesting than this is refused; it keeps every reader of the tree far from the end of its stack. */
export const maximumDepth = 250;

/** More problems than this are not listed: the file is something else than HCL. */
const maximumProblems = 50;

export const code = {
  newline: 10,
  return: 13,
  quote: 34,
  hash: 35,
  dollar: 36,
  percent: 37,
  openParenthesis: 40,
  closeParenthesis: 41,
  star: 42,
  comma: 44,
  dash: 45,
  dot: 46,
  slash: 47,
  colon: 58,
  less: 60,
  equals: 61,
  greater: 62,
  question: 63,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
  tilde: 126,
} as const;

const startsIdentifier = /[\p{ID_Start}_]/u;
const continuesIdentifier = /[\p{ID_Continue}-]/u;

/** 1: starts an identifier, 2: continues one. */
const asciiClass = new Uint8Array(128);
for (let at = 0; at < 128; at++) {
  const character = String.fromCharCode(at);
  asciiClass[at] = (startsIdentifier.test(character) ? 1 : 0) | (continuesIdentifier.test(character) ? 2 : 0);
}

/** Unwinds to the item that cannot be read; never leaves the parser. */
export class Unreadable extends Error {}

/** Unwinds to the file that cannot be read any further; never leaves the parser. */
export class Hopeless extends Error {}

const unreadable = new Unreadable();
const hopeless = new Hopeless();

/** A position in a text, with what every level of the grammar needs to read on from there. */
export abstract class Scanner {
  readonly problems: Problem[] = [];
  protected readonly text: string;
  protected position = 0;
  /** Whether a newline ends what is being read: it does in a body and in `{ }`, not in `( )`, `[ ]` and `${ }`. */
  protected newlineEnds = true;
  protected depth = 0;
  /** What is open inside the current item: `(`, `[`, `{` and `"` as character codes, a heredoc as its marker. */
  protected readonly open: (number | string)[] = [];
  /** Comments over several lines and heredocs of the current item: what stands in them is no item. */
  protected readonly opaque: { readonly start: number; end: number }[] = [];
  /** The rest of the text belongs to something that is never closed. */
  protected isCutShort = false;

  constructor(text: string) {
    this.text = text;
  }

  protected report(message: string, start: number, end: number): void {
    if (this.isCutShort) return;
    this.problems.push({ message, start, end: Math.max(start, Math.min(end, this.text.length)) });
    if (this.problems.length >= maximumProblems) {
      const last = "Too many errors; the rest of the file was not read. Check that this is an HCL file.";
      this.problems.push({ message: last, start, end: start });
      throw hopeless;
    }
  }

  /** Reports a problem and gives up the current item. */
  protected fail(message: string, start = this.position, end = start + 1): never {
    this.report(message, start, end);
    throw unreadable;
  }

  /** Goes one level deeper; whoever calls it lowers `depth` again, and `recover` does after a failure. */
  protected descend(): void {
    if (++this.depth <= maximumDepth) return;
    const message = `Nested more than ${maximumDepth} levels deep, so the file was not read further. Flatten it.`;
    this.report(message, this.position, this.position + 1);
    throw hopeless;
  }

  /** Skips blanks and comments, and newlines where they mean nothing. */
  protected skipSpace(): void {
    const { text } = this;
    for (;;) {
      const character = text.charCodeAt(this.position);
      if (character === 32 || character === 9) this.position++;
      else if (character === code.newline) {
        if (this.newlineEnds) return;
        this.position++;
      } else if (character === code.hash) this.skipLine();
      else if (character === code.slash) {
        const next = text.charCodeAt(this.position + 1);
        if (next === code.slash) this.skipLine();
        else if (next === code.star) this.skipComment();
        else return;
      } else if (character === code.return && text.charCodeAt(this.position + 1) === code.newline)
        this.position++;
      else return;
    }
  }

  /** Goes to the newline that ends the line, or to the end of the text. */
  protected skipLine(): void {
    const end = this.text.indexOf("\n", this.position);
    this.position = end === -1 ? this.text.length : end;
  }

  private skipComment(): void {
    const start = this.position;
    const end = this.text.indexOf("*/", start + 2);
    this.position = end === -1 ? this.text.length : end + 2;
    this.opaque.push({ start, end: this.position });
    if (end !== -1) return;
    this.report("This comment is never closed. Close it with */.", start, start + 2);
    this.isCutShort = true;
  }

  /** The code of the character at the position; not a number at the end of the text. */
  protected peek(): number {
    return this.text.charCodeAt(this.position);
  }

  protected get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  protected isIdentifierStart(at = this.position): boolean {
    const character = this.text.charCodeAt(at);
    if (character < 128) return ((asciiClass[character] ?? 0) & 1) !== 0;
    return startsIdentifier.test(this.characterAt(at));
  }

  /** Reads an identifier; the empty string where there is none. */
  protected identifier(): string {
    const start = this.position;
    if (!this.isIdentifierStart()) return "";
    const { text } = this;
    let at = start;
    for (;;) {
      const character = text.charCodeAt(at);
      if (character < 128) {
        if (((asciiClass[character] ?? 0) & 2) === 0) break;
        at++;
      } else {
        const whole = this.characterAt(at);
        if (!continuesIdentifier.test(whole)) break;
        at += whole.length;
      }
    }
    this.position = at;
    return text.slice(start, at);
  }

  /** The whole character at an offset: one code point. */
  protected characterAt(at: number): string {
    const point = this.text.codePointAt(at);
    return point === undefined ? "" : String.fromCodePoint(point);
  }

  /** What stands at the current position, as words for a message. */
  protected found(): string {
    if (this.isAtEnd) return "the end of the file";
    if (this.peek() === code.newline || this.peek() === code.return) return "the end of the line";
    if (this.peek() === code.quote) return "a string";
    const start = this.position;
    const name = this.identifier();
    this.position = start;
    return name === "" ? `"${this.characterAt(start)}"` : `"${name.slice(0, 40)}"`;
  }
}
