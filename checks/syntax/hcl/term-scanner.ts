import { code } from "./scanner.ts";
import { TemplateScanner } from "./template-scanner.ts";
import {
  type Call,
  type Expression,
  type IndexStep,
  type ObjectEntry,
  type SplatStep,
  type Step,
  setSpan,
} from "./tree.ts";

const keywords: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

const numberToken = /\d(?:[\d.]|[eE][+-]?\d)*/y;
const number = /^\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;

/** Reads what stands between operators: values, names, calls, and the accesses behind them. */
export abstract class TermScanner extends TemplateScanner {
  protected term(): Expression {
    const start = this.position;
    const character = this.peek();
    if (character === code.quote) return this.quotedTemplate();
    if (character === code.openBracket) return this.inBrackets(code.closeBracket, () => this.tuple(start));
    if (character === code.openBrace) return this.objectConstructor(start);
    if (character === code.openParenthesis) {
      return this.inBrackets(code.closeParenthesis, () => {
        const inner = this.expression();
        this.close(")", code.closeParenthesis);
        setSpan(inner, start, this.position);
        return inner;
      });
    }
    if (character >= 48 && character <= 57) return this.number(start);
    if (character === code.less && this.text.charCodeAt(start + 1) === code.less) return this.heredoc();
    const name = this.identifier();
    if (name === "") {
      this.fail(`A value is due here, but ${this.found()} follows. Write a value, or remove the argument.`);
    }
    const end = this.position;
    this.skipSpace();
    if (this.peek() === code.openParenthesis || this.text.startsWith("::", this.position)) {
      return this.call(name, start, end);
    }
    this.position = end;
    const keyword = keywords.get(name);
    return keyword === undefined
      ? { kind: "variable", name, start, end }
      : { kind: "literal", value: keyword, start, end };
  }

  /** What stands at an offset and is taken for one number. */
  private numberAt(start: number): string {
    numberToken.lastIndex = start;
    const [token = ""] = numberToken.exec(this.text) ?? [];
    return token.replace(/\.+$/, "");
  }

  private number(start: number): Expression {
    const written = this.numberAt(start);
    const end = start + written.length;
    const value = number.test(written) ? Number(written) : Number.NaN;
    if (Number.isNaN(value))
      this.fail(`${written.slice(0, 40)} is no number. Write 1, 1.5 or 1e3.`, start, end);
    if (!Number.isFinite(value)) {
      this.fail(`${written.slice(0, 40)} is larger than is read. Write a number below 1e308.`, start, end);
    }
    this.position = end;
    return { kind: "literal", value, start, end };
  }

  /** Reads what stands in a bracket that newlines do not end; the bracket is at the position. */
  private inBrackets<T>(closer: number, read: () => T): T {
    const outer = this.newlineEnds;
    this.open.push(closer);
    this.newlineEnds = false;
    this.position++;
    this.skipSpace();
    const result = read();
    this.open.pop();
    this.newlineEnds = outer;
    return result;
  }

  private close(bracket: string, character: number): void {
    this.skipSpace();
    if (this.peek() !== character) this.fail(`"${bracket}" is due here, but ${this.found()} follows.`);
    this.position++;
  }

  private isFor(): boolean {
    const start = this.position;
    const isFor = this.identifier() === "for";
    if (!isFor) this.position = start;
    return isFor;
  }

  private tuple(start: number): Expression {
    if (this.isFor()) return this.forExpression(start, code.closeBracket);
    const items: Expression[] = [];
    while (this.peek() !== code.closeBracket) {
      items.push(this.expression());
      this.skipSpace();
      if (this.peek() === code.comma) {
        this.position++;
        this.skipSpace();
      } else if (this.peek() !== code.closeBracket) {
        this.fail(`"," or "]" is due after this element, but ${this.found()} follows.`);
      }
    }
    this.position++;
    return { kind: "tuple", items, start, end: this.position };
  }

  private objectConstructor(start: number): Expression {
    const outer = this.newlineEnds;
    this.open.push(code.closeBrace);
    this.newlineEnds = false;
    this.position++;
    this.skipSpace();
    const result = this.isFor() ? this.forExpression(start, code.closeBrace) : this.entries(start);
    this.open.pop();
    this.newlineEnds = outer;
    return result;
  }

  private entries(start: number): Expression {
    const entries: ObjectEntry[] = [];
    this.newlineEnds = true;
    while (this.peek() !== code.closeBrace) {
      entries.push(this.entry());
      this.skipSpace();
      if (this.peek() === code.comma) this.position++;
      else if (this.peek() !== code.newline && this.peek() !== code.closeBrace) {
        this.fail(`A comma, a new line or "}" is due after this value, but ${this.found()} follows.`);
      }
      this.skipLines();
    }
    this.position++;
    return { kind: "object", entries, start, end: this.position };
  }

  /** Skips newlines, where they otherwise mean something. */
  protected skipLines(): void {
    const outer = this.newlineEnds;
    this.newlineEnds = false;
    this.skipSpace();
    this.newlineEnds = outer;
  }

