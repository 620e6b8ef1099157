import { describe, expect, test } from "vitest";
import { compareLocations, LineIndex, type Location } from "./location.ts";

describe("LineIndex", () => {
  const text = "one\n\nthrée 💊\n";
  const lines = new LineIndex("a.tf", text);

  test.each([
    [0, 1, 1],
    [3, 1, 4],
    [4, 2, 1],
    [5, 3, 1],
    [text.indexOf("💊"), 3, 7],
    [text.length - 1, 3, 9],
    [text.length, 4, 1],
    [text.length + 50, 4, 1],
    [-1, 1, 1],
  ])("offset %i is line %i, column %i", (offset, line, column) => {
    expect(lines.position(offset)).toEqual({ line, column });
  });

  test("agrees with counting, for every offset", () => {
    for (let offset = 0; offset <= text.length; offset++) {
      const before = text.slice(0, offset).split("\n");
      expect(lines.position(offset)).toEqual({
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
      });
    }
  });

  test("gives ranges over lines", () => {
    expect(lines.location({ start: 2, end: 7 })).toEqual({
      file: "a.tf",
      line: 1,
      column: 3,
      endLine: 3,
      endColumn: 3,
    });
  });

  test("knows one place in an empty text", () => {
    expect(new LineIndex("a.tf", "").position(3)).toEqual({ line: 1, column: 1 });
  });
});

test("locations are ordered by file, then by where they begin, then by where they end", () => {
  const at = (file: string, line: number, column: number, endColumn: number): Location => ({
    file,
    line,
    column,
    endLine: line,
    endColumn,
  });
  const ordered = [
    at("B.tf", 9, 1, 2),
    at("a.tf", 2, 1, 2),
    at("a.tf", 10, 1, 2),
    at("a.tf", 10, 1, 5),
    at("a.tf", 10, 2, 3),
  ];
  expect(ordered.toReversed().sort(compareLocations)).toEqual(ordered);
});
