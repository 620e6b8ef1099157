import { describe, expect, test } from "vitest";
import { parseHcl, parseHclExpression, parseHclTemplate } from "./parser.ts";
import { outline, told } from "./testing.ts";

const valueDue = "Write a value, or remove the argument.";
const notClosed =
  '2:5 This string is not closed on its line. Close it with ", or write a heredoc (<<EOT) for several lines.';

describe("an item that cannot be read", () => {
  test.each<[string, string]>([
    ["a =", `2:4 A value is due here, but the end of the line follows. ${valueDue}`],
    ["a = @x", `2:5 A value is due here, but "@" follows. ${valueDue}`],
    ["a = 'x'", `2:5 A value is due here, but "'" follows. ${valueDue}`],
    ["a = 1 +", `2:8 A value is due here, but the end of the line follows. ${valueDue}`],
    ["a = !", `2:6 A value is due here, but the end of the line follows. ${valueDue}`],
    ["a => 1", `2:4 A value is due here, but ">" follows. ${valueDue}`],
    ["a = 1 2", '2:7 A new line is due here, but "2" follows.'],
    ["a = 1,", '2:6 A new line is due here, but "," follows.'],
    ["a = 1 }", "2:7 This } closes nothing. Remove it, or open the block that it is to close."],
    ["a {\n  b = 1 }", '3:9 A new line is due here, but "}" follows.'],
    ["a = 1.2.3", "2:5 1.2.3 is no number. Write 1, 1.5 or 1e3."],
    ["a = 1e999", "2:5 1e999 is larger than is read. Write a number below 1e308."],
    ["a = b &", '2:7 A single & is no operator. Write && for "and".'],
    ["a = b | c", '2:7 A single | is no operator. Write || for "or".'],
    [
      "a = b ? c",
      '2:10 ":" and the other result of the condition are due here, but the end of the line follows.',
    ],
    ["a = b.", '2:7 A name is due after ".", but the end of the line follows.'],
    ["a = b.0.1", "2:7 Only one index can follow a name in this way. Write [0][1] instead of .0.1."],
    ["a = b.*.c.*", '2:11 A name is due after ".", but "*" follows.'],
    ["a = b[0", '3:1 "]" is due here, but "after" follows.'],
    ["a = [1 2]", '2:8 "," or "]" is due after this element, but "2" follows.'],
    ["a = [1,\n  2", '4:1 "," or "]" is due after this element, but "after" follows.'],
    ["a = [\n  b = 1\n]", '3:5 "," or "]" is due after this element, but "=" follows.'],
    ["a = (1", '3:1 ")" is due here, but "after" follows.'],
    ["a = f(1", '3:1 "," or ")" is due after this argument, but "after" follows.'],
    ["a = f(b..., c)", '2:11 Only ")" can follow "..." here.'],
    ["a = p::(b)", '2:8 The name of a function is due here, but "(" follows.'],
    ["a = p::b", '2:9 "(" and the arguments of p::b are due here, but the end of the line follows.'],
    ["a = {b}", '2:7 "=" and a value are due after this key, but "}" follows.'],
    ["a = {b = 1 c = 2}", '2:12 A comma, a new line or "}" is due after this value, but "c" follows.'],
    ["a = {\n  b = 1\n", '6:7 "=" and a value are due after this key, but a string follows.'],
    ["a = {\nb = @\nc = 1\n}", `3:5 A value is due here, but "@" follows. ${valueDue}`],
    ["a = [for x y : z]", '2:12 "in" and the collection are due here, but "y" follows.'],
    ["a = [for in y : z]", '2:13 "in" and the collection are due here, but "y" follows.'],
    ["a = [for x in y]", '2:16 ":" is due here, but "]" follows.'],
    ["a = [for x in y : z => w]", "2:21 A key (=>) makes a map. Write { } around this for, not [ ]."],
    ["a = {for x in y : z}", '2:20 "=>" and a value are due here, but "}" follows. Write [ ] for a list.'],
    ['a = "x', notClosed],
    ['a = "${b}', notClosed],
    ['a = "x ${b"', "2:11 A } is due here to close the interpolation, but a string follows."],
    ['a = "x ${b', '3:1 A } is due here to close the interpolation, but "after" follows.'],
    ['a = "%{ if b }"', "2:6 This if is not closed. Close it with %{ endif }."],
    ['a = "%{ for b in c }"', "2:6 This for is not closed. Close it with %{ endfor }."],
    ['a = "%{ endif }"', "2:6 This endif closes nothing. Remove it, or open what it belongs to."],
    [
      'a = "%{ when b }"',
      "2:9 Only if, else, endif, for and endfor are directives. Write %%{ where no directive is meant.",
    ],
    [
      'a = "\\d"',
      '2:6 Only \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN are escapes here. Write \\\\ for a backslash.',
    ],
    [
      'a = "\\ud83d\\udc8a"',
      "2:6 No character has this code. Write one beyond U+FFFF as \\UNNNNNNNN, with eight digits.",
    ],
    ["a = <<E b", "2:5 A heredoc begins with << and its marker (<<EOT), and nothing follows on that line."],
    ["a = <<E\nx ${b c}\nafter = 3\nE", '3:7 A } is due here to close the interpolation, but "c" follows.'],
    ["a = <<E\nx\ry\nE", "3:2 A carriage return stands here without a line feed. Remove it."],
    ["a = <<E\nx\nE\r \nE", "4:2 A carriage return stands here without a line feed. Remove it."],
    ["a = 1\na = 2", "3:1 a is set a second time here. Remove one of the two."],
    [
      '"a" = 1',
      "2:1 An argument or block is due here, but a string follows. Write the name of an argument without quotes.",
    ],
    ["5 = 1", '2:1 An argument or block is due here, but "5" follows. Write name = value.'],
    ["a: 1", '2:2 After "a", "=" with a value or "{" is due, but ":" follows.'],
    ["a.b = 1", '2:2 After "a", "=" with a value or "{" is due, but "." follows.'],
    ["a b", '2:4 After "a", "=" with a value or "{" is due, but the end of the line follows.'],
    ['a "${b}" {\n  c = 1\n}', "2:3 A label holds no interpolation. Write it out."],
    ["a\n{\n}", "3:1 The { of a block stands on the line of its name. Move it there."],
    [
      "a { b = 1, c = 2 }",
      "2:10 A block on one line holds one argument. Write each argument on a line of its own.",
    ],
    [
      "a { b {} }",
      "2:7 A block on one line holds one argument, name = value. Write blocks on lines of their own.",
    ],
    ["a {\n  b = 1", "2:1 This block is never closed. Close it with }."],
    ["a {\n  b = [1\n  c = 2\n}", '4:3 "," or "]" is due after this element, but "c" follows.'],
    ["}", "2:1 This } closes nothing. Remove it, or open the block that it is to close."],
  ])("is reported, and the next is read: %j", (item, problem) => {
    const text = `before = 1\n${item}\nafter = 2\nblock "x" {\n  inside = 3\n}\n`;
    const { body, problems } = parseHcl(text);
    expect(told(text, problems)).toEqual([problem]);
    const read = outline(body);
    expect(read).toContain("before = 1");
    expect(read.slice(-4)).toEqual(["after = 2", 'block "x" {', "  inside = 3", "}"]);
  });

  test("is kept with its name, and says that its value is not known", () => {
    expect(outline(parseHcl("a = @\nb {\n  c = [\n}\n").body)).toEqual([
      "a = invalid",
      "b {",
      "  c = invalid",
      "}",
    ]);
  });

  test.each([
    "5 = 1\n",
    'a "${b}" {}\n',
    "a b\n",
    "}\n",
    "a = 1 b = 2\n",
    "a = <<E\nb = 1\n",
    "a = 1 /*\nb = 1\n",
  ])("leaves its body incomplete where it may have been, or hidden, another: %j", (text) => {
    expect(parseHcl(text).body.isIncomplete).toBe(true);
  });

  test.each(["a = @\nb = 1\n", "a = [1\nb = 1\n", "a {\n  b = @\n}\n", "a = <<E\n${b c}\nE\n"])(
    "leaves nothing incomplete where only a value is lost: %j",
    (text) => {
      const { body, problems } = parseHcl(text);
      expect(problems).toHaveLength(1);
      expect(body.isIncomplete).toBe(false);
    },
  );
});

