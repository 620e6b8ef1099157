import { ExpressionScanner } from "./expression-scanner.ts";
import { code, Hopeless, Unreadable } from "./scanner.ts";
import {
  type Attribute,
  type Block,
  type Body,
  type Expression,
  type Label,
  type Problem,
  setSpan,
} from "./tree.ts";

/** A file of HCL native syntax: always a tree of what could be read, with every problem that was met. */
export interface HclFile {
  readonly body: Body;
  readonly problems: readonly Problem[];
}

/**
 * Reads HCL native syntax (`.tf`, `.tfvars`). Never throws: an item that cannot be read is reported and the next one
 * is read. Offsets are UTF-16 offsets of `text`.
 */
export function parseHcl(text: string): HclFile {
  const parser = new Parser(text);
  return { body: parser.file(), problems: parser.problems };
}

/** Reads a text as one expression, as `TF_VAR_name` holds it. */
export function parseHclExpression(text: string): { expression: Expression; problems: readonly Problem[] } {
  const parser = new Parser(text);
  return { expression: parser.only(() => parser.wholeExpression()), problems: parser.problems };
}

/** Reads a text as a template without quotes, as JSON syntax and template files hold it. */
export function parseHclTemplate(text: string): { expression: Expression; problems: readonly Problem[] } {
  const parser = new Parser(text);
  return { expression: parser.only(() => parser.wholeText()), problems: parser.problems };
}

class Parser extends ExpressionScanner {
  file(): Body {
    const body = newBody(0);
    try {
      if (this.text.charCodeAt(0) === 0xfeff) this.position = 1;
      this.items(body, undefined);
    } catch (error) {
      if (!(error instanceof Hopeless)) throw error;
      body.isIncomplete = true;
    }
    return { ...body, end: this.text.length };
  }