  private entry(): ObjectEntry {
    const { position: start } = this;
    let key = this.expression();
    const isBare = this.text.charCodeAt(start) !== code.openParenthesis;
    if (isBare && key.kind === "variable") {
      key = { kind: "literal", value: key.name, start, end: key.end };
    } else if (
      isBare &&
      key.kind === "literal" &&
      typeof key.value !== "string" &&
      typeof key.value !== "number"
    ) {
      key = { ...key, value: String(key.value) };
    }
    this.skipSpace();
    if (this.peek() !== code.equals && this.peek() !== code.colon) {
      this.fail(`"=" and a value are due after this key, but ${this.found()} follows.`);
    }
    this.position++;
    const value = this.expression();
    return { kind: "entry", key, value, start, end: value.end };
  }

  private forExpression(start: number, closer: number): Expression {
    this.skipSpace();
    const names = this.forNames();
    const collection = this.expression();
    this.close(":", code.colon);
    let resultValue = this.expression();
    let resultKey: Expression | undefined;
    let isGrouped = false;
    this.skipSpace();
    if (this.text.startsWith("=>", this.position)) {
      if (closer === code.closeBracket)
        this.fail("A key (=>) makes a map. Write { } around this for, not [ ].");
      this.position += 2;
      resultKey = resultValue;
      resultValue = this.expression();
      this.skipSpace();
      isGrouped = this.text.startsWith("...", this.position);
      if (isGrouped) this.position += 3;
    } else if (closer === code.closeBrace) {
      this.fail(`"=>" and a value are due here, but ${this.found()} follows. Write [ ] for a list.`);
    }
    this.skipSpace();
    const beforeIf = this.position;
    const hasCondition = this.identifier() === "if";
    if (!hasCondition) this.position = beforeIf;
    const condition = hasCondition ? this.expression() : undefined;
    this.close(String.fromCharCode(closer), closer);
    const end = this.position;
    return { kind: "for", ...names, collection, resultKey, resultValue, isGrouped, condition, start, end };
  }

  private call(firstName: string, start: number, nameEnd: number): Call {
    let name = firstName;
    let end = nameEnd;
    while (this.text.startsWith("::", this.position)) {
      this.position += 2;
      this.skipSpace();
      const part = this.identifier();
      if (part === "") this.fail(`The name of a function is due here, but ${this.found()} follows.`);
      name += `::${part}`;
      end = this.position;
      this.skipSpace();
    }
    if (this.peek() !== code.openParenthesis) {
      this.fail(`"(" and the arguments of ${name} are due here, but ${this.found()} follows.`);
    }
    const nameSpan = { start, end };
    return this.inBrackets(code.closeParenthesis, () => {
      const list: Expression[] = [];
      let isExpanded = false;
      while (this.peek() !== code.closeParenthesis) {
        list.push(this.expression());
        this.skipSpace();
        if (this.peek() === code.comma) {
          this.position++;
          this.skipSpace();
        } else if (this.text.startsWith("...", this.position)) {
          isExpanded = true;
          this.position += 3;
          this.skipSpace();
          if (this.peek() !== code.closeParenthesis) this.fail('Only ")" can follow "..." here.');
        } else if (this.peek() !== code.closeParenthesis) {
          this.fail(`"," or ")" is due after this argument, but ${this.found()} follows.`);
        }
      }
      this.position++;
      return { kind: "call", name, nameSpan, arguments: list, isExpanded, start, end: this.position };
    });
  }

  /** `.name`, `[key]`, `[*]` and `.*` after a value. Inside an attribute splat only names and numbers are steps. */
  protected steps(isAttributeSplat: boolean): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const before = this.position;
      this.skipSpace();
      const start = this.position;
      const follows = this.text.charCodeAt(start + 1);
      if (
        this.peek() === code.dot &&
        !(follows === code.dot && this.text.charCodeAt(start + 2) === code.dot)
      ) {
        this.position++;
        this.skipSpace();
        steps.push(this.dotStep(start, isAttributeSplat));
      } else if (this.peek() === code.openBracket && !isAttributeSplat) {
        const step = this.inBrackets(code.closeBracket, () => this.bracketStep(start));
        if (step.kind === "index") steps.push(step);
        else {
          this.descend();
          const each = this.steps(false);
          this.depth--;
          steps.push({ ...step, each, end: each.at(-1)?.end ?? step.end });
        }
      } else {
        this.position = before;
        return steps;
      }
    }
  }

  private dotStep(start: number, isAttributeSplat: boolean): Step {
    const from = this.position;
    if (this.peek() === code.star && !isAttributeSplat) {
      this.position++;
      const each = this.steps(true);
      return { kind: "splat", each, start, end: each.at(-1)?.end ?? from + 1 };
    }
    if (this.peek() >= 48 && this.peek() <= 57) {
      const written = this.numberAt(from);
      if (written.includes(".")) {
        const message = "Only one index can follow a name in this way. Write [0][1] instead of .0.1.";
        this.fail(message, from, from + written.length);
      }
      const key = this.number(from);
      return { kind: "index", key, start, end: this.position };
    }
    const name = this.identifier();
    if (name === "") this.fail(`A name is due after ".", but ${this.found()} follows.`);
    return { kind: "name", name, start, end: this.position };
  }

  private bracketStep(start: number): IndexStep | SplatStep {
    if (this.peek() === code.star) {
      this.position++;
      this.close("]", code.closeBracket);
      return { kind: "splat", each: [], start, end: this.position };
    }
    const key = this.expression();
    this.close("]", code.closeBracket);
    return { kind: "index", key, start, end: this.position };
  }
}