describe("a missing brace", () => {
  const inner = 'resource "a" "b" {\n  rule {\n    x = 1\n  y = 2\n}\nresource "c" "d" {\n  z = 3\n}\n';

  test("is supplied where the indentation says that the block ends", () => {
    const { body, problems } = parseHcl(inner);
    expect(told(inner, problems)).toEqual(["2:3 This block is never closed. Close it with }."]);
    expect(outline(body)).toEqual([
      'resource "a" "b" {',
      "  rule {",
      "    x = 1",
      "  }",
      "  y = 2",
      "}",
      'resource "c" "d" {',
      "  z = 3",
      "}",
    ]);
    expect(body.blocks[0]?.body.blocks[0]?.body.isIncomplete).toBe(true);
  });

  test("is supplied several times", () => {
    const text = `a {\n  b = 1\nc {\n  d {\n    e = 1\nf = 2\n${inner}`;
    const { body, problems } = parseHcl(text);
    expect(told(text, problems)).toEqual([
      "1:1 This block is never closed. Close it with }.",
      "4:3 This block is never closed. Close it with }.",
      "3:1 This block is never closed. Close it with }.",
      "8:3 This block is never closed. Close it with }.",
    ]);
    expect(body.blocks.map(({ type }) => type)).toEqual(["a", "c", "resource", "resource"]);
  });

  test("is not supplied where the indentation says nothing", () => {
    const text = "a {\nb {\nc = 1\n}\nd = 2\n";
    const { body, problems } = parseHcl(text);
    expect(told(text, problems)).toEqual(["1:1 This block is never closed. Close it with }."]);
    expect(outline(body)).toEqual(["a {", "  b {", "    c = 1", "  }", "  d = 2", "}"]);
    expect(body.blocks[0]?.body.isIncomplete).toBe(true);
  });
});

