import { describe, expect, test } from "vitest";
import type { Value } from "#base/value.ts";
import { collectAll, type Files } from "../testing.ts";

/** The retention of a log group whose argument is an expression. */
async function retention(expression: string, rest = "", files: Files = {}): Promise<Value> {
  const group = `resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = ${expression}\n}\n`;
  const { facts } = await collectAll({ "main.tf": group + rest, ...files });
  const value = facts.find(({ kind }) => kind === "log.store")?.attributes.retentionDays;
  if (value === undefined) throw new Error("no log group");
  return value;
}

function shown(value: Value): unknown {
  if (value.state === "known") return value.value;
  if (value.state === "absent") return "absent";
  return value.alternatives === undefined ? value.reason : value.alternatives.map(shown);
}

function chainOf({ chain }: Value): string[] {
  return chain.map(({ location, text }) => `${location.file}:${location.line} ${text}`);
}

const unset = 'variable "on" {\n  type = bool\n}\nvariable "days" {}\nvariable "tier" {}\n';

describe("an unknown names its cause", () => {
  test.each([
    ["var.days", "var.days has no default and no tfvars file sets it"],
    ["var.days + 1", "var.days has no default and no tfvars file sets it"],
    ["var.missing", "var.missing is not declared in this module"],
    ["local.missing", "local.missing is not declared in this module"],
    ["aws_x.y.days", "aws_x.y is not declared in this module"],
    ["data.aws_x.y.days", "data.aws_x.y.days is read when Terraform runs"],
    ["aws_z.y.days", "aws_z.y.days is known only after apply"],
    ["module.m.days", "module.m.days comes from a module that is not in view"],
    ["terraform.workspace", "terraform.workspace is known only when Terraform runs"],
    ["length(path.cwd)", "path.cwd is the folder in which Terraform runs"],
    ["length(timestamp())", "the function timestamp is not evaluated here"],
    ["length(provider::x::y())", "the function provider::x::y is not evaluated here"],
    ["each.value", "each.value has a value only in a block with for_each"],
    [
      "var.days + var.tier",
      "var.days has no default and no tfvars file sets it; var.tier has no default and no tfvars file sets it",
    ],
    ['tonumber("many")', "string cannot be converted to number: it is no decimal number"],
    ["[1, 2][5]", "the list has no element 5"],
    ["element([], 0)", "element: the list is empty"],
  ])("%s: %s", async (expression, reason) => {
    const rest = `${unset}data "aws_x" "y" {}\nresource "aws_z" "y" {}\nmodule "m" {\n  source = "a/b/c"\n}\n`;
    expect(shown(await retention(expression, rest))).toBe(reason);
  });
});

describe("every value that is possible is kept", () => {
  test.each([
    ["var.on ? 30 : 60", [30, 60]],
    ['var.on ? "30" : 60', [30, 60]],
    ["var.on ? 30 : var.days", [30, "var.days has no default and no tfvars file sets it"]],
    ["(var.on ? 30 : 60) * 2", [60, 120]],
    ["max(var.on ? 30 : 60, var.tier == 1 ? 10 : 90)", [30, 90, 60, 90]],
    ["{ a = 30, b = 60 }[var.tier]", [30, 60]],
    ["lookup({ a = 30, b = 60 }, var.tier, 90)", [30, 60, 90]],
    ["[30, 60][var.days]", [30, 60]],
    ["coalesce(var.on ? null : 30, 60)", [30, 60]],
    ['tonumber(var.on ? "30" : "60")', [30, 60]],
    ['tonumber("%{ if var.on }30%{ else }60%{ endif }")', [30, 60]],
    ["var.on ? var.tier == 1 ? 1 : 2 : 3", [1, 2, 3]],
    ["var.on ? null : 30", ["absent", 30]],
    ["false ? var.days : 30", 30],
    ["try(var.on ? 30 : 60, 90)", [30, 60]],
    ["try({}.a, 30)", 30],
    ["try(aws_z.y[0].days, 90)", [30, 90]],
    ["aws_z.y[0].days", 30],
    ["one(aws_z.y[*].days)", "var.on has no default and no tfvars file sets it"],
  ])("%s", async (expression, expected) => {
    const rest = `${unset}resource "aws_z" "y" {\n  count = var.on ? 1 : 0\n  days  = 30\n}\n`;
    expect(shown(await retention(expression, rest))).toEqual(expected);
  });
});

