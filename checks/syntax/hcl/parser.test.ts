import { describe, expect, test } from "vitest";
import { parseHcl, parseHclExpression, parseHclTemplate } from "./parser.ts";
import { outline, printed, told } from "./testing.ts";
import { walk } from "./tree.ts";

function read(text: string): string[] {
  const { body, problems } = parseHcl(text);
  expect(told(text, problems)).toEqual([]);
  return outline(body);
}

function value(source: string): string {
  const { expression, problems } = parseHclExpression(source);
  expect(told(source, problems)).toEqual([]);
  return printed(expression);
}

describe("bodies", () => {
  test("reads arguments and blocks with their labels", () => {
    const text =
      'a = 1\nblock {\n}\nresource "aws_x" "y" {\n  b = 2\n  inner label "two words" {\n    c = 3\n  }\n}\n';
    expect(read(text)).toEqual([
      "a = 1",
      "block {",
      "}",
      'resource "aws_x" "y" {',
      "  b = 2",
      '  inner "label" "two words" {',
      "    c = 3",
      "  }",
      "}",
    ]);
  });

  test("reads blocks on one line", () => {
    expect(read('a {}\nb { c = 1 }\nd "e" { f = [\n1,\n2] }')).toEqual([
      "a {",
      "}",
      "b {",
      "  c = 1",
      "}",
      'd "e" {',
      "  f = [1, 2]",
      "}",
    ]);
  });

  test("reads comments of all three kinds wherever blanks may stand", () => {
    const text =
      "# one\n// two\n/* three\n */\na = /* in */ 1 # after\nb /* before = */ = 2 // after\nc {# x\n}//y\nd = [ # x\n1, // y\n/* z */ 2\n]\n";
    expect(read(text)).toEqual(["a = 1", "b = 2", "c {", "}", "d = [1, 2]"]);
  });

  test("reads identifiers of every script, with dashes", () => {
    expect(read("größe-1 = été\n名前 = x._y\n_a = 1\na-b- = a-b\n𝒳 = 1\n")).toEqual([
      "größe-1 = été",
      "名前 = x._y",
      "_a = 1",
      "a-b- = a-b",
      "𝒳 = 1",
    ]);
  });

  test("reads words of the language as names where only a name can stand", () => {
    expect(read('for = 1\nif {\n}\nnull "true" {\n  in = a.true.for\n}\n')).toEqual([
      "for = 1",
      "if {",
      "}",
      'null "true" {',
      "  in = a.true.for",
      "}",
    ]);
  });

  test.each(["", "\n", " \t\r\n", "# words", "/* words */", "\ufeff"])("reads nothing in %j", (text) => {
    expect(read(text)).toEqual([]);
  });

  test("reads a byte-order mark, CRLF and a missing last newline as if they were not there", () => {
    const text = 'a = 1\nb "c" {\n  d = [\n    1,\n  ]\n}\ne = 2';
    expect(read(`\ufeff${text.replaceAll("\n", "\r\n")}`)).toEqual(read(text));
  });
});

describe("expressions", () => {
  test.each([
    ["0", "0"],
    ["007", "7"],
    ["3.14", "3.14"],
    ["1e3", "1000"],
    ["1E+2", "100"],
    ["2.5e-1", "0.25"],
    ["1.e2", "100"],
    ["-1", "(-1)"],
    ["true", "true"],
    ["null", "null"],
    ["- - x", "(-(-x))"],
    ["!!x", "(!(!x))"],
    ["-a.b", "(-a.b)"],
    ["1 + 2 * 3", "(1 + (2 * 3))"],
    ["1 * 2 + 3", "((1 * 2) + 3)"],
    ["1 - 2 - 3", "((1 - 2) - 3)"],
    ["8 / 4 % 3", "((8 / 4) % 3)"],
    ["(1 + 2) * 3", "((1 + 2) * 3)"],
    ["a || b && c == d < e + f", "(a || (b && (c == (d < (e + f)))))"],
    ["a != b == c", "((a != b) == c)"],
    ["a >= b", "(a >= b)"],
    ["a <= b", "(a <= b)"],
    ["a > b", "(a > b)"],
    ["!a == b", "((!a) == b)"],
    ["a ? b : c ? d : e", "(a ? b : (c ? d : e))"],
    ["a ? b ? c : d : e", "(a ? (b ? c : d) : e)"],
    ["a == 1 ? x : y", "((a == 1) ? x : y)"],
    ["a\n.b\n[0]", "a.b[0]"],
    ["a.b[c].d", "a.b[c].d"],
    ['a["k"][0].b', 'a["k"][0].b'],
    ["a.0.b", "a[0].b"],
    ["a[*].b[0]", "a[*.b[0]]"],
    ["a.*.b[0]", "a[*.b][0]"],
    ["a.*.0.b", "a[*[0].b]"],
    ["a[*][*].b", "a[*[*.b]]"],
    ["a[x[1]]", "a[x[1]]"],
    ["f()", "f()"],
    ["f(1, a,)", "f(1, a)"],
    ["f(a, b...)", "f(a, b...)"],
    ["f(x).y[0]", "f(x).y[0]"],
    ["provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)"],
    ["[]", "[]"],
    ["[1, [2], {}]", "[1, [2], {}]"],
    ["[\n1,\n\n2,\n]", "[1, 2]"],
    ["{a = 1, b : 2}", '{"a" = 1, "b" = 2}'],
    ['{\n  a = 1\n  "b c" = 2,\n  d-e = 3\n}', '{"a" = 1, "b c" = 2, "d-e" = 3}'],
    ["{(a) = 1, a.b = 2, 5 = 3, true = 4}", '{a = 1, a.b = 2, 5 = 3, "true" = 4}'],
    ['{"${a}-x" = 1}', '{"${a}-x" = 1}'],
    ['{ "for" = 1 }', '{"for" = 1}'],
    ["[for x in y : x.z]", "for(x in y : x.z)"],
    ["[for k, v in y : k if v != null]", "for(k, v in y : k if (v != null))"],
    ["{for k, v in y : k => v...}", "for(k, v in y : k => v...)"],
    ["{\n  for x in y :\n  x => upper(x)\n  if x != 1\n}", "for(x in y : x => upper(x) if (x != 1))"],
    ["fort", "fort"],
    ["[fort, iff]", "[fort, iff]"],
    ["a ? { b = 1 } : null", '(a ? {"b" = 1} : null)'],
    ["(\n1\n+ 2\n)", "(1 + 2)"],
    ["1 +\n2", "(1 + 2)"],
  ])("reads %j as %s", (source, meaning) => {
    expect(value(source)).toBe(meaning);
  });

  test("gives an expression in parentheses a span that includes them", () => {
    const text = "a = ( 1 + 2 ) * (b).c\n";
    const spans = [...walk(parseHcl(text).body)].map(({ kind, start, end }) => [
      kind,
      text.slice(start, end),
    ]);
    expect(spans).toContainEqual(["binary", "( 1 + 2 ) * (b).c"]);
    expect(spans).toContainEqual(["binary", "( 1 + 2 )"]);
    expect(spans).toContainEqual(["access", "(b).c"]);
    expect(spans).toContainEqual(["variable", "(b)"]);
  });
});

