import { expect, test } from "vitest";
import { jsonText } from "../language/functions/json.ts";
import { unknownsIn } from "../language/value.ts";
import { collectAll, type Files, moduleOf, nowhere } from "../testing.ts";

function local(files: Files): unknown {
  const value = moduleOf(files).module.local("result", nowhere);
  const [open] = unknownsIn(value);
  return open === undefined ? JSON.parse(jsonText(value)) : open.reasons.join("; ");
}

test("an older template data source is rendered", () => {
  const result = local({
    "main.tf":
      'variable "name" {\n  default = "clinic"\n}\ndata "template_file" "policy" {\n  template = file("${path.module}/policies/a.tpl")\n  vars = {\n    name = var.name\n    days = 30\n  }\n}\nlocals {\n  result = jsondecode(data.template_file.policy.rendered)\n}\n',
    "policies/a.tpl": '{"Name": "${name}", "Days": ${days}, "Raw": "$${name}"}\n',
  });
  expect(result).toEqual({ Name: "clinic", Days: 30, Raw: "${name}" });
});

test.each([
  ['fileexists("a.txt")', true],
  ['fileexists("b.txt")', false],
  ['fileexists("sub/c.txt")', true],
  ['fileexists("elsewhere/c.txt")', 'the folder of the file "elsewhere/c.txt" is not in view'],
  ['fileset(".", "*.txt")', ["a.txt"]],
  ['fileset("sub", "{c,d}.*")', ["c.txt"]],
  ['fileset(".", "**/*.txt")', 'the files "**/*.txt" in "." are not in view'],
  ['fileset("missing", "*.txt")', 'the files "*.txt" in "missing" are not in view'],
  ['file("b.txt")', 'the file "b.txt" is not in view'],
  ['file("/etc/hostname")', 'the file "/etc/hostname" is not in view'],
  ['file("../../outside.txt")', 'the file "../../outside.txt" is not in view'],
])("%s is %s", (expression, expected) => {
  const files = { "main.tf": `locals {\n  result = ${expression}\n}\n`, "a.txt": "a", "sub/c.txt": "c" };
  expect(local(files)).toEqual(expected);
});

test("YAML of the module is read where a file asks for it", async () => {
  const { facts } = await collectAll({
    "main.tf":
      'locals {\n  groups = yamldecode(file("${path.module}/groups.yaml"))\n}\nresource "aws_cloudwatch_log_group" "a" {\n  for_each          = local.groups\n  retention_in_days = each.value.days\n}\n',
    "groups.yaml": "mail: &kept\n  days: 2192\nportal:\n  <<: *kept\n",
  });
  expect(facts.map(({ id, attributes }) => [id, attributes.retentionDays])).toMatchObject([
    ['aws_cloudwatch_log_group.a["mail"]', { state: "known", value: 2192 }],
    ['aws_cloudwatch_log_group.a["portal"]', { state: "known", value: 2192 }],
  ]);
});
