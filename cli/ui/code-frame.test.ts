import { expect, test } from "vitest";
import { codeFrame } from "./code-frame.ts";
import { bare } from "./style.ts";

const text = "one\n\tsecond line\n\nthree\n";

function frame(source: string | undefined, line: number, column: number, endColumn: number): string[] {
  const location = { file: "a", line, column, endLine: line, endColumn };
  return codeFrame(source, location, [], { style: bare, columns: 40 });
}

test("the exact span is underlined, with the lines around it", () => {
  expect(frame(text, 2, 2, 8)).toEqual(["  1 │ one", "> 2 │  second line", "    │  ^^^^^^"]);
});

test("a span without width gets one mark", () => {
  expect(frame(text, 4, 1, 1)).toEqual(["> 4 │ three", "    │ ^"]);
});

test("a line that does not fit is cut at the right", () => {
  const [shown, underline] = frame("x".repeat(200), 1, 1, 201);
  expect(shown).toBe(`> 1 │ ${"x".repeat(33)}…`);
  expect(underline).toBe(`    │ ${"^".repeat(34)}`);
});

test("a span that lies far to the right is brought into view", () => {
  const [shown, underline] = frame(`${"a".repeat(100)}BAD${"c".repeat(100)}`, 1, 101, 104);
  expect(shown).toBe(`> 1 │ …${"a".repeat(19)}BAD${"c".repeat(10)}…`);
  expect(underline).toBe(`    │ ${" ".repeat(20)}^^^`);
});

test("a place beyond the text, or without a text, gives no frame", () => {
  expect(frame(text, 9, 1, 2)).toEqual([]);
  expect(frame(undefined, 1, 1, 2)).toEqual([]);
});