describe("strings", () => {
  test.each([
    ['""', '""'],
    ['"a b"', '"a b"'],
    ['"\\n\\r\\t\\"\\\\"', '"\\n\\r\\t\\"\\\\"'],
    ['"\\u00e9\\U0001F48A"', '"é💊"'],
    ['"$${a} %%{b} $a %b $"', '"${a} %{b} $a %b $"'],
    ['"$$$${a}"', '"$$${a}"'],
    ['"${a}"', '"${a}"'],
    ['"x ${a.b} y"', '"x ${a.b} y"'],
    ['"${"${a}"}"', '"${"${a}"}"'],
    ['"${ { a = "}" } }"', '"${{"a" = "}"}}"'],
    ['"${\n  a\n}"', '"${a}"'],
    ['"%{ if a }b%{ else }c%{ endif }"', '"%{if a}b%{else}c%{endif}"'],
    ['"%{ for k, v in a }${k}=${v};%{ endfor }"', '"%{for k, v in a}${k}=${v};%{endfor}"'],
    ['"%{ if a }%{ for x in y }${x}%{ endfor }%{ endif }"', '"%{if a}%{for x in y}${x}%{endfor}%{endif}"'],
    ['"a  ${~ b ~}  c"', '"a${b}c"'],
    ['"a %{~ if b ~} c %{~ endif ~} d"', '"a%{if b}c%{endif}d"'],
  ])("reads %j as %s", (source, meaning) => {
    expect(value(source)).toBe(meaning);
  });

  test("reads a whole text as a template", () => {
    const { expression, problems } = parseHclTemplate('a "${b}"\n  %{ if c }"d"%{ endif }\n');
    expect(problems).toEqual([]);
    expect(printed(expression)).toBe('"a \\"${b}\\"\\n  %{if c}\\"d\\"%{endif}\\n"');
  });
});

describe("heredocs", () => {
  test.each([
    ["a = <<EOT\nEOT\n", ""],
    ["a = <<EOT\n  one\n\ttwo\nEOT\n", "  one\n\ttwo\n"],
    ["a = <<EOT\none\n  EOT\n", "one\n"],
    ["a = <<EOT\none EOT\nEOTX\nEOT\n", "one EOT\nEOTX\n"],
    ['a = <<EOT\n"q" \\n $${x} # no comment\nEOT\n', '"q" \\n ${x} # no comment\n'],
    ["a = <<-EOT\n    one\n      two\n    EOT\n", "one\n  two\n"],
    ["a = <<-EOT\n    one\n\n  two\n    EOT\n", "  one\n\ntwo\n"],
    ["a = <<-EOT\n\t\tone\n\t\t\ttwo\n\tEOT\n", "one\n\ttwo\n"],
    ["a = <<-EOT\none\n  two\nEOT\n", "one\n  two\n"],
    ["a = <<été-1\nx\nété-1\n", "x\n"],
    ["a = <<EOT\r\none\r\nEOT\r\n", "one\r\n"],
  ])("reads %j", (text, meaning) => {
    expect(read(text)).toEqual([`a = ${JSON.stringify(meaning)}`]);
  });

  test("reads interpolations and directives in them, and what follows", () => {
    const text = "a = <<-EOT\n    x ${b}\n    %{ if c }d%{ endif }\n  EOT\ne = [<<X\ny\nX\n, 1]\n";
    expect(read(text)).toEqual(['a = "x ${b}\\n%{if c}d%{endif}\\n"', 'e = ["y\\n", 1]']);
  });

  test("counts a line that a mark has shortened to nothing as not indented", () => {
    const text = "a = <<-EOT\n    x ${b}\n    %{~ if c ~}\n    d\n    %{~ endif }\n  EOT\n";
    expect(read(text)).toEqual(['a = "    x ${b}\\n%{if c}    d\\n%{endif}\\n"']);
  });

  test("ends the span of a heredoc with its marker", () => {
    const text = "a = <<EOT\nx\n  EOT  \nb = 1\n";
    const [attribute] = parseHcl(text).body.attributes;
    expect(text.slice(attribute?.start, attribute?.end)).toBe("a = <<EOT\nx\n  EOT");
  });
});
