import { code, Scanner } from "./scanner.ts";
import { buildTemplate, dropIndentation, isSpace, type TemplateToken } from "./template-tokens.ts";
import type { Expression } from "./tree.ts";

const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
};

/** Reads strings, heredocs and what is interpolated in them. */
export abstract class TemplateScanner extends Scanner {
  protected abstract expression(): Expression;

  /** A string in quotes, the position being on the opening quote. */
  protected quotedTemplate(): Expression {
    const { text } = this;
    const start = this.position;
    for (let at = start + 1; ; at++) {
      const character = text.charCodeAt(at);
      if (character === code.quote) {
        this.position = at + 1;
        return { kind: "literal", value: text.slice(start + 1, at), start, end: at + 1 };
      }
      const isPlain =
        character >= 32 &&
        character !== code.backslash &&
        !(
          (character === code.dollar || character === code.percent) &&
          text.charCodeAt(at + 1) === code.openBrace
        );
      if (!isPlain && character !== 9) break;
    }
    this.descend();
    this.open.push(code.quote);
    this.position = start + 1;
    const tokens: TemplateToken[] = [];
    while (this.peek() !== code.quote) this.quotedToken(tokens, start);
    this.position++;
    this.open.pop();
    this.depth--;
    return buildTemplate(tokens, start, this.position, (message, at, end) => this.fail(message, at, end));
  }

  /** A whole text as a template, as JSON syntax and template files have it. */
  protected wholeTemplate(): Expression {
    const tokens: TemplateToken[] = [];
    while (!this.isAtEnd) {
      const start = this.position;
      const value = this.literalUntil(() => false);
      if (value !== undefined) tokens.push({ kind: "text", value, start, end: this.position });
      else this.sequence(tokens);
    }
    return buildTemplate(tokens, 0, this.position, (message, at, end) => this.fail(message, at, end));
  }

  private quotedToken(tokens: TemplateToken[], stringStart: number): void {
    const start = this.position;
    let value = "";
    let isPresent = false;
    for (;;) {
      const piece = this.literalUntil(
        (character) => character === code.quote || character === code.backslash || character < 32,
      );
      if (piece !== undefined) {
        value += piece;
        isPresent = true;
      }
      const character = this.peek();
      if (character === 9) {
        value += "\t";
        this.position++;
      } else if (character === code.backslash) value += this.escape();
      else if (character === code.newline || character === code.return || this.isAtEnd) {
        const message =
          'This string is not closed on its line. Close it with ", or write a heredoc (<<EOT) for several lines.';
        this.fail(message, stringStart, this.position);
      } else if (character < 32) {
        value += String.fromCharCode(character);
        this.position++;
      } else break;
      isPresent = true;
    }
    if (isPresent) tokens.push({ kind: "text", value, start, end: this.position });
    else if (this.peek() !== code.quote) this.sequence(tokens);
  }

  /**
   * Literal text up to an interpolation, a directive or a character that stops it; undefined where there is none.
   * `$${` and `%%{` stand for `${` and `%{`.
   */
  private literalUntil(stops: (character: number) => boolean): string | undefined {
    const { text } = this;
    const start = this.position;
    let value: string | undefined;
    let from = start;
    let at = start;
    while (at < text.length) {
      const character = text.charCodeAt(at);
      if (character === code.dollar || character === code.percent) {
        if (text.charCodeAt(at + 1) === code.openBrace) break;
        if (text.charCodeAt(at + 1) === character && text.charCodeAt(at + 2) === code.openBrace) {
          value = (value ?? "") + text.slice(from, at + 1);
          at += 3;
          from = at - 1;
          continue;
        }
      } else if (stops(character)) break;
      at++;
    }
    if (at === start) return undefined;
    this.position = at;
    return (value ?? "") + text.slice(from, at);
  }

  private escape(): string {
    const { text } = this;
    const start = this.position;
    const letter = text.charAt(start + 1);
    const simple = simpleEscapes[letter];
    if (simple !== undefined) {
      this.position += 2;
      return simple;
    }
    const digits = letter === "u" ? 4 : letter === "U" ? 8 : 0;
    const hexadecimal = text.slice(start + 2, start + 2 + digits);
    const point = Number.parseInt(hexadecimal, 16);
    if (digits === 0 || !/^[0-9a-f]+$/i.test(hexadecimal) || hexadecimal.length < digits) {
      const message =
        'Only \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN are escapes here. Write \\\\ for a backslash.';
      this.fail(message, start, start + 2);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      const message =
        "No character has this code. Write one beyond U+FFFF as \\UNNNNNNNN, with eight digits.";
      this.fail(message, start, start + 2 + digits);
    }
    this.position += 2 + digits;
    return String.fromCodePoint(point);
  }

