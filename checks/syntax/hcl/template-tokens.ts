import { maximumDepth } from "./scanner.ts";
import type { Expression, TemplatePart } from "./tree.ts";

/** A template before its directives are matched; `text` never spans more than one line of a heredoc. */
export type TemplateToken =
  | { readonly kind: "text"; value: string; start: number; readonly end: number }
  | (Sequence & { readonly kind: "interpolation"; readonly expression: Expression })
  | (Sequence & { readonly kind: "if"; readonly condition: Expression })
  | (Sequence & { readonly kind: "else" | "endif" | "endfor" })
  | (Sequence & {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
    });

interface Sequence {
  readonly start: number;
  readonly end: number;
  /** `${~`: blanks of the text before it are dropped. */
  readonly trimsBefore: boolean;
  readonly trimsAfter: boolean;
}

type Fail = (message: string, start: number, end: number) => never;

/** Whether a character is white space by Unicode, which is what Terraform trims. */
export function isSpace(character: number): boolean {
  if (character < 128) return character === 32 || (character >= 9 && character <= 13);
  return unicodeSpace.test(String.fromCharCode(character));
}

const unicodeSpace = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function startOfText(value: string): number {
  let at = 0;
  while (at < value.length && isSpace(value.charCodeAt(at))) at++;
  return at;
}

function endOfText(value: string): number {
  let at = value.length;
  while (at > 0 && isSpace(value.charCodeAt(at - 1))) at--;
  return at;
}

/** Removes from every line of an indented heredoc as many blanks as the line that has fewest begins with. */
export function dropIndentation(tokens: readonly TemplateToken[]): void {
  trimBlanks(tokens);
  const indented: { value: string; start: number }[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  let isLineStart = true;
  for (const token of tokens) {
    if (isLineStart) {
      if (token.kind !== "text") fewest = 0;
      else if (startOfText(token.value) < token.value.length || !token.value.endsWith("\n")) {
        fewest = Math.min(fewest, startOfText(token.value));
        indented.push(token);
      }
    }
    isLineStart = token.kind === "text" && token.value.endsWith("\n");
  }
  for (const token of indented) {
    token.value = token.value.slice(fewest);
    token.start += fewest;
  }
}

/** Carries out `~` at sequences. Doing it twice changes nothing. */
function trimBlanks(tokens: readonly TemplateToken[]): void {
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "text") continue;
    const before = tokens[index - 1];
    if (token.trimsBefore && before?.kind === "text")
      before.value = before.value.slice(0, endOfText(before.value));
    const after = tokens[index + 1];
    if (token.trimsAfter && after?.kind === "text") after.value = after.value.slice(startOfText(after.value));
  }
}

/** Makes a literal or a template of the tokens of one string. */
export function buildTemplate(
  tokens: readonly TemplateToken[],
  start: number,
  end: number,
  fail: Fail,
): Expression {
  if (tokens.every((token) => token.kind === "text")) {
    return { kind: "literal", value: tokens.map((token) => token.value).join(""), start, end };
  }
  trimBlanks(tokens);
  return { kind: "template", parts: new Matcher(tokens, fail).root(), start, end };
}

/** Matches directives with their ends. */
class Matcher {
  private readonly tokens: readonly TemplateToken[];
  private readonly fail: Fail;
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly TemplateToken[], fail: Fail) {
    this.tokens = tokens;
    this.fail = fail;
  }

  root(): TemplatePart[] {
    const parts = this.parts();
    const rest = this.tokens[this.at];
    if (rest !== undefined) {
      this.fail(
        `This ${rest.kind} closes nothing. Remove it, or open what it belongs to.`,
        rest.start,
        rest.end,
      );
    }
    return parts;
  }

  /** Parts up to the next `else`, `endif` or `endfor`. */
  private parts(): TemplatePart[] {
    const parts: TemplatePart[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined) return parts;
      const { start, end } = token;
      if (this.depth > maximumDepth) {
        this.fail(`Directives are nested more than ${maximumDepth} levels deep. Flatten them.`, start, end);
      }
      switch (token.kind) {
        case "text": {
          const last = parts.at(-1);
          if (last?.kind === "text") {
            parts[parts.length - 1] = { ...last, value: last.value + token.value, end };
          } else parts.push({ kind: "text", value: token.value, start, end });
          this.at++;
          break;
        }
        case "interpolation":
          parts.push({ kind: "interpolation", expression: token.expression, start, end });
          this.at++;
          break;
        case "if": {
          this.at++;
          this.depth++;
          const consequent = this.parts();
          const hasElse = this.tokens[this.at]?.kind === "else";
          if (hasElse) this.at++;
          const alternate = hasElse ? this.parts() : [];
          this.depth--;
          const close = this.close("endif", token);
          parts.push({ kind: "if", condition: token.condition, consequent, alternate, start, end: close });
          break;
        }
        case "for": {
          this.at++;
          const { keyName, valueName, collection } = token;
          this.depth++;
          const body = this.parts();
          this.depth--;
          const close = this.close("endfor", token);
          parts.push({ kind: "forPart", keyName, valueName, collection, body, start, end: close });
          break;
        }
        default:
          return parts;
      }
    }
  }

  private close(kind: "endif" | "endfor", opener: TemplateToken): number {
    const token = this.tokens[this.at];
    if (token?.kind !== kind) {
      const message = `This ${opener.kind} is not closed. Close it with %{ ${kind} }.`;
      return this.fail(message, opener.start, opener.end);
    }
    this.at++;
    return token.end;
  }
}
