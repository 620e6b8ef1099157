import { describe, expect, test } from "vitest";
import { LineIndex, type Span } from "#base/location.ts";
import { blocksOf, contentOf } from "./content.ts";
import { parseHclJson, parseHclJsonValues } from "./json.ts";
import { parseHcl } from "./parser.ts";
import { type Body, type Problem, walk } from "./tree.ts";

function said(text: string, problems: readonly Problem[]): string[] {
  const lines = new LineIndex("a.tf.json", text);
  return problems.map(({ start, message }) => {
    const { line, column } = lines.position(start);
    return `${line}:${column} ${message}`;
  });
}

function shape(body: Body, type: string, labelNames: readonly string[]): unknown {
  return blocksOf(body, type, labelNames).blocks.map(({ labels, body: inner }) => [
    labels.map(({ value }) => value),
    inner.attributes.map(({ name }) => name),
  ]);
}

const resource = ["type", "name"];

describe("parseHclJson", () => {
  test.each([
    '{"resource": {"aws_x": {"a": {"p": 1}, "b": {"q": 2}}}}',
    '{"resource": {"aws_x": {"a": {"p": 1}}}, "resource": {"aws_x": {"b": {"q": 2}}}}',
    '{"resource": [{"aws_x": {"a": {"p": 1}}}, {"aws_x": {"b": {"q": 2}}}]}',
    '{"resource": {"aws_x": [{"a": {"p": 1}}, {"b": [{"q": 2}]}]}}',
    '[{"resource": {"aws_x": {"a": {"p": 1}}}}, {"resource": {"aws_x": {"b": {"q": 2}}}}]',
    '{"//": "words", "resource": {"//": 1, "aws_x": {"//": 1, "a": {"//": 1, "p": 1}, "b": {"q": 2}}}}',
  ])("reads labels and repeated blocks of %s", (text) => {
    const { body, problems } = parseHclJson(text);
    expect(problems).toEqual([]);
    expect(shape(body, "resource", resource)).toEqual([
      [["aws_x", "a"], ["p"]],
      [["aws_x", "b"], ["q"]],
    ]);
    expect(blocksOf(body, "resource", resource).problems).toEqual([]);
  });

  test("reads an object as an argument or as a block, an array of objects as several blocks, null as none", () => {
    const { body } = parseHclJson('{"tags": {"a": "b"}, "rule": [{"p": 1}, {"q": 2}], "none": null}');
    expect(body.attributes.map(({ name, expression }) => [name, expression.kind])).toEqual([
      ["tags", "object"],
      ["rule", "tuple"],
      ["none", "literal"],
    ]);
    expect(shape(body, "tags", [])).toEqual([[[], ["a"]]]);
    expect(shape(body, "rule", [])).toEqual([
      [[], ["p"]],
      [[], ["q"]],
    ]);
    expect(shape(body, "none", [])).toEqual([]);
  });

  test("never reads an argument of native syntax as a block", () => {
    expect(blocksOf(parseHcl("tags = { a = 1 }\n").body, "tags").blocks).toEqual([]);
  });

  test("reads strings as templates, also in names, and puts each part where it stands", () => {
    const text = '{"locals": {"a": "\\u0041\\n${upper(var.name)}", "b": {"${var.k}": "$${x}"}}}';
    const { body, problems } = parseHclJson(text);
    expect(problems).toEqual([]);
    const [locals] = blocksOf(body, "locals").blocks;
    const written = ({ start, end }: Span): string => text.slice(start, end);
    const parts = [...walk(locals?.body ?? body)].map((node) => `${node.kind} ${written(node)}`);
    expect(parts).toEqual(
      expect.arrayContaining([
        'template "\\u0041\\n${upper(var.name)}"',
        "text \\u0041\\n",
        "interpolation ${upper(var.name)}",
        "call upper(var.name)",
        "variable var",
        "name .name",
        'template "${var.k}"',
        'literal "$${x}"',
      ]),
    );
    const call = [...walk(body)].find((node) => node.kind === "call");
    expect(call?.kind === "call" && written(call.nameSpan)).toBe("upper");
    expect([...walk(body)].some((node) => node.kind === "literal" && node.value === "${x}")).toBe(true);
  });

  test("leaves strings as they are in the default of a variable and in variable values", () => {
    const literals = (body: Body): unknown[] =>
      [...walk(body)].flatMap((node) => (node.kind === "literal" ? [node.value] : []));
    const variable = '{"variable": {"v": [{"default": {"k": "${HOME:-/}"}, "description": "x"}]}}';
    expect(parseHclJson(variable).problems).toEqual([]);
    expect(literals(parseHclJson(variable).body)).toContain("${HOME:-/}");
    const values = '{"v": ["%{ $${x}"]}';
    expect(parseHclJsonValues(values).problems).toEqual([]);
    expect(literals(parseHclJsonValues(values).body)).toEqual(["%{ $${x}"]);
  });

  test.each([
    ["5", ["1:1 A file in JSON syntax is one object { … }, or an array of objects. Write an object here."]],
    [
      '[{},\n "x"]',
      ["2:2 A file in JSON syntax is one object { … }, or an array of objects. Write an object here."],
    ],
    ['{"a": 1,}', ["1:8 JSON permits no comma after the last entry. Remove it."]],
    ['{"locals": {\n  "a": "x ${var.}"\n}}', ['2:17 A name is due after ".", but "}" follows.']],
  ])("says of %s what to do where, and that something is missing", (text, expected) => {
    const { body, problems } = parseHclJson(text);
    expect(said(text, problems)).toEqual(expected);
    expect(body.isIncomplete || [...walk(body)].some(({ kind }) => kind === "invalid")).toBe(true);
  });
});

