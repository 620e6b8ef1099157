import type { Span } from "#base/location.ts";
import { RecoveringScanner } from "./recovering-scanner.ts";
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
  let parser = new Parser(text);
  let body = parser.file();
  const ends: number[] = [];
  while (parser.missedEnd !== undefined && ends.length < maximumRepairs) {
    ends.push(parser.missedEnd);
    const repaired = new Parser(text, ends);
    const repairedBody = repaired.file();
    if (repaired.otherProblems > parser.otherProblems) break;
    parser = repaired;
    body = repairedBody;
  }
  return { body, problems: parser.problems };
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

/** More braces than these are not supplied. */
const maximumRepairs = 10;

class Parser extends RecoveringScanner {
  /** Where, by the indentation, a block ended whose brace is missing. */
  missedEnd: number | undefined;
  private readonly ends: readonly number[];
  private neverClosed = 0;
  /** Items that are indented no further than the block around them, others of which are, in the order written. */
  private readonly outdented: number[] = [];

  /** @param ends starts of items before which the blocks end that are indented as far or further */
  constructor(text: string, ends: readonly number[] = []) {
    super(text);
    this.ends = ends;
  }

  /** How many problems there are beside blocks that are never closed. */
  get otherProblems(): number {
    return this.problems.length - this.neverClosed;
  }

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
  private items(body: Body, block: Span | undefined): void {
    const names = new Set<string>();
    const indentation = block === undefined ? -1 : this.indentationAt(this.lineStartOf(block.start));
    let hasIndented = false;
    for (;;) {
      this.skipLines();
      if (this.isAtEnd) {
        body.isIncomplete ||= block !== undefined || this.isCutShort;
        if (block !== undefined) this.neverClosedAtEnd(block);
        return;
      }
      if (this.peek() === code.closeBrace) {
        if (block !== undefined) {
          this.position++;
          return;
        }
        const message = "This } closes nothing. Remove it, or open the block that it is to close.";
        this.report(message, this.position, this.position + 1);
        body.isIncomplete = true;
        this.position++;
      } else {
        const isOutdented = this.isOutdented(indentation);
        if (isOutdented && block !== undefined && this.ends.includes(this.position)) {
          this.reportNeverClosed(block);
          body.isIncomplete = true;
          this.position = this.lineStartOf(this.position) - 1;
          return;
        }
        if (!isOutdented) hasIndented = true;
        else if (hasIndented) this.outdented.push(this.position);
        this.item(body, names);
      }
    }
  }

  /** Whether the item at the position begins a line and is indented no further than the block around it. */
  private isOutdented(indentation: number): boolean {
    const lineStart = this.lineStartOf(this.position);
    const own = this.indentationAt(lineStart);
    return own <= indentation && lineStart + own === this.position;
  }

  private neverClosedAtEnd(block: Span): void {
    this.reportNeverClosed(block);
    this.isCutShort = true;
    this.missedEnd = this.outdented.find((start) => start > block.start) ?? this.missedEnd;
  }

  private reportNeverClosed(block: Span): void {
    if (!this.isCutShort) this.neverClosed++;
    this.report("This block is never closed. Close it with }.", block.start, block.end);
  }

  /** @param names the arguments that the body already has */
  private item(body: Body, names: Set<string>): void {
    const start = this.position;
    const { depth } = this;
    const opened = this.open.length;
    this.opaque.length = 0;
    const name = this.identifier();
    const nameEnd = this.position;
    let isArgument = false;
    try {
      if (name === "") {
        const isQuoted = this.peek() === code.quote;
        const advice = isQuoted ? "Write the name of an argument without quotes." : "Write name = value.";
        this.fail(`An argument or block is due here, but ${this.found()} follows. ${advice}`);
      }
      const nameSpan = { start, end: nameEnd };
      this.skipSpace();
      if (this.peek() === code.equals) {
        isArgument = true;
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
      const isStray = this.peek() === code.closeBrace && this.depth === 0;
      if (this.peek() !== code.newline && !this.isAtEnd && !isStray) {
        this.report(`A new line is due here, but ${this.found()} follows.`, this.position, this.position + 1);
        body.isIncomplete = true;
        this.recover(this.position, opened);
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.depth = depth;
      if (this.recover(start, opened) || !isArgument) body.isIncomplete = true;
      if (name !== "") body.attributes.push(this.invalidAttribute(name, start, nameEnd));
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
    for (; this.peek() !== code.openBrace; this.skipSpace()) {
      if (this.isBraceOnNextLine()) continue;
      labels.push(this.label(type));
      headerEnd = this.position;
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
      if (isOneLine) this.oneLineBody(body);
      this.items(body, header);
      this.depth--;
      isWhole = true;
    } finally {
      if (!isWhole) body.isIncomplete = true;
      setSpan(body, body.start, this.position);
      setSpan(block, start, this.position);
    }
  }

  /** Goes to the brace of a block that wrongly begins a line, and says so. */
  private isBraceOnNextLine(): boolean {
    const { position } = this;
    if (this.peek() === code.newline) this.skipLines();
    if (this.peek() === code.openBrace) {
      const message = "The { of a block stands on the line of its name. Move it there.";
      this.report(message, this.position, this.position + 1);
      return true;
    }
    this.position = position;
    return false;
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
  private oneLineBody(body: Body): void {
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
        this.recover(this.position, opened);
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.depth = depth;
      if (this.recover(start, opened) || name === "") body.isIncomplete = true;
      if (name !== "") body.attributes.push(this.invalidAttribute(name, start, nameEnd));
    }
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
