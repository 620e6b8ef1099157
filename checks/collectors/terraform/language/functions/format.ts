import { numberText } from "../numbers.ts";
import { type Origin, scalar, sequence, type TerraformValue } from "../value.ts";
import {
  EvaluationFailure,
  EvaluationLimit,
  type FunctionDefinition,
  items,
  number,
  plain,
  text,
  truth,
} from "./definition.ts";
import { jsonText } from "./json.ts";

/** One verb of a format: `%-10.2f`, `%[1]s`. */
const verb = /%(?:%|([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(?:\[(\d+)\])?([a-zA-Z]))/g;

interface Verb {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** Longer padding is nobody's intention. */
const maximumWidth = 10_000;

function format(pattern: string, values: readonly TerraformValue[]): string {
  let next = 0;
  let isIndexed = false;
  let end = 0;
  let result = "";
  for (const match of pattern.matchAll(verb)) {
    const [whole, flags = "", width, precision, index, letter] = match;
    const between = pattern.slice(end, match.index);
    if (between.includes("%")) throw new EvaluationFailure("the format has a % that is no verb");
    result += between;
    end = match.index + whole.length;
    if (letter === undefined) {
      result += "%";
      continue;
    }
    if (width === "*" || precision === "*") throw new EvaluationLimit("a width of *");
    if (Number(width ?? 0) > maximumWidth) throw new EvaluationLimit("the width is too large");
    if (index !== undefined) {
      next = Number(index) - 1;
      isIndexed = true;
    }
    const value = values[next];
    next++;
    if (value === undefined) throw new EvaluationFailure(`there is no value for "${whole}"`);
    const hasPoint = whole.includes(".");
    result += formatOne(value, {
      flags,
      width: Number(width ?? 0),
      precision: hasPoint ? Number(precision ?? 0) : undefined,
      letter,
    });
  }
  const rest = pattern.slice(end);
  if (rest.includes("%")) throw new EvaluationFailure("the format has a % that is no verb");
  if (!isIndexed && next < values.length) throw new EvaluationFailure("there are more values than verbs");
  return result + rest;
}

function formatOne(value: TerraformValue, shape: Verb): string {
  const { letter } = shape;
  if (letter === "v") return pad(shape.flags.includes("#") ? jsonText(value) : plainText(value), shape);
  if (value.kind === "scalar" && value.value === null)
    throw new EvaluationFailure("null cannot be formatted");
  switch (letter) {
    case "s":
      return pad(cut(text(value), shape), shape);
    case "q":
      return pad(JSON.stringify(cut(text(value), shape)), shape);
    case "t":
      return pad(String(truth(value)), shape);
    case "d":
    case "b":
    case "o":
    case "x":
    case "X":
    case "c":
      return formatWhole(value, shape);
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return pad(formatFraction(number(value), shape), shape);
    default:
      throw new EvaluationFailure(`%${letter} is no verb`);
  }
}

function plainText(value: TerraformValue): string {
  if (value.kind === "scalar" && value.value === null) return "null";
  return value.kind === "scalar" ? text(value) : jsonText(value);
}

function cut(content: string, { precision }: Verb): string {
  return precision === undefined ? content : [...content].slice(0, precision).join("");
}

function formatWhole(value: TerraformValue, shape: Verb): string {
  const whole = number(value);
  if (!Number.isSafeInteger(whole)) throw new EvaluationFailure(`%${shape.letter} takes a whole number`);
  if (shape.letter === "c") return pad(String.fromCodePoint(whole), shape);
  const radix = { b: 2, o: 8, x: 16, X: 16 }[shape.letter] ?? 10;
  const digits = Math.abs(whole).toString(radix);
  const sign = whole < 0 ? "-" : shape.flags.includes("+") ? "+" : shape.flags.includes(" ") ? " " : "";
  const filled = digits.padStart(shape.precision ?? 0, "0");
  return pad(sign + (shape.letter === "X" ? filled.toUpperCase() : filled), shape);
}

function formatFraction(value: number, { letter, precision, flags }: Verb): string {
  const sign = value >= 0 && flags.includes("+") ? "+" : "";
  const lower = letter.toLowerCase();
  if (lower === "f") return sign + value.toFixed(precision ?? 6);
  const exponent = (content: string): string => content.replace(/e([+-])(\d)$/, "e$10$2");
  if (lower === "e") return sign + exponent(value.toExponential(precision ?? 6));
  const shortest = numberText(value);
  if (shortest === undefined || precision !== undefined)
    throw new EvaluationLimit(`%${letter} with so many digits`);
  const isWide = value !== 0 && (Math.abs(value) >= 1e21 || Math.abs(value) < 1e-4);
  return sign + (isWide ? exponent(value.toExponential()) : shortest);
}

function pad(content: string, { flags, width, letter }: Verb): string {
  const length = [...content].length;
  if (length >= width) return content;
  const missing = width - length;
  if (flags.includes("-")) return content + " ".repeat(missing);
  const isNumber = /[dboxXeEfFgG]/.test(letter);
  if (!flags.includes("0")) return " ".repeat(missing) + content;
  const sign = isNumber && /^[+-]/.test(content) ? content.slice(0, 1) : "";
  return sign + "0".repeat(missing) + content.slice(sign.length);
}

/** One text for each element of the lists; single values are repeated. */
function formatList(
  pattern: TerraformValue | undefined,
  values: readonly TerraformValue[],
  origin: Origin,
): TerraformValue {
  const lists = values.filter((value) => "items" in value);
  const [first] = lists;
  const length = first === undefined ? 1 : items(first).length;
  if (lists.some((list) => items(list).length !== length))
    throw new EvaluationFailure("the lists are of different lengths");
  const lines = Array.from({ length }, (_, index) => {
    const row = values.map((value) => ("items" in value ? (value.items[index] ?? value) : value));
    return scalar(format(text(pattern), row), origin);
  });
  return sequence("list", lines, origin);
}

export const formatFunctions: Readonly<Record<string, FunctionDefinition>> = {
  format: plain(1, Infinity, ([pattern, ...values], origin) => scalar(format(text(pattern), values), origin)),
  formatlist: plain(1, Infinity, ([pattern, ...values], origin) => formatList(pattern, values, origin)),
};