describe("one error", () => {
  test.each([
    [
      "a = <<E\nb = 1\n",
      "1:5 No line closes this heredoc. Close it with a line that holds only E and ends in a newline.",
    ],
    [
      "a = <<E\nE",
      "1:5 No line closes this heredoc. Close it with a line that holds only E and ends in a newline.",
    ],
    ["a {\n  b = /* 1\n}\n", "2:7 This comment is never closed. Close it with */."],
    ["a {\n  b {\n    c = 1\n", "2:3 This block is never closed. Close it with }."],
  ])("is enough for what swallows the rest: %j", (text, problem) => {
    const { body, problems } = parseHcl(text);
    expect(told(text, problems)).toEqual([problem]);
    expect(body.blocks.every((block) => block.body.isIncomplete)).toBe(true);
  });

  test("is enough for a file that is something else", () => {
    const text = "%PDF-1.7 \u0001\u0002 <<>> stream\n".repeat(1000);
    const { body, problems } = parseHcl(text);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toMatch(/^Too many errors; the rest of the file was not read/);
    expect(body.isIncomplete).toBe(true);
  });
});

describe("a text that is one value", () => {
  test.each([
    ["1 2", '1:3 Nothing is due after the value, but "2" follows.'],
    ["", `1:1 A value is due here, but the end of the file follows. ${valueDue}`],
    ["[1", '1:3 "," or "]" is due after this element, but the end of the file follows.'],
  ])("is invalid as a whole: %j", (text, problem) => {
    const { expression, problems } = parseHclExpression(text);
    expect(told(text, problems)).toEqual([problem]);
    expect(expression.kind).toBe("invalid");
  });

  test("is invalid as a template where an interpolation is", () => {
    const { expression, problems } = parseHclTemplate("a\n${b");
    expect(told("a\n${b", problems)).toEqual([
      "2:4 A } is due here to close the interpolation, but the end of the file follows.",
    ]);
    expect(expression.kind).toBe("invalid");
  });
});
