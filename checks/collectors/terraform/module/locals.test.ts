import { describe, expect, test } from "vitest";
import { jsonText } from "../language/functions/json.ts";
import { unknownsIn } from "../language/value.ts";
import {
  againstTerraform,
  type Files,
  isTerraformHere,
  moduleOf,
  nowhere,
  terraformJson,
} from "../testing.ts";

/** Modules with a local `result`, which is compared. */
const examples: Readonly<Record<string, Files>> = {
  heredoc: { "main.tf": "locals {\n  result = <<EOT\n  a\n    b ${1 + 1}\nEOT\n}\n" },
  "indented heredoc": {
    "main.tf": 'locals {\n  result = <<-EOT\n    a\n      b ${1 + 1}\n    ${"c"}\n  EOT\n}\n',
  },
  "heredoc with directives": {
    "main.tf":
      'locals {\n  names = ["x", "y"]\n  result = <<-EOT\n    %{ for name in local.names ~}\n    server ${name}\n    %{ endfor ~}\n    %{ if length(local.names) > 1 }many%{ else }few%{ endif }\n  EOT\n}\n',
  },
  "locals that lead to each other": {
    "main.tf":
      'variable "env" {\n  default = "prod"\n}\nlocals {\n  result = local.all[var.env]\n  all = { for key, days in local.days : key => merge(local.base, { days = days }) }\n  days = { prod = 2192, test = 7 }\n  base = { owner = "clinic-${var.env}", days = 0 }\n}\n',
  },
  "locals in JSON": {
    "main.tf.json":
      '{"locals": [{"a": "x"}, {"result": {"k": "${upper(local.a)}", "l": [1, "${local.a}-1"], "${local.a}": true}}]}',
  },
  "files of the module": {
    "main.tf":
      'locals {\n  result = [file("${path.module}/a.txt"), jsondecode(file("b.json")).x[0], templatefile("sub/t.tpl", { names = ["x", "y"], on = true })]\n}\n',
    "a.txt": "hello\n",
    "b.json": '{"x": [7]}',
    "sub/t.tpl": '%{ for n in names ~}\n- ${n}\n%{ endfor ~}\n${on ? upper("yes") : "no"}\n',
  },
  "a template that is given too little": {
    "main.tf": 'locals {\n  result = can(templatefile("t.tpl", {}))\n}\n',
    "t.tpl": "${missing}",
  },
  "an override": {
    "main.tf": 'locals {\n  a = "base"\n  result = "${local.a} ${local.b}"\n  b = "base"\n}\n',
    "override.tf": 'locals {\n  a = "over"\n}\n',
  },
  "a loop with its own names": {
    "main.tf":
      'locals {\n  subnets = { a = { cidr = "10.0.0.0/24", public = true }, b = { cidr = "10.0.1.0/24", public = false } }\n  result = { for name, subnet in local.subnets : subnet.public ? "public" : "private" => name... }\n}\n',
  },
  "nested loops": {
    "main.tf":
      'locals {\n  groups = { x = ["1", "2"], y = ["3"] }\n  result = flatten([for name, members in local.groups : [for member in members : "${name}${member}"]])\n}\n',
  },
  "splats over objects": {
    "main.tf":
      "locals {\n  items = [{ a = { b = [1, 2] } }, { a = { b = [3] } }]\n  result = [local.items[*].a.b, local.items[*].a.b[0], local.items.*.a, flatten(local.items[*].a.b)]\n}\n",
  },
};

function ownResult(files: Files): unknown {
  const { module, diagnostics } = moduleOf(files);
  const value = module.local("result", nowhere);
  expect(diagnostics()).toEqual([]);
  expect(unknownsIn(value).flatMap(({ reasons }) => reasons)).toEqual([]);
  return JSON.parse(jsonText(value));
}

describe.skipIf(!isTerraformHere)(againstTerraform("gives a local the value that Terraform gives it"), () => {
  test.each(Object.entries(examples))("%s", (_name, files) => {
    const answer = terraformJson(files, "jsonencode(local.result)");
    if ("refused" in answer) throw new Error(answer.refused);
    expect(ownResult(files)).toEqual(answer.value);
  });
});
