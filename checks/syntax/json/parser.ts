import type { Span } from "#base/location.ts";
import type { JsonArray, JsonNode, JsonObject, JsonProperty, JsonString } from "./tree.ts";

/** Deeper nesting than this is refused; it keeps every reader of the tree far from the end of its stack. */
const maximumDepth = 250;

/** What is wrong with a JSON text, with what to do about it. */
export interface JsonProblem extends Span {
  readonly message: string;
}

/**
 * Reads JSON as RFC 8259 has it, without comments and trailing commas. Never throws: the result is a tree, or the first
 * problem.
 */
export function parseJson(text: string): { readonly value: JsonNode } | { readonly problem: JsonProblem } {
  const reader = new Reader(text);
  try {
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof NotJson) return { problem: error.problem };
    throw error;
  }
}

class NotJson extends Error {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const code = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  quote: 34,
  hash: 35,
  apostrophe: 39,
  comma: 44,
  slash: 47,
  colon: 58,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
} as const;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[\p{ID_Continue}$.+-]+/uy;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): JsonNode {
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1;
    this.skipSpace();
    const value = this.value();
    this.skipSpace();
    if (this.at < this.text.length) this.fail(`The value ends here, but ${this.found()} follows. Remove it.`);
    return value;
  }

  private value(): JsonNode {
    const start = this.at;
    switch (this.text.charCodeAt(start)) {
      case code.quote:
        return this.string();
      case code.openBrace:
        return this.object();
      case code.openBracket:
        return this.array();
      default:
    }
    if (this.matches(number)) {
      const written = this.text.slice(start, this.at);
      const rest = this.matches(word) ? this.text.slice(start, this.at) : written;
      if (rest === written) return { kind: "number", value: Number(written), start, end: this.at };
      this.fail(`${rest.slice(0, 40)} is no number. Write digits without leading zeros, or "…".`, start);
    }
    const name = this.matches(word) ? this.text.slice(start, this.at) : "";
    const end = this.at;
    if (name === "null") return { kind: "constant", value: null, start, end };
    if (name === "true" || name === "false") {
      return { kind: "constant", value: name === "true", start, end };
    }
    this.at = start;
    if (name === "") return this.fail(`A value is due here, but ${this.found()} follows.`);
    const advice = `Write true, false, null, a number or a string in quotes ("…").`;
    return this.fail(`${name.slice(0, 40)} is no JSON value. ${advice}`, start, end);
  }

  private object(): JsonObject {
    const start = this.open();
    const properties: JsonProperty[] = [];
    if (this.text.charCodeAt(this.at) !== code.closeBrace) {
      do {
        this.skipSpace();
        properties.push(this.property(properties.length > 0));
        this.skipSpace();
      } while (this.hasMore(code.closeBrace, start));
    }
    return { kind: "object", properties, start, end: this.close() };
  }

  private property(isAfterComma: boolean): JsonProperty {
    const start = this.at;
    if (this.text.charCodeAt(start) !== code.quote) {
      if (isAfterComma && this.text.charCodeAt(start) === code.closeBrace) this.failAtComma();
      const isBare = this.matches(word);
      const end = this.at;
      this.at = start;
      if (isBare)
        this.fail(`A name needs quotes: write "${this.text.slice(start, end).slice(0, 40)}".`, start, end);
      this.fail(`A name in quotes ("…") is due here, but ${this.found()} follows.`);
    }
    const name = this.string();
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== code.colon) {
      this.fail(`":" and a value are due after this name, but ${this.found()} follows.`);
    }
    this.at++;
    this.skipSpace();
    const value = this.value();
    return { kind: "property", name, value, start, end: value.end };
  }

  private array(): JsonArray {
    const start = this.open();
    const items: JsonNode[] = [];
    if (this.text.charCodeAt(this.at) !== code.closeBracket) {
      do {
        this.skipSpace();
        const isTrailing = items.length > 0 && this.text.charCodeAt(this.at) === code.closeBracket;
        if (isTrailing) this.failAtComma();
        items.push(this.value());
        this.skipSpace();
      } while (this.hasMore(code.closeBracket, start));
    }
    return { kind: "array", items, start, end: this.close() };
  }

  /** Goes into the bracket at the position and says where that stands. */
  private open(): number {
    if (++this.depth > maximumDepth) {
      this.fail(`Nested more than ${maximumDepth} levels deep, so the file was not read. Flatten it.`);
    }
    const start = this.at++;
    this.skipSpace();
    return start;
  }

  private close(): number {
    this.depth--;
    return ++this.at;
  }

  private hasMore(closer: number, start: number): boolean {
    const character = this.text.charCodeAt(this.at);
    if (character === closer) return false;
    const bracket = String.fromCharCode(closer);
    if (this.at >= this.text.length) {
      const what = closer === code.closeBrace ? "object" : "array";
      this.fail(`This ${what} is never closed. Close it with ${bracket}.`, start);
    }
    if (character !== code.comma) {
      this.fail(`"," or "${bracket}" is due after this value, but ${this.found()} follows.`);
    }
    this.at++;
    return true;
  }

  private string(): JsonString {
    const { text } = this;
    const start = this.at;
    let value = "";
    let from = start + 1;
    for (let at = from; ; at++) {
      const character = text.charCodeAt(at);
      if (character === code.quote) {
        this.at = at + 1;
        value += text.slice(from, at);
        return { kind: "string", value, start, end: this.at };
      }
      if (character === code.backslash) {
        value += text.slice(from, at);
        const letter = text.charAt(at + 1);
        const isCode = letter === "u" && /^[0-9a-f]{4}$/i.test(text.slice(at + 2, at + 6));
        const meant = isCode
          ? String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16))
          : escapes[letter];
        if (meant === undefined) {
          const advice =
            "Write \\\\ for a backslash, \\n for a line end, \\uNNNN for a character by its code.";
          this.fail(`JSON has no such escape. ${advice}`, at, at + 2);
        }
        value += meant;
        at += isCode ? 5 : 1;
        from = at + 1;
      } else if (!(character >= 32)) {
        if (at >= text.length || character === code.newline || character === code.return) {
          const advice = 'Close it with ", and write a line end inside a string as \\n.';
          this.fail(`This string is not closed on its line. ${advice}`, start, at);
        }
        const written = `\\u${character.toString(16).padStart(4, "0")}`;
        this.fail(`A control character stands in this string. Write it as ${written}.`, at);
      }
    }
  }

  private matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const isMatch = pattern.test(this.text);
    if (isMatch) this.at = pattern.lastIndex;
    return isMatch;
  }

  private skipSpace(): void {
    const { text } = this;
    for (;;) {
      const character = text.charCodeAt(this.at);
      const isSpace =
        character === code.space ||
        character === code.newline ||
        character === code.return ||
        character === code.tab;
      if (!isSpace) return;
      this.at++;
    }
  }

  /** What stands at the position, as words for a message. */
  private found(): string {
    if (this.at >= this.text.length) return "the end of the file";
    const character = this.text.charCodeAt(this.at);
    const next = this.text.charCodeAt(this.at + 1);
    if (character === code.quote) return "a string";
    if (character === code.apostrophe) return `"'" (strings stand in double quotes)`;
    if (character === code.hash || (character === code.slash && (next === code.slash || next === 42))) {
      return "a comment (JSON has none)";
    }
    return `"${String.fromCodePoint(this.text.codePointAt(this.at) ?? character)}"`;
  }

  private failAtComma(): never {
    const comma = this.text.lastIndexOf(",", this.at);
    return this.fail("JSON permits no comma after the last entry. Remove it.", comma, comma + 1);
  }

  private fail(message: string, start = this.at, end = start + 1): never {
    const { length } = this.text;
    throw new NotJson({ message, start, end: Math.max(start, Math.min(end, length)) });
  }
}
