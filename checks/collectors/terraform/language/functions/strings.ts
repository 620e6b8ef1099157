import { scalar, type TerraformValue } from "../value.ts";
import {
  EvaluationFailure,
  EvaluationLimit,
  type FunctionDefinition,
  items,
  listOf,
  number,
  plain,
  text,
  texts,
  wholeNumber,
} from "./definition.ts";

/** What Terraform counts as one character of a text. */
export function characters(content: string): string[] {
  let isAscii = true;
  for (let at = 0; at < content.length && isAscii; at++) {
    const code = content.charCodeAt(at);
    isAscii = code < 128 && code !== 13;
  }
  if (isAscii) return [...content];
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(content)].map(
    ({ segment }) => segment,
  );
}

/** Changes case character by character, so that none becomes two as `ß` would. */
function mapCase(content: string, change: (character: string) => string): string {
  return [...content].map((character) => changed(character, change(character))).join("");
}

function changed(character: string, result: string): string {
  if (result.length <= character.length) return result;
  return character === "İ" ? "i" : character;
}

/** As Go does it: letters, digits and _ continue a word, and beyond ASCII only blanks end one. */
function title(content: string): string {
  return content.replace(
    /(^|[^\p{L}\p{N}_\u0080-\u{10ffff}]|\s)(\p{L})/gu,
    (_match, before: string, letter: string) => before + mapCase(letter, (one) => one.toUpperCase()),
  );
}

function trimSet(content: string, cutset: string, ends: "both" | "start" | "end"): string {
  const cut = new Set(cutset);
  const all = [...content];
  let from = 0;
  let to = all.length;
  if (ends !== "end") while (from < to && cut.has(all[from] ?? "")) from++;
  if (ends !== "start") while (to > from && cut.has(all[to - 1] ?? "")) to--;
  return all.slice(from, to).join("");
}

function substr(content: string, offset: number, length: number): string {
  const all = characters(content);
  const start = offset < 0 ? Math.max(0, offset + all.length) : offset;
  const end = length < 0 ? all.length : start + length;
  return all.slice(start, end).join("");
}

function indent(spaces: number, content: string): string {
  return content.replaceAll("\n", `\n${" ".repeat(spaces)}`);
}

function join(separator: TerraformValue | undefined, lists: readonly TerraformValue[]): string {
  const parts = lists.flatMap((list) =>
    items(list).map((item) => {
      if (item.kind === "scalar" && item.value === null) throw new EvaluationFailure("null cannot be joined");
      return text(item);
    }),
  );
  return parts.join(text(separator));
}

const stringOf =
  (run: (...parts: string[]) => string | boolean): FunctionDefinition["run"] =>
  (values, origin) =>
    scalar(run(...values.map((value) => text(value))), origin);

export const stringFunctions: Readonly<Record<string, FunctionDefinition>> = {
  upper: plain(
    1,
    1,
    stringOf((content) => mapCase(content ?? "", (one) => one.toUpperCase())),
  ),
  lower: plain(
    1,
    1,
    stringOf((content) => mapCase(content ?? "", (one) => one.toLowerCase())),
  ),
  title: plain(
    1,
    1,
    stringOf((content) => title(content ?? "")),
  ),
  chomp: plain(
    1,
    1,
    stringOf((content) => (content ?? "").replace(/(?:\r?\n)+$/, "")),
  ),
  trimspace: plain(
    1,
    1,
    stringOf((content) => (content ?? "").trim()),
  ),
  trim: plain(
    2,
    2,
    stringOf((content = "", cutset = "") => trimSet(content, cutset, "both")),
  ),
  trimprefix: plain(
    2,
    2,
    stringOf((content = "", prefix = "") =>
      content.startsWith(prefix) ? content.slice(prefix.length) : content,
    ),
  ),
  trimsuffix: plain(
    2,
    2,
    stringOf((content = "", suffix = "") =>
      suffix !== "" && content.endsWith(suffix) ? content.slice(0, -suffix.length) : content,
    ),
  ),
  startswith: plain(
    2,
    2,
    stringOf((content = "", prefix = "") => content.startsWith(prefix)),
  ),
  endswith: plain(
    2,
    2,
    stringOf((content = "", suffix = "") => content.endsWith(suffix)),
  ),
  strcontains: plain(
    2,
    2,
    stringOf((content = "", part = "") => content.includes(part)),
  ),
  strrev: plain(
    1,
    1,
    stringOf((content) =>
      characters(content ?? "")
        .reverse()
        .join(""),
    ),
  ),
  substr: plain(3, 3, ([content, offset, length], origin) =>
    scalar(substr(text(content), wholeNumber(offset), wholeNumber(length)), origin),
  ),
  indent: plain(2, 2, ([spaces, content], origin) =>
    scalar(indent(wholeNumber(spaces), text(content)), origin),
  ),
  join: plain(1, Infinity, ([separator, ...lists], origin) => scalar(join(separator, lists), origin)),
  split: plain(2, 2, ([separator, content], origin) => {
    const by = text(separator);
    const whole = text(content);
    return listOf(whole === "" ? [""] : whole.split(by), origin);
  }),
  sort: plain(1, 1, ([list], origin) =>
    listOf(
      texts(list).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
      origin,
    ),
  ),
  urlencode: plain(
    1,
    1,
    stringOf((content) =>
      encodeURIComponent(content ?? "")
        .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll("%20", "+"),
    ),
  ),
  parseint: plain(2, 2, ([content, base], origin) => {
    const radix = wholeNumber(base);
    if (content?.kind !== "scalar" || typeof content.value !== "string")
      throw new EvaluationFailure("it takes a text");
    const digits = text(content);
    const parsed = Number.parseInt(digits, radix);
    const isWhole = radix >= 2 && radix <= 36 && isInBase(digits, radix);
    if (!isWhole) throw new EvaluationFailure(`"${digits}" is no number in base ${number(base)}`);
    if (!Number.isSafeInteger(parsed)) throw new EvaluationLimit("the number has too many digits");
    return scalar(parsed, origin);
  }),
};

function isInBase(digits: string, radix: number): boolean {
  const bare = digits.replace(/^[+-]/, "").toLowerCase();
  return bare !== "" && [...bare].every((digit) => Number.parseInt(digit, 36) < radix);
}
