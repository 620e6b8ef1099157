import { expect, test } from "vitest";
import { parseHclExpression } from "#syntax/hcl/parser.ts";
import { SourceFile } from "../files/source-file.ts";
import { againstTerraform, isTerraformHere, terraformJson } from "../testing.ts";
import { evaluate } from "./evaluate.ts";
import { jsonText } from "./functions/json.ts";
import type { References } from "./scope.ts";
import { failure, originAt, unknownsIn } from "./value.ts";

/** Expressions whose value is compared with what the real Terraform makes of them. One per line. */
const expressions = String.raw`
1 + "2"
"5" * "2"
7 / 2
-7 % 3
5.5 % 2
0.1 + 0.2
1.5 * 2
1e3
-"3"
!"true"
!false
1 < 2
"10" > 9
1 >= "1"
2 <= 1
true && "true"
false || true
1 == "1"
"a" == "a"
null == null
[1] == [1]
{a = 1} == {a = 1}
{a = 1} != {b = 1}
[] == tolist([])
tolist(["a"]) == ["a"]
true == "true"
"a" < "b"
1 + null
true ? 1 : "a"
true ? "a" : 1
false ? 1 : null
true ? [1] : ["a"]
true ? [1, 2] : [1]
true ? {a = 1} : {a = "x"}
true ? {a = 1} : {b = "x"}
"true" ? 1 : 2
null ? 1 : 2
"a\${1 + 1}b\${true}c"
"\${[1]}"
"a\${[1]}"
"a\${null}"
"\${null}" == null
"%{ if true }yes%{ else }no%{ endif }"
"%{ if false }yes%{ endif }"
"%{ for x in [1, 2] ~} \${x}; %{ endfor ~}"
"%{ for k, v in {b = 1, a = 2} }\${k}\${v} %{ endfor }"
"\$\${x} %%{y}"
[1, 2][1]
["x"]["0"]
["x"][1]
["x"][-1]
{a = 1}.a
{a = 1}["a"]
{a = 1}.b
{"1" = "x"}[1]
{(1) = 2}
{true = 1}
[{a = 1}, {a = 2}][*].a
[{a = 1}, {a = 2}].*.a
"a"[*]
null[*]
{a = 1}[*].a
[for x in [1, 2, 3] : x * 2 if x > 1]
[for i, x in ["a", "b"] : "\${i}\${x}"]
[for k, v in {b = 1, a = 2} : "\${k}\${v}"]
[for x in toset(["b", "a"]) : x]
{for x in ["a", "b"] : x => upper(x)}
{for x in ["a", "a"] : x => 1}
{for x in ["a", "b", "a"] : x => 1...}
{for k, v in {a = 1} : v => k}
[for x in "abc" : x]
tostring(1.50)
tostring(true)
tostring(null)
tostring([])
tostring(0.0000001)
tostring(123456789012)
tonumber("1.50")
tonumber("+5")
tonumber(".5")
tonumber("5.")
tonumber("1e3")
tonumber("0x10")
tonumber(" 5")
tonumber("")
tonumber(true)
tobool("true")
tobool("True")
tobool("1")
tobool("0")
tobool(1)
tolist([1, "a"])
tolist([1, true])
tolist([[1], ["a"]])
tolist({a = 1})
toset([1, "a", "1"])
toset(["b", "a", "b"])
toset([3, 1, 2, 10])
tomap({a = 1, b = "x"})
tomap({a = 1, b = [1]})
length("abc")
length("é👨‍👩‍👧")
length([1, 2])
length({a = 1})
length(5)
length(null)
upper("straße")
upper("aé")
lower("ÀB")
title("hello wORLD foo-bar it's 2nd x_y")
title("")
chomp("a\r\n\n")
trimspace("  a b \n")
trim("??a?b?", "?!")
trim("", "x")
trimprefix("aab", "a")
trimsuffix("baa", "a")
trimsuffix("a", "")
startswith("abc", "ab")
endswith("abc", "bc")
strcontains("abc", "d")
strrev("aé👨‍👩‍👧")
substr("hello", 1, 3)
substr("hello", -3, 2)
substr("hello", 1, -1)
substr("hello", 10, 2)
substr("hello", -10, 2)
substr("hello", 0, 0)
indent(2, "a\nb\nc")
join("-", ["a", 1, true])
join("-", ["a"], ["b", "c"])
join("-", [])
join("-", [null])
join("-", ["a", []])
split(",", "a,b,c")
split(",", "")
split("", "abc")
sort(["B", "a", "C", "b"])
sort([3, 20, 1])
urlencode("a b&c=ü~-_.!*'()")
parseint("ff", 16)
parseint("-10", 2)
parseint("12", 2)
parseint("z", 36)
parseint(10, 10)
format("%s-%s", "a", 1)
format("%d", 3.5)
format("%d %05d %5d|%-5d|%+d", 3, 42, 7, 8, 9)
format("%s", tostring(null))
format("%v %v %v %v", 1, true, [1, "a"], {b = 1})
format("%v", tostring(null))
format("%q", "a\"b")
format("%.2f %f %8.3f", 3.14159, 2, 1.5)
format("%e", 1234.5)
format("%g %g", 1234.5, 0.00001)
format("%b %o %x %X", 10, 10, 255, 255)
format("%x", "hi")
format("%t", "true")
format("%5s|%-5s|%.2s", "ab", "ab", "abc")
format("%[2]s %[1]s", "a", "b")
format("%%")
format("%s", "a", "b")
format("%s %s", "a")
format("%z", 1)
format("%05s", "ab")
format("%#v", {a = 1})
formatlist("%s-%s", ["a", "b"], "x")
formatlist("%s", [])
formatlist("%s-%s", ["a"], ["b", "c"])
formatlist("x")
replace("a.b.c", ".", "-")
replace("a1b2", "/([a-z])(\\d)/", "$2$1")
replace("a1b2", "/([a-z])(\\d)/", "\${2}_$1")
replace("abc", "/B/", "x")
replace("aBc", "/(?i)b/", "x")
replace("a/b", "/", "-")
replace("hello", "/(?P<first>h)/", "$first$first")
regex("[a-z]+", "123abc456")
regex("([a-z]+)(\\d+)", "abc123")
regex("(?P<word>[a-z]+)-(?P<num>\\d+)", "abc-123")
regex("x", "abc")
regex("(a)(b)?", "a")
regex("[[:alpha:]]+", "1ab2")
regexall("\\d", "1a2")
regexall("x", "abc")
regexall("(\\w)(\\d)", "a1b2")
can(regex("^a", "b"))
merge({a = 1}, {b = 2}, {a = 3})
merge({a = 1}, null)
merge()
merge({a = {x = 1}}, {a = {y = 2}})
concat([1], ["a"], [])
concat(tolist(["a"]), tolist(["b"]))
concat(toset(["a"]), ["b"])
lookup({a = 1}, "a", 2)
lookup({a = 1}, "b", 2)
lookup({a = 1}, "b")
element(["a", "b", "c"], 4)
element([], 0)
coalesce("", null, "b")
coalesce(null, 1, "a")
coalesce("", null)
coalesce([], [1])
coalescelist([], [1], [2])
coalescelist([])
compact(["a", "", "b", null])
distinct(["a", "b", "a"])
distinct([1, "1"])
flatten([[1, [2]], 3, []])
flatten([])
contains(["a", "b"], "a")
contains(["1"], 1)
contains([], 1)
contains(toset(["a"]), "a")
index(["a", "b"], "b")
index(["a"], "c")
keys({b = 1, a = 2})
values({b = 1, a = "x"})
zipmap(["a", "b"], [1, 2])
zipmap(["a"], [1, 2])
reverse([1, 2, 3])
slice(["a", "b", "c"], 1, 2)
slice(["a"], 0, 2)
range(3)
range(1, 4)
range(5, 0)
range(0, 10, 3)
range(0, 1, 0.5)
range(2000)
chunklist(["a", "b", "c"], 2)
chunklist(["a"], 0)
one([])
one(["a"])
one([1, 2])
matchkeys(["a", "b", "c"], ["x", "y", "x"], ["x"])
transpose({a = ["1", "2"], b = ["2"]})
setunion(["a"], ["b", "a"])
setintersection(["a", "b"], ["b", "c"])
setsubtract(["a", "b"], ["b"])
setunion([1], ["a"])
setproduct(["a", "b"], [1, 2])
setproduct(["a"], [])
abs(-3.5)
ceil(1.2)
ceil(-1.2)
floor(-1.2)
signum(-5)
max(1, "5", 3)
min(4, 2)
max()
pow(2, 10)
log(16, 2)
log(100, 10)
sum([1, "2", 3.5])
sum([])
sum(toset([1, 2]))
alltrue([true, "true"])
alltrue([])
alltrue([true, null])
anytrue([false, true])
anytrue([])
tolist(null)
sensitive("a") == "a"
nonsensitive(sensitive("a"))
issensitive(sensitive("a"))
issensitive("a")
issensitive("\${sensitive("a")}b")
jsonencode({b = 1, a = "<&>", c = [true, null, 1.5]})
jsonencode("é\u2028")
jsondecode("{\"a\": [1, \"x\", null, 1.50]}")
jsondecode("x")
jsondecode("1 2")
base64encode("héllo")
base64decode("aGVsbG8=")
base64decode("aGVsbG8")
base64decode("/w==")
md5("a")
sha1("a")
sha256("a")
sha512("a")
base64sha256("a")
base64sha512("a")
try(null.a, "x")
try({a = 1}.b, [1][5], "z")
try(tonumber("x"))
try(1)
can({a = 1}.b)
can({a = 1}.a)
[1, 2, 3]...
upper("a", "b")
upper()
max([1, 2, 3]...)
merge([{a = 1}, {b = 2}]...)
format("%s-%s", ["a", "b"]...)
upper(1)
upper(null)
join(",", toset(["b", "a"]))
length(toset(["a", "a"]))
keys(tomap({b = "1", a = "2"}))
[for s in ["a", "b"] : {name = s}]
{for k, v in {a = 1, b = 2} : k => v if v > 1}
"\${"\${1}"}"
"a\\b\"c\u00e9\t"
[1, [2, [3]]]
{"a b" = 1, "c" = {d = null}}
(1 + 2) * 3
1 + 2 * 3
2 - 1 - 1
!true == false
-1 + 2
1 == 1 ? "a" : "b"
5 / "a"
toset([]) == toset([])
tomap({}) == {}
[for i in range(3) : i]
element(range(3), -1)
trimspace("\u00a0a\u00a0")
lower("İ")
substr("日本語", 1, 1)
length("日本語")
title("éa ßb")
split(" ", "a  b")
replace("aaa", "", "-")
replace("abc", "/x*/", "-")
indent(0, "a\nb")
formatlist("%d", [1, 2])
format("%d", "12")
format("%s", 1.10)
cidrhost("10.1.2.240/28", 1)
cidrhost("10.1.2.240/28", -1)
cidrhost("10.1.2.240/28", 40)
cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)
cidrnetmask("172.16.0.0/12")
cidrnetmask("fd00::/64")
cidrsubnet("172.16.0.0/12", 4, 2)
cidrsubnet("10.1.2.0/24", 4, 15)
cidrsubnet("10.1.2.0/24", 4, 16)
cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)
cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)
cidrsubnets("10.1.0.0/30", 1, 1, 1)
cidrsubnet("10.0.0.0/33", 1, 1)
formatdate("DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")
formatdate("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01-08:00")
formatdate("EEE MMMM D h:m:s AA aa H HH ZZZZZ Z 'o''clock'", "2018-01-02T03:04:05+01:30")
formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2020-02-29T00:00:00Z")
formatdate("Q", "2020-02-29T00:00:00Z")
timeadd("2017-11-22T00:00:00Z", "10m")
timeadd("2017-11-22T00:00:00Z", "-1h30m15s")
timeadd("2017-11-22T00:00:00+02:00", "24h")
timeadd("2017-11-22", "1h")
timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:00")
timecmp("2017-11-22T00:00:00Z", "2017-11-22T00:00:01Z")
csvdecode("a,b\n1,2\n\"x,y\",\"q\"\"r\"\n")
csvdecode("a,a\n1,2\n")
csvdecode("a,b\n1\n")
basename("/a/b.txt")
basename("a/")
dirname("/a/b.txt")
dirname("a")
`
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => line.replaceAll("\\$", "$"));

