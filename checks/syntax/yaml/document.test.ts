import { describe, expect, test } from "vitest";
import { parseYaml, type YamlDocument } from "./document.ts";

/** Errors as `line:column code message`. */
function told(text: string): string[] {
  return parseYaml("a.yaml", text).diagnostics.map(({ code, message, location }) => {
    return `${location?.line}:${location?.column} ${code} ${message}`;
  });
}

function read(text: string): YamlDocument {
  const { document, diagnostics } = parseYaml("a.yaml", text);
  if (document === undefined) throw new Error(diagnostics.map(({ message }) => message).join(" "));
  return document;
}

describe("parseYaml", () => {
  test.each<[string, unknown]>([
    ["", null],
    ["# words\n", null],
    ["\ufeffa: 1\r\nb: [x, 'y']\r\n", { a: 1, b: ["x", "y"] }],
    ["--- # words\na: &x {b: 1}\nc: *x\n", { a: { b: 1 }, c: { b: 1 } }],
    [
      "a: yes\nb: 2026-01-01\nc: 0x1f\nd: ~\ne: 1e3\n",
      { a: "yes", b: "2026-01-01", c: 31, d: null, e: 1000 },
    ],
    ["a: |\n  one\n  two\nb: >-\n  one\n  two\n", { a: "one\ntwo\n", b: "one two" }],
    ["a: !!str 1\n", { a: "1" }],
    ["1: a\n", { "1": "a" }],
  ])("reads %j", (text, value) => {
    expect(read(text).value).toEqual(value);
  });

  test("keeps names that objects have anyway as plain data", () => {
    const { value } = read("__proto__: {polluted: true}\nconstructor: 1\n");
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("says where nodes and names stand, or the nearest thing around them", () => {
    const document = read('# words\na:\n  b: [1, "two"]\n  "c d": {e: 3}\n');
    const place = (path: (string | number)[]): unknown[] => {
      const { line, column, endLine, endColumn } = document.locate(path);
      return [line, column, endLine, endColumn];
    };
    expect(place(["a", "b", 1])).toEqual([3, 10, 3, 15]);
    expect(place(["a", "c d", "e"])).toEqual([4, 14, 4, 15]);
    expect(place(["a", "b", 7])).toEqual(place(["a", "b"]));
    expect(place(["x", "y"])).toEqual(place([]));
    expect(document.locateKey(["a", "c d"])).toEqual({
      file: "a.yaml",
      line: 4,
      column: 3,
      endLine: 4,
      endColumn: 8,
    });
    expect(document.locateKey(["a", "missing"])).toEqual(document.locate(["a"]));
  });

  test.each([
    ["a: 1\nb: 2\na: 3\n", ["3:1 yaml-syntax Map keys must be unique."]],
    ["x:\n  a: 1\n  a: 3\n", ["3:3 yaml-syntax Map keys must be unique."]],
    ["a:\n\tb: 1\n", ["2:1 yaml-syntax Tabs are not allowed as indentation."]],
    ["a:\n  b: 1\n c: 2\n", ["3:1 yaml-syntax All mapping items must start at the same column."]],
    ["a: @x\n", ["1:4 yaml-syntax Plain value cannot start with reserved character @."]],
    ["a: 1\n---\nb: 2\n", ["2:1 yaml-syntax A second document begins here. Keep one document in a file."]],
    ["a: !secret x\n", ["1:12 yaml-syntax The tag !secret is not read. Write a plain value."]],
    [
      "a: !!binary aGk=\n",
      ["1:13 yaml-syntax The tag tag:yaml.org,2002:binary is not read. Write a plain value."],
    ],
    [
      "a: .nan\nb: -.inf\n",
      [
        "1:4 yaml-syntax .nan is no number here. Write digits.",
        "2:4 yaml-syntax -.inf is no number here. Write digits.",
      ],
    ],
    ["? [a, b]\n: 1\n", ["1:3 yaml-syntax A name is due here, not a list or map."]],
    ["a: 1\nb: *x\n", ["2:4 yaml-aliases Nothing before this is called &x. Write the value out."]],
    ["a: &x\n  b: [*x]\n", ["2:7 yaml-aliases *x stands inside itself. Write the value out."]],
  ])("refuses %j, and says where", (text, errors) => {
    expect(told(text)).toEqual(errors);
    expect(parseYaml("a.yaml", text).document).toBeUndefined();
  });

  test.each([
    [
      "a list of aliases of lists",
      `a: &a0 [x, x]\n${Array.from({ length: 30 }, (_, level) => `b${level}: &a${level + 1} [*a${level}, *a${level}]\n`).join("")}`,
    ],
    [
      "many aliases of one map",
      `a: &a {b: 1}\n${Array.from({ length: 200 }, (_, at) => `c${at}: *a\n`).join("")}`,
    ],
  ])("refuses %s", (_, text) => {
    expect(told(text)).toEqual([
      "1:1 yaml-aliases The aliases (*name) of this file expand to more than is read (100). Write the values out.",
    ]);
  });

  test.each([
    ["[".repeat(10_000), "1:251"],
    ["[".repeat(10_000) + "]".repeat(10_000), "1:251"],
    ["{a: ".repeat(10_000), "1:998"],
    ["- ".repeat(10_000), "1:500"],
    [Array.from({ length: 10_000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"), "250:251"],
    ["[".repeat(4 * 1024 * 1024), "1:251"],
  ])("gives one error for what is nested without end (%#)", (text, place) => {
    const [error, ...others] = told(text);
    expect(others).toEqual([]);
    expect(error).toContain(
      "yaml-syntax Nested more than 250 levels deep, so the file was not read. Flatten it.",
    );
    expect(error?.split(" ")[0]).toBe(place);
  });

  test("reads 200 levels", () => {
    expect(told("[".repeat(200) + "]".repeat(200))).toEqual([]);
  });

  test("lists ten errors at most", () => {
    expect(told("a: @x\n".repeat(1000))).toHaveLength(10);
  });
});
