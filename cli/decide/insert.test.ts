import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { insertDecision } from "./insert.ts";

const decision = {
  id: "D-2",
  kind: "waiver",
  scope: { facts: ["a.b"], files: ["/a.tf"] },
  reason: "It: is # so.\nFor now.",
};
const old = "  - id: D-1 # first\n    kind: waiver\n";

/** What is left of a text without the lines that were added. */
function withoutAdded(after: string, before: string): string {
  const lines = after.split("\n");
  const first = lines.findIndex((line) => line.includes("id: D-2"));
  const count = lines.length - before.split("\n").length;
  return [...lines.slice(0, first), ...lines.slice(first + count)].join("\n");
}

describe("a decision goes to the end of the list, and all else keeps its characters", () => {
  test.each([
    ["behind others", `# top\ndecisions:\n${old}`],
    [
      "in front of another section",
      `decisions: # all\n\n${old}\n  # end of the list\nrecords: []   # none\n`,
    ],
    ["in a list without indentation", "decisions:\n- id: D-1\n  kind: waiver\n"],
    ["in a deep list", "decisions:\n      -   id: D-1\n          kind:   'waiver'\n"],
    ["behind a dash on a line of its own", "decisions:\n  -\n    id: D-1\n    kind: waiver\n"],
    ["behind a block of text", "decisions:\n  - id: D-1\n    reason: |\n      a\n\n      b\n"],
    ["behind a byte-order mark", `\ufeffdecisions:\n${old}`],
    ["behind comments at the end", `decisions:\n${old}# one\n  # two\n`],
    ["between lines with CRLF", `decisions:\r\n${old.replaceAll("\n", "\r\n")}records: []\r\n`],
  ])("%s", (_name, before) => {
    const after = insertDecision(before, decision) ?? "";
    expect(parse(after).decisions.at(-1)).toEqual(decision);
    expect(withoutAdded(after, before)).toBe(before);
    expect(/(?<!\r)\n/.test(after)).toBe(!before.includes("\r\n"));
  });

  test("of a file that does not end with a line end", () => {
    const after = insertDecision(`decisions:\n${old}`.trimEnd(), decision);
    expect(after).toBe(insertDecision(`decisions:\n${old}`, decision));
  });
});

test.each([
  ["a file that is not there", undefined],
  ["an empty file", ""],
  ["a file of comments", "# nothing yet\n"],
  ["a file with other sections", "records: [] # none\n"],
  ["an empty list", "# top\ndecisions: [] # none yet\nrecords: []\n"],
  ["a list without value", "# top\ndecisions: # none yet\nrecords: []\n"],
  ["a list in brackets", "# top\ndecisions: [{ id: D-1 }]\n"],
  ["a document with an end", "# top\nrecords: []\n...\n"],
  ["one flow map", "# top\n{ records: [] }\n"],
])("%s takes a decision, and keeps its comments and data", (_name, before) => {
  const after = insertDecision(before, decision) ?? "";
  const { decisions, ...rest } = parse(after);
  expect(decisions.at(-1)).toEqual(decision);
  const earlier = (before === undefined ? {} : parse(before)) ?? {};
  expect({ ...rest, decisions: decisions.slice(0, -1) }).toEqual({
    ...earlier,
    decisions: earlier.decisions ?? [],
  });
  for (const comment of before?.match(/#.*/g) ?? []) expect(after).toContain(comment);
});

test.each([
  ["a text that does not parse", "decisions: [\n"],
  ["decisions that are no list", "decisions: { a: 1 }\n"],
  ["decisions that are a word", "decisions: none\n"],
  ["a list at the top", "- a\n"],
  ["two documents", "records: []\n---\nrecords: []\n"],
])("%s is left alone", (_name, before) => {
  expect(insertDecision(before, decision)).toBeUndefined();
});