describe("a chain leads from the argument to where the value is written", () => {
  test("through locals to a default", async () => {
    const rest =
      'locals {\n  days = local.base.days\n  base = {\n    days = var.kept\n  }\n}\nvariable "kept" {\n  default = 30\n}\n';
    const value = await retention("local.days", rest);
    expect(value).toMatchObject({
      state: "known",
      value: 30,
      location: { file: "main.tf", line: 2, column: 23 },
    });
    expect(chainOf(value)).toEqual([
      "main.tf:5 local.days",
      "main.tf:6 local.base",
      "main.tf:11 var.kept has this default",
      "main.tf:7 the element is set here",
    ]);
  });

  test("to the variable file", async () => {
    const value = await retention("var.days", 'variable "days" {}\n', {
      "terraform.tfvars": "\ndays = 30\n",
    });
    expect(chainOf(value)).toEqual(["terraform.tfvars:2 var.days is set by a variable file"]);
  });

  test("to the declaration of a variable that nobody sets", async () => {
    expect(chainOf(await retention("local.a", `locals {\n  a = var.days\n}\n${unset}`))).toEqual([
      "main.tf:5 local.a",
      "main.tf:10 var.days is declared here without a default",
    ]);
  });

  test("to the argument of another resource", async () => {
    const rest = 'resource "aws_cloudwatch_log_group" "b" {\n  retention_in_days = 30\n}\n';
    const value = await retention("aws_cloudwatch_log_group.b.retention_in_days", rest);
    expect(chainOf(value)).toEqual(["main.tf:5 aws_cloudwatch_log_group.b.retention_in_days"]);
  });
});

describe("count, for_each and dynamic", () => {
  async function ids(text: string): Promise<string[]> {
    const { facts } = await collectAll({ "main.tf": text });
    return facts.filter(({ kind }) => kind === "log.store").map(({ id }) => id);
  }

  const group = (repetition: string): string =>
    `resource "aws_cloudwatch_log_group" "a" {\n  ${repetition}\n}\n`;

  test.each([
    ["count = 0", []],
    ["count = 1", ["aws_cloudwatch_log_group.a[0]"]],
    ['for_each = toset(["x", "y"])', ['aws_cloudwatch_log_group.a["x"]', 'aws_cloudwatch_log_group.a["y"]']],
    ["for_each = { x = 1 }", ['aws_cloudwatch_log_group.a["x"]']],
    ["for_each = {}", []],
    ["count = var.on ? 1 : 0", ["aws_cloudwatch_log_group.a"]],
    ["for_each = var.days", ["aws_cloudwatch_log_group.a"]],
    ["count = 5000", ["aws_cloudwatch_log_group.a"]],
  ])("%s makes %j", async (repetition, expected) => {
    expect(await ids(group(repetition) + unset)).toEqual(expected);
  });

  test("each instance has its own values", async () => {
    const text = `${group("for_each = { x = 30, y = 60 }\n  retention_in_days = each.value\n  name = each.key")}`;
    const { facts } = await collectAll({ "main.tf": text });
    expect(
      facts.map(({ id, attributes }) => [id, attributes.retentionDays && shown(attributes.retentionDays)]),
    ).toEqual([
      ['aws_cloudwatch_log_group.a["x"]', 30],
      ['aws_cloudwatch_log_group.a["y"]', 60],
    ]);
  });

  test("where the repetition is open, its possible elements are not", async () => {
    const text = `${group("for_each = var.on ? { x = 30 } : { y = 60, z = 90 }\n  retention_in_days = each.value")}${unset}`;
    const { facts } = await collectAll({ "main.tf": text });
    expect(
      facts.map(({ attributes }) => attributes.retentionDays && shown(attributes.retentionDays)),
    ).toEqual([[30, 60, 90]]);
    const counted = `${group("count = var.on ? 1 : 0\n  retention_in_days = [30, 60][count.index]")}${unset}`;
    const { facts: one } = await collectAll({ "main.tf": counted });
    expect(one.map(({ attributes }) => attributes.retentionDays && shown(attributes.retentionDays))).toEqual([
      30,
    ]);
  });

  test("one cause is said once, with the resources that it leaves open", async () => {
    const text = `${group("count = var.on ? 1 : 0")}resource "aws_kms_key" "k" {\n  count = var.on ? 1 : 0\n}\n${unset}`;
    const { diagnostics } = await collectAll({ "main.tf": text });
    expect(diagnostics).toMatchObject([
      {
        level: "warning",
        code: "terraform-repetition-unknown",
        message:
          "Whether or how often there is aws_cloudwatch_log_group.a, aws_kms_key.k cannot be told: var.on has no default and no tfvars file sets it. State the value (for example in a .tfvars file) to have it settled.",
        location: { line: 1 },
      },
    ]);
  });

  test("dynamic blocks are made where their collection is known", async () => {
    const text =
      'resource "aws_sesv2_configuration_set" "a" {\n  dynamic "delivery_options" {\n    for_each = [var.policy]\n    iterator = it\n    content {\n      tls_policy = it.value\n    }\n  }\n}\nvariable "policy" {\n  default = "REQUIRE"\n}\n';
    const { facts } = await collectAll({ "main.tf": text });
    expect(facts[0]?.attributes["tls.mode"]).toMatchObject({
      state: "known",
      value: "required",
      location: { line: 6 },
    });
  });
});