  only(read: () => Expression): Expression {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Unreadable) && !(error instanceof Hopeless)) throw error;
      return { kind: "invalid", start: 0, end: this.text.length };
    }
  }

  wholeExpression(): Expression {
    this.newlineEnds = false;
    const expression = this.expression();
    this.skipSpace();
    if (!this.isAtEnd) this.fail(`Nothing is due after the value, but ${this.found()} follows.`);
    return expression;
  }

  wholeText(): Expression {
    return this.wholeTemplate();
  }

  /** Items up to the brace that closes `block`, or to the end of the file. */
  private items(body: Body, block: { start: number; end: number } | undefined): void {
    const names = new Set<string>();
    for (;;) {
      this.skipLines();
      if (this.isAtEnd) {
        if (block !== undefined) {
          this.report("This block is never closed. Close it with }.", block.start, block.end);
          body.isIncomplete = true;
        }
        return;
      }
      if (this.peek() === code.closeBrace && block !== undefined) return;
      this.item(body, names);
    }
  }

  /** @param names the arguments that the body already has */
  private item(body: Body, names: Set<string>): void {
    const start = this.position;
    const { depth } = this;
    const opened = this.open.length;
    const name = this.identifier();
    const nameEnd = this.position;
    try {
      if (name === "") {
        const isQuoted = this.peek() === code.quote;
        const advice = isQuoted ? "Write the name of an argument without quotes." : "Write name = value.";
        this.fail(`An argument or block is due here, but ${this.found()} follows. ${advice}`);
      }
      const nameSpan = { start, end: nameEnd };
      this.skipSpace();
      if (this.peek() === code.equals) {
        this.position++;
        const expression = this.expression();
        if (names.has(name)) {
          this.report(`${name} is set a second time here. Remove one of the two.`, start, nameEnd);
        } else {
          names.add(name);
          body.attributes.push({ kind: "attribute", name, nameSpan, expression, start, end: expression.end });
        }
      } else this.block(body, name, nameSpan);
      this.skipSpace();
      if (this.peek() !== code.newline && !this.isAtEnd) {
        this.report(`A new line is due here, but ${this.found()} follows.`, this.position, this.position + 1);
        body.isIncomplete = true;
        this.recover(start, opened);
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.depth = depth;
      this.recover(start, opened);
      if (name === "") body.isIncomplete = true;
      else body.attributes.push(this.invalidAttribute(name, start, nameEnd));
    }
  }

  private invalidAttribute(name: string, start: number, nameEnd: number): Attribute {
    const end = Math.max(nameEnd, this.position);
    const expression: Expression = { kind: "invalid", start: nameEnd, end };
    return { kind: "attribute", name, nameSpan: { start, end: nameEnd }, expression, start, end };
  }

  private block(outer: Body, type: string, typeSpan: { start: number; end: number }): void {
    const { start } = typeSpan;
    const labels: Label[] = [];
    let headerEnd = typeSpan.end;
    while (this.peek() !== code.openBrace) {
      labels.push(this.label(type));
      headerEnd = this.position;
      this.skipSpace();
    }
    const body = newBody(this.position);
    const header = { start, end: headerEnd };
    const block: Block = { kind: "block", type, typeSpan, labels, header, body, start, end: headerEnd };
    outer.blocks.push(block);
    let isWhole = false;
    try {
      this.descend();
      this.position++;
      this.skipSpace();
      const isOneLine = this.peek() !== code.newline && this.peek() !== code.closeBrace && !this.isAtEnd;
      if (isOneLine) this.oneLineBody(body, start);
      this.items(body, header);
      if (!this.isAtEnd) this.position++;
      this.depth--;
      isWhole = true;
    } finally {
      if (!isWhole) body.isIncomplete = true;
      setSpan(body, body.start, this.position);
      setSpan(block, start, this.position);
    }
  }

  private label(type: string): Label {
    const start = this.position;
    if (this.peek() === code.quote) {
      const literal = this.quotedTemplate();
      if (literal.kind !== "literal") {
        this.fail("A label holds no interpolation. Write it out.", start, this.position);
      }
      return { kind: "label", value: String(literal.value), start, end: this.position };
    }
    const value = this.identifier();
    if (value === "") {
      this.fail(`After "${type}", "=" with a value or "{" is due, but ${this.found()} follows.`);
    }
    return { kind: "label", value, start, end: this.position };
  }

  /** `{ name = value }`: one argument, closed on its line. */
  private oneLineBody(body: Body, blockStart: number): void {
    const start = this.position;
    const opened = this.open.length;
    const { depth } = this;
    const name = this.identifier();
    const nameEnd = this.position;
    try {
      this.skipSpace();
      if (name === "" || this.peek() !== code.equals) {
        this.fail(
          "A block on one line holds one argument, name = value. Write blocks on lines of their own.",
        );
      }
      this.position++;
      const expression = this.expression();
      const nameSpan = { start, end: nameEnd };
      body.attributes.push({ kind: "attribute", name, nameSpan, expression, start, end: expression.end });
      this.skipSpace();
      if (this.peek() !== code.closeBrace) {
        this.report(
          "A block on one line holds one argument. Write each argument on a line of its own.",
          this.position,
          this.position + 1,
        );
        body.isIncomplete = true;
        this.recover(blockStart, opened);
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.depth = depth;
      this.recover(blockStart, opened);
      if (name === "") body.isIncomplete = true;
      else body.attributes.push(this.invalidAttribute(name, start, nameEnd));
    }
  }

  /**
   * After an item that could not be read: goes to the newline that ends it, or to the brace that closes the block
   * around it. A line that looks like an item and is not indented further than this one ends it as well.
   */
  private recover(itemStart: number, opened: number): void {
    const { text } = this;
    this.newlineEnds = true;
    let brackets = this.leaveStrings(opened);
    const lineStart = text.lastIndexOf("\n", itemStart - 1) + 1;
    const indentation = this.indentationAt(lineStart);
    for (; !this.isAtEnd; this.position++) {
      switch (this.peek()) {
        case code.newline:
          if (brackets === 0 || this.nextLineIsItem(indentation)) return;
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

  private indentationAt(lineStart: number): number {
    let at = lineStart;
    while (this.text.charCodeAt(at) === 32 || this.text.charCodeAt(at) === 9) at++;
    return at - lineStart;
  }

  private nextLineIsItem(indentation: number): boolean {
    const lineStart = this.position + 1;
    const own = this.indentationAt(lineStart);
    const at = lineStart + own;
    if (this.text.charCodeAt(at) === code.closeBrace) return own < indentation;
    return own <= indentation && this.isIdentifierStart(at);
  }
}

function newBody(start: number): Body {
  return {
    kind: "body",
    syntax: "native",
    attributes: [],
    blocks: [],
    isIncomplete: false,
    start,
    end: start,
  };
}
