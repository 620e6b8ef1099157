import { domainToASCII, domainToUnicode } from "node:url";

/** What a name stands for. */
export interface MacroValue {
  readonly text: string;
  /** The text is taken as it is; otherwise the references in it are expanded in their turn. */
  readonly literal?: true;
}

/**
 * Finds what a name stands for; undefined where nothing defines it.
 * @param tested the name stands before `?` or `:`, so that only whether it is empty counts
 */
export type MacroLookup = (name: string, tested: boolean) => MacroValue | undefined;

/** The text, or why there is none in words that follow "because". */
export type Expansion = { readonly text: string } | { readonly problem: string };

const nestingLimit = 100;
/** More than any value needs, and little enough to be expanded at once. */
const stepLimit = 20_000;
const lengthLimit = 1024 * 1024;

/** How many references may still be expanded in all. */
export interface MacroBudget {
  steps: number;
}

/**
 * Expands `$name`, `${name}`, `$(name)`, `${name?value}`, `${name:value}`, `${name?{value}:{value}}`,
 * `${{a} == {b} ? {c} : {d}}`, `${function{value}}` and `$$` by the rules of Postfix.
 */
export function expandMacros(
  text: string,
  lookup: MacroLookup,
  budget: MacroBudget = { steps: stepLimit },
): Expansion {
  try {
    return { text: new Expander(lookup, budget).expand(text) };
  } catch (error) {
    if (error instanceof MacroError) return { problem: error.message };
    throw error;
  }
}

class MacroError extends Error {}

const blank = " \t\r\n\f\v";
const isNameCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[A-Za-z0-9_]/.test(character);

class Expander {
  private readonly lookup: MacroLookup;
  private readonly budget: MacroBudget;
  private depth = 0;
  private steps = 0;

  constructor(lookup: MacroLookup, budget: MacroBudget) {
    this.lookup = lookup;
    this.budget = budget;
  }

  expand(text: string): string {
    this.depth += 1;
    if (this.depth > nestingLimit) {
      throw new MacroError(
        `its references are nested more than ${nestingLimit} deep, or go round in a circle`,
      );
    }
    let result = "";
    for (let at = 0; at < text.length; ) {
      const dollar = text.indexOf("$", at);
      if (dollar === -1) {
        result += text.slice(at);
        break;
      }
      result += text.slice(at, dollar);
      if (text[dollar + 1] === "$") {
        result += "$";
        at = dollar + 2;
        continue;
      }
      const reference = readReference(text, dollar + 1);
      result += this.reference(reference.body);
      at = reference.end;
      this.steps += 1;
      this.budget.steps -= 1;
      if (this.steps > stepLimit || this.budget.steps < 0 || result.length > lengthLimit) {
        throw new MacroError("its references multiply beyond any use");
      }
    }
    this.depth -= 1;
    return result;
  }

  private reference(body: string): string {
    const cursor = new Cursor(body);
    if (cursor.atBrace()) {
      const left = cursor.braces();
      const holds = this.compare(left, cursor);
      if (cursor.atEnd()) return holds ? "true" : "";
      return this.choose(holds, cursor);
    }
    const { name, operator } = cursor.name();
    if (operator === "{") return this.call(name, cursor);
    const value = this.lookup(name, operator !== "");
    if (operator !== "") return this.choose(value !== undefined && value.text !== "", cursor);
    if (value === undefined) return "";
    return value.literal === true ? value.text : this.expand(value.text);
  }

  private compare(left: string, cursor: Cursor): boolean {
    const { operator, suffix } = cursor.operator();
    if (!cursor.atBrace()) throw new MacroError(`a {value} is missing behind ${operator}${suffix}`);
    const right = cursor.braces();
    const [a, b] = [this.expand(left), this.expand(right)];
    const order = suffix === "level" ? compareLevels(a, b) : compareTexts(a, b);
    if (operator === "==") return order === 0;
    if (operator === "!=") return order !== 0;
    if (operator === "<") return order < 0;
    if (operator === "<=") return order <= 0;
    return operator === ">" ? order > 0 : order >= 0;
  }

  /** What follows a test: `?yes`, `:no`, `?{yes}:{no}`. */
  private choose(holds: boolean, cursor: Cursor): string {
    let operator = cursor.take();
    let result = "";
    if (operator === "?") {
      const yes = cursor.operand();
      if (holds) result = this.expand(yes);
      if (cursor.atEnd()) return result;
      operator = cursor.take();
    }
    if (operator !== ":") throw new MacroError(`":" is missing at "${operator}${cursor.rest()}"`);
    const no = cursor.operand();
    if (!holds) result = this.expand(no);
    if (!cursor.atEnd()) throw new MacroError(`"${cursor.rest()}" stands behind a complete reference`);
    return result;
  }