describe("a JSON text with unknown parts is read part by part", () => {
  test.each([
    '"{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"*\\", \\"Resource\\": \\"*\\", \\"Sid\\": \\"${var.days}\\"}]}"',
    '<<EOT\n{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": ${var.days}}]}\nEOT',
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*", Sid = var.days }] })',
    'replace(jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }), "x", "y")',
  ])("%s", async (policy) => {
    const { facts } = await collectAll({
      "main.tf": `resource "aws_iam_policy" "a" {\n  policy = ${policy}\n}\n${unset}`,
    });
    expect(facts[0]?.attributes.administrator).toMatchObject({ state: "known", value: true });
  });
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "%s is a name like any other",
  async (name) => {
    const text = `resource "${name}" "${name}" {\n  ${name} = ${name}.${name}.x\n  ${name} {\n  }\n}\nvariable "${name}" {\n  default = { ${name} = 30 }\n}\nlocals {\n  ${name} = var.${name}.${name}\n}\nresource "aws_backup_selection" "a" {\n  selection_tag {\n    key   = "${name}"\n    value = "x"\n  }\n}\nresource "aws_ebs_volume" "a" {\n  tags = {}\n}\n`;
    expect(shown(await retention(`local.${name}`, text))).toBe(30);
    expect(shown(await retention(`${name}()`))).toBe(`the function ${name} is not evaluated here`);
    expect(shown(await retention(`length(regex("[[:${name}:]]", "a"))`))).toBe(
      `regex is not evaluated: the class [:${name}:] is not evaluated`,
    );
  },
);

describe("what would take for ever is left open", () => {
  const doubled = Array.from({ length: 40 }, (_, at) => `  a${at + 1} = [local.a${at}, local.a${at}]\n`).join(
    "",
  );
  const longer = Array.from(
    { length: 40 },
    (_, at) => `  b${at + 1} = "\${local.b${at}}\${local.b${at}}"\n`,
  ).join("");
  const chained = Array.from({ length: 5000 }, (_, at) => `  c${at + 1} = local.c${at}\n`).join("");
  const nested = Array.from({ length: 400 }, (_, at) => `  d${at + 1} = [local.d${at}]\n`).join("");
  const locals = `locals {\n  a0 = [1]\n  b0 = "x"\n  c0 = 1\n  d0 = 1\n${doubled}${longer}${chained}${nested}}\n`;

  test.each([
    [
      "length(jsonencode(local.a40))",
      "the value has more than 200000 parts or 200 levels and was not evaluated",
    ],
    ["length(local.b40)", "the text is longer than 4194304 characters and was not evaluated"],
    ["local.c5000", "more than 200 values lead to each other"],
    ["length(jsonencode(local.d150))", 301],
    [
      "length(jsonencode(local.d400))",
      expect.stringMatching(/^(?:more than 200 values|the value has more than)/),
    ],
    [
      'length(regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"))',
      "regex is not evaluated: the pattern takes too long on this text",
    ],
    ['length(format("%1000000000d", 1))', "format is not evaluated: the width is too large"],
    [
      "length(setproduct(range(1000), range(1000)))",
      "setproduct is not evaluated: it makes more than 10000 combinations",
    ],
    [
      `length(jsondecode("${"[".repeat(10_000)}${"]".repeat(10_000)}"))`,
      "jsondecode is not evaluated: the text is nested too deep",
    ],
    ["9007199254740993", 9007199254740992],
  ])("%s", async (expression, expected) => {
    expect(shown(await retention(expression, locals))).toEqual(expected);
  });
});

test("long expressions that lead to each other are left at some depth", async () => {
  const names = Array.from({ length: 190 }, (_, at) => at);
  const lines = names.map((at) => `  e${at + 1} = ${"(-".repeat(100)}local.e${at}${")".repeat(100)}\n`);
  const locals = `locals {\n  e0 = 30\n${lines.join("")}}\n`;
  expect(shown(await retention("local.e4", locals))).toBe(30);
  expect(shown(await retention("local.e190", locals))).toBe(
    "the expression leads through more than 600 others",
  );
});

test("a sensitive value is not quoted in a reason", async () => {
  const rest = 'variable "secret" {\n  sensitive = true\n  default   = "hunter2"\n}\n';
  const value = await retention("{ a = 1 }[var.secret]", rest);
  expect(JSON.stringify(value)).not.toContain("hunter2");
  expect(shown(value)).toBe('there is no element or attribute "(hidden)"');
});