/** No names: only what an expression says by itself. */
const references: References = {
  variable: (name, place) => failure(name, originAt(place)),
  local: (name, place) => failure(name, originAt(place)),
  resource: () => undefined,
  moduleOutput: (name, _output, place) => failure(name, originAt(place)),
  readFile: () => undefined,
  hasFile: () => undefined,
};

/** The value as JSON, `refused` where it has none, `unknown: …` where it is not evaluated. */
function resultOf(text: string): string {
  const { expression, problems } = parseHclExpression(text);
  if (problems.length > 0) return "refused";
  const value = evaluate(expression, { source: new SourceFile("main.tf", text), references });
  const [open] = unknownsIn(value);
  if (open === undefined) return jsonText(value);
  return open.isFailure === true ? "refused" : `unknown: ${open.reasons.join("; ")}`;
}

/** What Terraform makes of all the expressions, asked at once. */
function terraformResults(texts: readonly string[]): readonly string[] {
  const items = texts.map(
    (text) => `    try(nonsensitive(jsonencode(${text})), try(jsonencode(${text}), "refused")),\n`,
  );
  const files = { "main.tf": `locals {\n  results = [\n${items.join("")}  ]\n}\n` };
  const answer = terraformJson(files, "jsonencode(nonsensitive(local.results))");
  if ("refused" in answer) throw new Error(answer.refused);
  return answer.value as string[];
}

test.skipIf(!isTerraformHere)(againstTerraform("evaluates expressions as Terraform does"), () => {
  const wanted = terraformResults(expressions);
  const beside = (text: string, value: string): string => `${text}  →  ${value}`;
  expect(expressions.map((text) => beside(text, resultOf(text)))).toEqual(
    expressions.map((text, index) => beside(text, wanted[index] ?? "")),
  );
});
