import { describe, expect, test } from "vitest";
import { findDecisionComments } from "./decision-comments.ts";

const found = (text: string) =>
  findDecisionComments("a.tf", text).map(({ id, location, about }) => [
    id,
    location.line,
    location.column,
    about,
  ]);

describe("findDecisionComments", () => {
  test.each([
    ["# hipaa-check: decision D-12\na = 1\n", ["D-12", 1, 3, 2]],
    ["a = 1 # hipaa-check: decision D-12\n", ["D-12", 1, 9, 1]],
    ["const a = 1; // hipaa-check: decision D-1, for now\n", ["D-1", 1, 17, 1]],
    ["/* hipaa-check: decision D-1 */\n\n// more\na()\n", ["D-1", 1, 4, 4]],
    ["/**\n * hipaa-check: decision D-1\n */\na()\n", ["D-1", 2, 4, 4]],
    ["; hipaa-check: decision x.y_z-1\nmx IN A 1\n", ["x.y_z-1", 1, 3, 2]],
    ["# hipaa-check: decision D-1", ["D-1", 1, 3, 1]],
    ["# hipaa-check: decision\na = 1\n", [undefined, 1, 3, 2]],
  ])("%j points", (text, comment) => {
    expect(found(text)).toEqual([comment]);
  });

  test.each([
    'a = "hipaa-check: decision D-1"\n',
    "hipaa-check: decision D-1\n",
    "# see hipaa-check: decision D-1\n",
    "# hipaa-check: decisions D-1\n",
    "# hipaa-check: decisionD-1\n",
    "",
  ])("%j does not", (text) => {
    expect(found(text)).toEqual([]);
  });

  test("a text of nothing but such comments, and one endless line, are read once", () => {
    expect(found("# hipaa-check: decision D-1\n".repeat(200_000))).toHaveLength(200_000);
    expect(found(`${" #".repeat(4_000_000)} hipaa-check: decision D-1`)).toHaveLength(1);
  });
});