describe("blocksOf", () => {
  test.each([
    ['{"resource": "x"}', ["1:14 Write an object here whose names are the type of each resource."]],
    [
      '{"resource": {"x": {}}}',
      ["1:20 No name stands here. Write an object here whose names are the name of each resource."],
    ],
    [
      '{"resource": null}',
      ["1:14 No type stands here. Write an object here whose names are the type of each resource."],
    ],
    [
      '{"resource": {"x": {"y": 5}}}',
      ["1:26 Write an object { … } or an array of objects here: the content of resource."],
    ],
  ])("says of %s what is due", (text, expected) => {
    const { body } = parseHclJson(text);
    expect(said(text, blocksOf(body, "resource", resource).problems)).toEqual(expected);
  });

  test("says which labels a block of native syntax needs, and leaves it out", () => {
    const text = 'resource "x" {}\nresource "x" "y" "z" {}\nresource "x" "y" {}\n';
    const { blocks, problems } = blocksOf(parseHcl(text).body, "resource", resource);
    expect(blocks).toHaveLength(1);
    expect(said(text, problems)).toEqual([
      '1:1 A label is missing. Write resource "type" "name" { … }.',
      '2:1 There are too many labels. Write resource "type" "name" { … }.',
    ]);
  });

  test("puts the header of a block at its own name", () => {
    const text = '{"resource": {"x": {"a": {}, "b": [{}]}}, "locals": {}}';
    const { body } = parseHclJson(text);
    const headers = [blocksOf(body, "resource", resource), blocksOf(body, "locals")]
      .flatMap(({ blocks }) => blocks)
      .map(({ header }) => text.slice(header.start, header.end));
    expect(headers).toEqual(['"a"', "{", '"locals"']);
  });
});

describe("contentOf", () => {
  const schema = { attributes: ["value"], blocks: { lifecycle: [], resource } };

  test("takes the content of both syntaxes in the order written", () => {
    for (const { body } of [
      parseHcl('lifecycle {}\nvalue = 1\nresource "x" "y" {}\nlifecycle {}\n'),
      parseHclJson('{"lifecycle": {}, "value": 1, "resource": {"x": {"y": {}}}, "lifecycle": {}}'),
    ]) {
      const { attributes, blocks, problems } = contentOf(body, schema);
      expect(problems).toEqual([]);
      expect(attributes.map(({ name }) => name)).toEqual(["value"]);
      expect(blocks.map(({ type }) => type)).toEqual(["lifecycle", "resource", "lifecycle"]);
    }
  });

  test("reports what the schema lacks", () => {
    const native = "value {}\nlifecycle = 1\nother = 1\nothers {}\n";
    expect(said(native, contentOf(parseHcl(native).body, schema).problems)).toEqual([
      "1:1 value is an argument. Write value = value.",
      '2:1 lifecycle is a block. Write lifecycle { … } without "=".',
      "3:1 No argument or block is called other here. Check the spelling, or remove it.",
      "4:1 No block is called others here. Check the spelling, or remove it.",
    ]);
    const json = '{"other": 1}';
    expect(said(json, contentOf(parseHclJson(json).body, schema).problems)).toEqual([
      "1:2 No argument or block is called other here. Check the spelling, or remove it.",
    ]);
  });
});