  private call(name: string, cursor: Cursor): string {
    const argument = this.expand(cursor.braces().trim());
    if (!cursor.atEnd()) throw new MacroError(`"${cursor.rest()}" stands behind a complete reference`);
    if (name === "domain_to_ascii") return domainToASCII(argument) || argument;
    if (name === "domain_to_utf8") return domainToUnicode(argument) || argument;
    throw new MacroError(`there is no function "${name}"`);
  }
}

/** The text between the brackets of a reference, or its bare name. */
function readReference(text: string, at: number): { readonly body: string; readonly end: number } {
  const open = text[at];
  if (open === "{" || open === "(") {
    const end = closing(text, at, open, open === "{" ? "}" : ")");
    if (end === -1) throw new MacroError(`a "${open}" is never closed`);
    if (end === at + 1) throw new MacroError("a reference has no name");
    return { body: text.slice(at + 1, end), end: end + 1 };
  }
  let end = at;
  while (isNameCharacter(text[end])) end += 1;
  if (end === at) throw new MacroError('a "$" has no name behind it; "$$" stands for the sign itself');
  return { body: text.slice(at, end), end };
}

/** The position of the bracket that closes the one at `at`, -1 where none does. */
function closing(text: string, at: number, open: string, close: string): number {
  let level = 0;
  for (let index = at; index < text.length; index += 1) {
    if (text[index] === open) level += 1;
    else if (text[index] === close) level -= 1;
    if (level === 0) return index;
  }
  return -1;
}

/** Reads the inside of one reference from left to right. */
class Cursor {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  rest(): string {
    return this.text.slice(this.at, this.at + 20);
  }

  take(): string {
    const character = this.text[this.at] ?? "";
    this.at += 1;
    return character;
  }

  /** Moves to a `{` that only white space precedes. */
  atBrace(): boolean {
    const at = this.skip();
    if (this.text[at] !== "{") return false;
    this.at = at;
    return true;
  }

  /** The text in the braces here; moves past them and the white space behind. */
  braces(): string {
    const end = closing(this.text, this.at, "{", "}");
    if (end === -1) throw new MacroError('a "{" is never closed');
    const inside = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    this.at = this.skip();
    return inside;
  }

  /** A result: text in braces, or everything that is left. */
  operand(): string {
    if (this.atBrace()) return this.braces();
    const text = this.text.slice(this.at);
    this.at = this.text.length;
    return text;
  }

  /** A name and what follows it: nothing, `?` or `:` (left to be taken), or `{` of a function's argument. */
  name(): { readonly name: string; readonly operator: "" | "?" | ":" | "{" } {
    this.at = this.skip();
    const start = this.at;
    while (isNameCharacter(this.text[this.at])) this.at += 1;
    const name = this.text.slice(start, this.at);
    this.at = this.skip();
    const operator = this.text[this.at] ?? "";
    if (operator === "" || operator === "?" || operator === ":" || operator === "{")
      return { name, operator };
    throw new MacroError(`"${this.rest()}" is not part of a name`);
  }

  operator(): { readonly operator: string; readonly suffix: string } {
    const match = /^([<>!=?+\-*/~&|%]*)([A-Za-z0-9]*)/.exec(this.text.slice(this.at));
    const [all, operator = "", suffix = ""] = match ?? ["", "", ""];
    if (!["==", "!=", "<", "<=", ">=", ">"].includes(operator)) {
      throw new MacroError(`a comparison (==, !=, <, <=, >=, >) is missing at "${this.rest()}"`);
    }
    if (suffix !== "" && suffix !== "level")
      throw new MacroError(`there is no comparison "${operator}${suffix}"`);
    this.at += all.length;
    return { operator, suffix };
  }

  private skip(): number {
    let at = this.at;
    while (at < this.text.length && blank.includes(this.text[at] ?? "")) at += 1;
    return at;
  }
}

/** By number where both are digits, otherwise by bytes. */
function compareTexts(a: string, b: string): number {
  const digits = /^\d+$/;
  if (digits.test(a) && digits.test(b)) return Number(a) - Number(b);
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Compares levels such as `3.6` and `2` part by part. */
export function compareLevels(a: string, b: string): number {
  const parse = (level: string): number[] => {
    if (!/^\d+(?:\.\d+){0,2}$/.test(level)) throw new MacroError(`"${level}" is no compatibility level`);
    return level.split(".").map(Number);
  };
  const [left, right] = [parse(a), parse(b)];
  for (const index of [0, 1, 2]) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
