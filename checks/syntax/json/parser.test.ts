import { describe, expect, test } from "vitest";
import { LineIndex } from "#base/location.ts";
import { parseJson } from "./parser.ts";
import type { JsonNode } from "./tree.ts";

/** The problem of a text as `line:column message`. */
function problemOf(text: string): string | undefined {
  const parsed = parseJson(text);
  if (!("problem" in parsed)) return undefined;
  const { line, column } = new LineIndex("a.json", text).position(parsed.problem.start);
  return `${line}:${column} ${parsed.problem.message}`;
}

function read(text: string): JsonNode {
  const parsed = parseJson(text);
  if ("problem" in parsed) throw new Error(parsed.problem.message);
  return parsed.value;
}

function plain(node: JsonNode): unknown {
  if (node.kind === "array") return node.items.map(plain);
  if (node.kind === "object") return node.properties.map(({ name, value }) => [name.value, plain(value)]);
  return node.value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("parseJson", () => {
  test("gives every part its place", () => {
    const text = ' { "a" : [1, "x\\n"] , "b":null}\n';
    const root = read(text);
    const written = (node: { start: number; end: number }): string => text.slice(node.start, node.end);
    if (root.kind !== "object") throw new Error(root.kind);
    expect(written(root)).toBe(text.trim());
    expect(root.properties.map(written)).toEqual(['"a" : [1, "x\\n"]', '"b":null']);
    expect(root.properties.map(({ name }) => written(name))).toEqual(['"a"', '"b"']);
    const [list] = root.properties.map(({ value }) => value);
    expect(list?.kind === "array" && list.items.map(written)).toEqual(["1", '"x\\n"']);
  });

  test("keeps properties of one name, in order", () => {
    expect(plain(read('{"a":1,"a":2}'))).toEqual([
      ["a", 1],
      ["a", 2],
    ]);
  });

  test.each([
    ["", "1:1 A value is due here, but the end of the file follows."],
    ["{\n  // words\n}", '2:3 A name in quotes ("…") is due here, but a comment (JSON has none) follows.'],
    [
      '{"a": 1,\n # words\n}',
      '2:2 A name in quotes ("…") is due here, but a comment (JSON has none) follows.',
    ],
    ['{"a": 1,\n}', "1:8 JSON permits no comma after the last entry. Remove it."],
    ["[1,\n 2, ]", "2:3 JSON permits no comma after the last entry. Remove it."],
    ["{\n  a: 1}", '2:3 A name needs quotes: write "a".'],
    ["{'a': 1}", `1:2 A name in quotes ("…") is due here, but "'" (strings stand in double quotes) follows.`],
    ['{"a" 1}', '1:6 ":" and a value are due after this name, but "1" follows.'],
    ['{"a": 1\n "b": 2}', '2:2 "," or "}" is due after this value, but a string follows.'],
    ['{"a": [1, 2}', '1:12 "," or "]" is due after this value, but "}" follows.'],
    ['{"a": {"b": 1}\n', "1:1 This object is never closed. Close it with }."],
    ['{"a": [1', "1:7 This array is never closed. Close it with ]."],
    [
      '{"a": "x\n"}',
      '1:7 This string is not closed on its line. Close it with ", and write a line end inside a string as \\n.',
    ],
    [
      '["a\\d"]',
      "1:4 JSON has no such escape. Write \\\\ for a backslash, \\n for a line end, \\uNNNN for a character by its code.",
    ],
    ['["\u0001"]', "1:3 A control character stands in this string. Write it as \\u0001."],
    ["[True]", '1:2 True is no JSON value. Write true, false, null, a number or a string in quotes ("…").'],
    ["[012]", '1:2 012 is no number. Write digits without leading zeros, or "…".'],
    ["[1.]", '1:2 1. is no number. Write digits without leading zeros, or "…".'],
    ["{} {}", '1:4 The value ends here, but "{" follows. Remove it.'],
    ["[".repeat(10_000), "1:251 Nested more than 250 levels deep, so the file was not read. Flatten it."],
  ])("says of %j what to do where", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  test("reads 250 levels", () => {
    expect(problemOf("[".repeat(250) + "]".repeat(250))).toBeUndefined();
  });

  test("reads a line of 20 MB, and says where one that is cut off begins", () => {
    const text = `["${"x".repeat(20_000_000)}"]`;
    expect(problemOf(text)).toBeUndefined();
    expect(problemOf(text.slice(0, -2))).toMatch(/^1:2 This string is not closed/);
  });

  test("accepts what JSON.parse accepts, after any damage to one character", () => {
    const whole = '{"a": [-1.5e+3, 0, "\\u00e9\\"\\/ é"], "": {"b": true, "c": [null, {}, []]}}';
    expect(plain(read(whole))).toEqual(plainOf(JSON.parse(whole)));
    for (let at = 0; at < whole.length; at++) {
      for (const other of [
        "",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "0",
        "-",
        ".",
        "e",
        "\n",
        "\u0000",
        " ",
      ]) {
        const text = whole.slice(0, at) + other + whole.slice(at + 1);
        expect({ text, isJson: problemOf(text) === undefined }).toEqual({ text, isJson: isJson(text) });
      }
    }
  });
});

function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, item]) => [name, plainOf(item)]);
}
