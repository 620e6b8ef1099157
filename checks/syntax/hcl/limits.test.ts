import { describe, expect, test } from "vitest";
import { generateHcl } from "./differential/generate.ts";
import { Random } from "./differential/random.ts";
import { parseHclJson } from "./json.ts";
import { parseHcl, parseHclExpression, parseHclTemplate } from "./parser.ts";
import { told } from "./testing.ts";
import { childrenOf, type Node, walk } from "./tree.ts";

const deep = 10_000;

describe("nesting 10,000 levels deep", () => {
  test.each([
    ["[", "]"],
    ["(", ")"],
    ["{a=", "}"],
    ["f(", ")"],
    ["[for x in ", " : x]"],
    ['"${', '}"'],
    ["x[", "]"],
    ["-", ""],
    ["!", ""],
    ["x ? 1 : ", ""],
    ["x ? ", " : 1"],
    ["<<E\n${", "\n}\nE\n"],
  ])("gives one error for %j", (opener, closer) => {
    const text = `a = ${opener.repeat(deep)}1${closer.repeat(deep)}\nb = 2\n`;
    const { body, problems } = parseHcl(text);
    expect(problems.map(({ message }) => message)).toEqual([
      "Nested more than 250 levels deep, so the file was not read further. Flatten it.",
    ]);
    expect(body.isIncomplete).toBe(true);
    expect(parseHclExpression(text.slice(4)).expression.kind).toBe("invalid");
  });

  test.each(["%{if x}", "%{for x in y}"])("gives one error for %j", (opener) => {
    expect(parseHclTemplate(opener.repeat(deep)).problems).toHaveLength(1);
  });

  test("gives one error for blocks", () => {
    const text = `${"a {\n".repeat(deep)}${"}\n".repeat(deep)}`;
    expect(told(text, parseHcl(text).problems)).toEqual([
      "251:3 Nested more than 250 levels deep, so the file was not read further. Flatten it.",
    ]);
  });

  test("gives one error in JSON syntax", () => {
    const text = `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`;
    expect(told(text, parseHclJson(text).problems)).toEqual([
      "1:1251 Nested more than 250 levels deep, so the file was not read. Flatten it.",
    ]);
  });

  test("is no error where nothing is nested: long chains, lists and conditions of operators", () => {
    const text = [
      `a = x${".y".repeat(deep)}`,
      `b = 1${" + 1".repeat(deep)}`,
      `c = [${"1,".repeat(deep)}]`,
      `d = "${"${x}".repeat(deep)}"`,
      `e = x${"[0]".repeat(deep)}`,
      "",
    ].join("\n");
    const { body, problems } = parseHcl(text);
    expect(problems).toEqual([]);
    expect([...walk(body)].length).toBeGreaterThan(5 * deep);
  });
});

describe("large inputs", () => {
  const megabytes = 4 * 1024 * 1024;

  test.each([
    ["a string", `a = "${"x".repeat(megabytes)}"`],
    ["a comment", `a = 1 /* ${"x".repeat(megabytes)} */`],
    ["blanks", `a = ${" ".repeat(megabytes)}1`],
    ["a name", `${"a".repeat(megabytes)} = 1`],
    ["a heredoc", `a = <<E\n${"x".repeat(megabytes)}\nE\n`],
  ])("reads %s of 4 MB on one line", (_, text) => {
    expect(parseHcl(text).problems).toEqual([]);
  });

  test.each([
    ["a string", `a = "${"x".repeat(megabytes)}`, "1:5 This string is not closed on its line."],
    ["brackets", "[".repeat(megabytes), '1:1 An argument or block is due here, but "[" follows.'],
    ["lists in lists", `a = ${"[1,".repeat(megabytes / 4)}`, "1:753 Nested more than 250 levels deep"],
    ["quotes", `a = ${'"'.repeat(megabytes)}`, "1:7 A new line is due here, but a string follows."],
    ["zero bytes", "\0".repeat(megabytes), '1:1 An argument or block is due here, but "\0" follows.'],
  ])("gives one error for a line of 4 MB of %s", (_, text, problem) => {
    const messages = told(text, parseHcl(text).problems);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(problem);
  });

  test("looks at no part of a broken file again and again", () => {
    const comments = "/*\n*/\n".repeat(30_000);
    const broken = `a = [\n${comments}@\n]\n`.repeat(10);
    const blocks = Array.from({ length: 30_000 }, (_, number) => `b {\n  c = 1\nd${number} = 1\n}\n`).join(
      "",
    );
    expect(parseHcl(broken).problems).toHaveLength(10);
    expect(parseHcl(`e {\n  f = 1\n${blocks}`).problems).toHaveLength(1);
  });
});

describe("spans", () => {
  /** Everything that is wrong with the spans below a node. */
  function wrongSpans(text: string, root: Node): string[] {
    const wrong: string[] = [];
    for (const node of walk(root)) {
      const source = text.slice(node.start, node.end);
      let from = node.start;
      for (const child of childrenOf(node)) {
        const isInside = child.start >= from && child.end >= child.start && child.end <= node.end;
        if (!isInside) wrong.push(`${child.kind} in ${node.kind}: ${source}`);
        from = child.end;
      }
      const named = namesOf(node).map(([name, span]) => [name, text.slice(span.start, span.end)]);
      for (const [name, written] of named) {
        if (!written?.replace(/[\s()]|\/\*.*?\*\/|#.*/g, "").includes(name ?? ""))
          wrong.push(`${node.kind} ${name}: ${written}`);
      }
    }
    return wrong;
  }

  function namesOf(node: Node): [string, { start: number; end: number }][] {
    switch (node.kind) {
      case "attribute":
        return [[node.name, node.nameSpan]];
      case "block":
        return [[node.type, node.typeSpan]];
      case "call":
        return [[node.name, node.nameSpan]];
      case "variable":
        return [[node.name, node]];
      case "name":
        return [[node.name, node]];
      default:
        return [];
    }
  }

  const seeds = Array.from({ length: 60 }, (_, seed) => 1000 + seed);

  test.each(seeds)("nest, and hold what they say, in file %i and in what is left of it", (seed) => {
    const whole = generateHcl(seed);
    expect(wrongSpans(whole, parseHcl(whole).body)).toEqual([]);
    const random = new Random(seed);
    for (let round = 0; round < 40; round++) {
      const from = random.below(whole.length);
      const text =
        whole.slice(0, from) + whole.slice(from + random.below(30)) + whole.slice(random.below(whole.length));
      const { body, problems } = parseHcl(text);
      expect({ text, wrong: wrongSpans(text, body) }).toEqual({ text, wrong: [] });
      for (const { start, end } of problems) {
        expect({ text, start, isInside: start >= 0 && start <= end && end <= text.length }).toMatchObject({
          isInside: true,
        });
      }
    }
  });

  test("are given for any text at all", () => {
    const random = new Random(7);
    const characters = [..."abE=\"'{}[]()<>%$~#/*-+.,:!&|?\\\n\r\t 019é💊\ud800\u0000"] as [
      string,
      ...string[],
    ];
    for (let round = 0; round < 3000; round++) {
      const text = random.many(0, 60, () => random.pick(characters)).join("");
      for (const body of [
        parseHcl(text).body,
        parseHclTemplate(text).expression,
        parseHclExpression(text).expression,
      ]) {
        expect({ text, wrong: wrongSpans(text, body) }).toEqual({ text, wrong: [] });
      }
    }
  });
});