  /** A heredoc, the position being on `<<`. */
  protected heredoc(): Expression {
    const { text } = this;
    const start = this.position;
    const isIndented = text.charCodeAt(start + 2) === code.dash;
    this.position = start + (isIndented ? 3 : 2);
    const marker = this.identifier();
    if (marker === "" || !/^\r?\n/.test(text.slice(this.position, this.position + 2))) {
      this.fail(
        "A heredoc begins with << and its marker (<<EOT), and nothing follows on that line.",
        start,
        start + 2,
      );
    }
    this.skipLine();
    this.position++;
    this.descend();
    this.open.push(marker);
    const range = { start, end: Number.POSITIVE_INFINITY };
    this.opaque.push(range);
    const tokens: TemplateToken[] = [];
    let end = this.endOfHeredoc(marker);
    for (; end === -1; end = this.endOfHeredoc(marker)) {
      if (this.isAtEnd) {
        const message = `No line closes this heredoc. Close it with a line that holds only ${marker} and ends in a newline.`;
        this.report(message, start, start + 2 + marker.length);
        this.isCutShort = true;
        this.fail(message);
      }
      this.heredocLine(tokens);
    }
    this.skipLine();
    range.end = end;
    this.open.pop();
    this.depth--;
    if (isIndented) dropIndentation(tokens);
    return buildTemplate(tokens, start, end, (message, from, to) => this.fail(message, from, to));
  }

  /** Where the marker of the current line ends, when the line holds nothing else and is ended; -1 otherwise. */
  protected endOfHeredoc(marker: string): number {
    const { text } = this;
    let at = this.position;
    while (this.isSpaceInLine(at)) at++;
    if (!text.startsWith(marker, at)) return -1;
    const end = at + marker.length;
    for (at = end; this.isSpaceInLine(at); ) at++;
    return text.charCodeAt(at) === code.newline ? end : -1;
  }

  /** Whether white space stands at an offset that does not end the line; a carriage return only belongs to its end. */
  private isSpaceInLine(at: number): boolean {
    const character = this.text.charCodeAt(at);
    if (character === code.return) return this.text.charCodeAt(at + 1) === code.newline;
    return character !== code.newline && isSpace(character);
  }

  /** One line, its newline included; an interpolation can carry it over several. */
  private heredocLine(tokens: TemplateToken[]): void {
    for (;;) {
      const start = this.position;
      const value = this.literalUntil((character) => character === code.newline);
      const isEnded = this.peek() === code.newline;
      if (value?.includes("\r")) this.refuseLoneReturn(start);
      if (isEnded) this.position++;
      if (value !== undefined || isEnded) {
        tokens.push({
          kind: "text",
          value: `${value ?? ""}${isEnded ? "\n" : ""}`,
          start,
          end: this.position,
        });
      }
      if (isEnded || this.isAtEnd) return;
      this.sequence(tokens);
    }
  }

  private refuseLoneReturn(start: number): void {
    const at = this.text.indexOf("\r", start);
    if (this.text.charCodeAt(at + 1) !== code.newline) {
      this.fail("A carriage return stands here without a line feed. Remove it.", at);
    }
  }

  /** `${ … }` or `%{ … }`, with the marks that eat the blanks around them. */
  private sequence(tokens: TemplateToken[]): void {
    const start = this.position;
    const isDirective = this.peek() === code.percent;
    this.position += 2;
    const trimsBefore = this.peek() === code.tilde;
    if (trimsBefore) this.position++;
    this.open.push(code.openBrace);
    const outer = this.newlineEnds;
    this.newlineEnds = false;
    this.skipSpace();
    const token = isDirective
      ? this.directive()
      : { kind: "interpolation" as const, expression: this.expression() };
    this.skipSpace();
    const trimsAfter = this.peek() === code.tilde;
    if (trimsAfter) this.position++;
    if (this.peek() !== code.closeBrace) {
      const what = isDirective ? "directive" : "interpolation";
      this.fail(`A } is due here to close the ${what}, but ${this.found()} follows.`);
    }
    this.position++;
    this.newlineEnds = outer;
    this.open.pop();
    tokens.push({ ...token, start, end: this.position, trimsBefore, trimsAfter });
  }

  private directive() {
    const start = this.position;
    const keyword = this.identifier();
    this.skipSpace();
    switch (keyword) {
      case "if":
        return { kind: "if" as const, condition: this.expression() };
      case "else":
      case "endif":
      case "endfor":
        return { kind: keyword };
      case "for": {
        const names = this.forNames();
        return { kind: "for" as const, ...names, collection: this.expression() };
      }
      default: {
        const message =
          "Only if, else, endif, for and endfor are directives. Write %%{ where no directive is meant.";
        return this.fail(message, start, this.position);
      }
    }
  }

  /** `value in` or `key, value in`, up to the collection. */
  protected forNames(): { keyName: string | undefined; valueName: string } {
    let keyName: string | undefined;
    let valueName = this.forName();
    if (this.peek() === code.comma) {
      this.position++;
      this.skipSpace();
      keyName = valueName;
      valueName = this.forName();
    }
    const start = this.position;
    if (this.identifier() !== "in") {
      this.position = start;
      this.fail(`"in" and the collection are due here, but ${this.found()} follows.`);
    }
    return { keyName, valueName };
  }

  private forName(): string {
    const name = this.identifier();
    if (name === "") this.fail(`A name for the elements is due here, but ${this.found()} follows.`);
    this.skipSpace();
    return name;
  }
}
