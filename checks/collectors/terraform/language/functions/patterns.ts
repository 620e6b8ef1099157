import { type Context, createContext, runInContext } from "node:vm";
import { mapping, type Origin, scalar, sequence, type TerraformValue } from "../value.ts";
import { EvaluationFailure, EvaluationLimit, type FunctionDefinition, plain, text } from "./definition.ts";

/** Terraform's patterns take time in proportion to the text; those of JavaScript may not end, so that they are stopped. */
const timeLimit = 500;

/** A pattern of RE2 as JavaScript writes it. */
function translate(pattern: string): RegExp {
  let flags = "gu";
  const body = pattern
    .replace(/^\(\?([ims]+)\)/, (_match, letters: string) => {
      flags += [...new Set(letters)].join("");
      return "";
    })
    .replaceAll("(?P<", "(?<")
    .replace(/\\A/g, "^")
    .replace(/\\z/g, "$")
    .replace(/\[\[:(\w+):\]\]/g, (_match, name: string) => `[${posixClass(name)}]`)
    .replace(/\[:(\w+):\]/g, (_match, name: string) => posixClass(name));
  try {
    return new RegExp(body, flags);
  } catch {
    try {
      return new RegExp(body, flags.replace("u", ""));
    } catch {
      throw new EvaluationLimit("the pattern cannot be read");
    }
  }
}

function posixClass(name: string): string {
  const classes = new Map(
    Object.entries({
      alnum: "0-9A-Za-z",
      alpha: "A-Za-z",
      blank: "\\t ",
      digit: "0-9",
      lower: "a-z",
      space: "\\t\\n\\v\\f\\r ",
      upper: "A-Z",
      word: "0-9A-Za-z_",
      xdigit: "0-9A-Fa-f",
    }),
  );
  const found = classes.get(name);
  if (found === undefined) throw new EvaluationLimit(`the class [:${name}:] is not evaluated`);
  return found;
}

let sandbox: (Context & { pattern?: RegExp; content?: string }) | undefined;

function matchesOf(pattern: string, content: string): RegExpExecArray[] {
  const compiled = translate(pattern);
  const repetitions = pattern.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0;
  if (repetitions <= 1) return [...content.matchAll(compiled)];
  sandbox ??= createContext({});
  sandbox.pattern = compiled;
  sandbox.content = content;
  try {
    return runInContext("[...content.matchAll(pattern)]", sandbox, {
      timeout: timeLimit,
    }) as RegExpExecArray[];
  } catch {
    throw new EvaluationLimit("the pattern takes too long on this text");
  }
}

function captured(match: RegExpExecArray, origin: Origin): TerraformValue {
  const value = (part: string | undefined): TerraformValue => scalar(part ?? null, origin);
  if (match.groups !== undefined) {
    const named = Object.entries(match.groups);
    if (named.length !== match.length - 1)
      throw new EvaluationFailure("named and unnamed groups cannot be mixed");
    return mapping("object", new Map(named.map(([name, part]) => [name, value(part)])), origin);
  }
  if (match.length === 1) return value(match[0]);
  return sequence("tuple", match.slice(1).map(value), origin);
}

/** Go expands `$1`, `${name}` and `$$`; a name is as long as it can be. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    return /^\d+$/.test(name) ? (match[Number(name)] ?? "") : (match.groups?.[name] ?? "");
  });
}

function replace(content: string, wanted: string, replacement: string): string {
  const pattern = /^\/(.+)\/$/s.exec(wanted)?.[1];
  if (pattern === undefined) return content.replaceAll(wanted, () => replacement);
  let result = "";
  let end = 0;
  for (const match of matchesOf(pattern, content)) {
    result += content.slice(end, match.index) + expand(replacement, match);
    end = match.index + match[0].length;
  }
  return result + content.slice(end);
}

export const patternFunctions: Readonly<Record<string, FunctionDefinition>> = {
  regex: plain(2, 2, ([pattern, content], origin) => {
    const [match] = matchesOf(text(pattern), text(content));
    if (match === undefined) throw new EvaluationFailure("the pattern does not match");
    return captured(match, origin);
  }),
  regexall: plain(2, 2, ([pattern, content], origin) =>
    sequence(
      "list",
      matchesOf(text(pattern), text(content)).map((match) => captured(match, origin)),
      origin,
    ),
  ),
  replace: plain(3, 3, ([content, wanted, replacement], origin) =>
    scalar(replace(text(content), text(wanted), text(replacement)), origin),
  ),
};
