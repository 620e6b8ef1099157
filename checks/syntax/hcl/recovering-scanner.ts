import { ExpressionScanner } from "./expression-scanner.ts";
import { code } from "./scanner.ts";

const argumentStart = /[\p{ID_Start}_][\p{ID_Continue}-]*[ \t]*=(?![=>])/uy;
const blockStart =
  /(?!for\b)[\p{ID_Start}_][\p{ID_Continue}-]*(?:[ \t]+[\p{ID_Start}_][\p{ID_Continue}-]*|[ \t]*"(?:[^"\\\n]|\\.)*")*[ \t]*\{/uy;

/** Finds where to read on after an item that could not be read. */
export abstract class RecoveringScanner extends ExpressionScanner {
  /**
   * Goes to the newline before the next item, or to the brace that closes the block around the failed one.
   * @param opened how many brackets and strings were open when the item began
   * @returns whether items may have been passed over on the way
   */
  protected recover(itemStart: number, opened: number): boolean {
    this.newlineEnds = true;
    if (this.isCutShort) {
      this.position = this.text.length;
      return true;
    }
    const indentation = this.indentationAt(this.lineStartOf(itemStart));
    const isInObject = this.open.slice(opened).includes(code.closeBrace);
    const missed = this.nextItemAfter(itemStart, indentation, isInObject);
    if (missed !== undefined) {
      this.open.length = opened;
      this.position = missed - 1;
      return false;
    }
    const from = this.text.indexOf("\n", itemStart) + 1;
    this.skipRest(indentation, opened, isInObject);
    if (from === 0 || from > this.position) return false;
    return this.isAtEnd || this.hasItemBetween(from, indentation);
  }

  /**
   * The start of the first line that the failed item ran over although it begins another item: it is indented no
   * further, and what is open cannot go on in it. An object whose entries are not indented can.
   */
  private nextItemAfter(itemStart: number, indentation: number, isInObject: boolean): number | undefined {
    let canBeEntry = isInObject;
    for (const line of this.linesBetween(itemStart, this.position)) {
      const own = this.indentationAt(line);
      const first = this.text.charCodeAt(line + own);
      if (own > indentation) {
        if (first !== code.newline) canBeEntry = false;
      } else if (this.isItem(line + own, canBeEntry)) return line;
    }
    return undefined;
  }

  private hasItemBetween(from: number, indentation: number): boolean {
    for (const line of this.linesBetween(from - 1, this.position)) {
      const own = this.indentationAt(line);
      if (own <= indentation && this.isItem(line + own, false)) return true;
    }
    return false;
  }

  /** Starts of the lines after that of `start` which begin outside comments and heredocs. */
  private *linesBetween(start: number, end: number): Generator<number> {
    const { text, opaque } = this;
    const after = (at: number): number => text.indexOf("\n", at) + 1;
    let next = 0;
    for (let line = after(start); line > 0 && line <= end; line = after(line)) {
      while ((opaque[next]?.end ?? line) < line) next++;
      if ((opaque[next]?.start ?? line) >= line) yield line;
    }
  }

  /** Whether what stands at an offset looks like an argument or a block. */
  protected isItem(at: number, onlyBlock: boolean): boolean {
    blockStart.lastIndex = at;
    argumentStart.lastIndex = at;
    return blockStart.test(this.text) || (!onlyBlock && argumentStart.test(this.text));
  }

  protected lineStartOf(at: number): number {
    return this.text.lastIndexOf("\n", at - 1) + 1;
  }

  protected indentationAt(lineStart: number): number {
    let at = lineStart;
    while (this.text.charCodeAt(at) === 32 || this.text.charCodeAt(at) === 9) at++;
    return at - lineStart;
  }

  /** Skips brackets and strings up to the newline behind them, or to a line that begins another item. */
  private skipRest(indentation: number, opened: number, isInObject: boolean): void {
    let brackets = this.leaveStrings(opened);
    for (; !this.isAtEnd; this.position++) {
      switch (this.peek()) {
        case code.newline:
          if (brackets === 0 || this.endsAfterNewline(indentation, isInObject)) return;
          break;
        case code.quote:
          this.skipString();
          break;
        case code.hash:
          this.skipLine();
          this.position--;
          break;
        case code.slash:
          this.skipSpace();
          if (this.peek() !== code.slash) this.position--;
          break;
        case code.openParenthesis:
        case code.openBracket:
        case code.openBrace:
          brackets++;
          break;
        case code.closeParenthesis:
        case code.closeBracket:
        case code.closeBrace:
          if (brackets > 0) brackets--;
          else if (this.peek() === code.closeBrace) return;
          break;
        default:
      }
    }
    this.position = this.text.length;
  }

  /** Goes behind the string or heredoc in which reading stopped; says how many brackets are open around it. */
  private leaveStrings(opened: number): number {
    const inside = this.open.splice(opened);
    const outermost = inside.findIndex((entry) => entry === code.quote || typeof entry === "string");
    if (outermost === -1) return inside.length;
    this.skipLine();
    const marker = inside[outermost];
    while (typeof marker === "string" && !this.isAtEnd) {
      const end = this.endOfHeredoc(marker);
      if (end !== -1) {
        this.position = end;
        break;
      }
      this.skipLine();
      this.position++;
    }
    for (const range of this.opaque) range.end = Math.min(range.end, this.position);
    return outermost;
  }

  private skipString(): void {
    const { text } = this;
    for (this.position++; !this.isAtEnd; this.position++) {
      const character = this.peek();
      if (character === code.quote) return;
      if (character === code.backslash && text.charCodeAt(this.position + 1) !== code.newline)
        this.position++;
      else if (character === code.newline) {
        this.position--;
        return;
      }
    }
  }

  private endsAfterNewline(indentation: number, isInObject: boolean): boolean {
    const lineStart = this.position + 1;
    const own = this.indentationAt(lineStart);
    const at = lineStart + own;
    if (this.text.charCodeAt(at) === code.closeBrace) return own < indentation;
    return own <= indentation && this.isItem(at, isInObject);
  }
}
