import { describe, expect, test } from "vitest";
import { alignWrapped, printable, printableName } from "./text.ts";

describe("columns of which the last is wrapped", () => {
  const rows = [
    ["one", "a", "words that do not fit beside the others"],
    ["second", "b", ""],
  ];

  test("stand side by side where there is room", () => {
    expect(alignWrapped(rows, 40)).toEqual([
      ["one     a  words that do not fit beside", "           the others"],
      ["second  b"],
    ]);
  });

  test("has the last one below where there is little", () => {
    expect(alignWrapped(rows, 30)).toEqual([
      ["one     a", "      words that do not fit", "      beside the others"],
      ["second  b"],
    ]);
  });
});

test("control characters are shown; a name stays on its line", () => {
  expect(printable("a\u001b[31m\nb\tc\u202e")).toBe("a\\u001b[31m\nb\tc\\u202e");
  expect(printableName("a\nb\tc\u2028")).toBe("a\\u000ab\\u0009c\\u2028");
});
