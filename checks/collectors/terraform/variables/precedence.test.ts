import { describe, expect, test } from "vitest";
import { jsonText } from "../language/functions/json.ts";
import { unknownsIn } from "../language/value.ts";
import {
  againstTerraform,
  type Files,
  isTerraformHere,
  moduleOf,
  nowhere,
  type Outside,
  terraformJson,
} from "../testing.ts";

interface Scenario {
  readonly files: Files;
  readonly outside?: Outside;
}

const declared = 'variable "a" {\n  type    = string\n  default = "default"\n}\n';

const allFiles = {
  "main.tf": declared,
  "terraform.tfvars": 'a = "terraform.tfvars"\n',
  "terraform.tfvars.json": '{"a": "terraform.tfvars.json"}\n',
  "b.auto.tfvars": 'a = "b.auto.tfvars"\n',
  "a.auto.tfvars.json": '{"a": "a.auto.tfvars.json"}\n',
  "own.tfvars": 'a = "own.tfvars"\n',
  "last.tfvars.json": '{"a": "last.tfvars.json"}\n',
};

function without(...names: string[]): Files {
  return Object.fromEntries(Object.entries(allFiles).filter(([name]) => !names.includes(name)));
}

function typed(type: string, text: string): Scenario {
  return {
    files: { "main.tf": `variable "a" {\n  type = ${type}\n}\n`, "terraform.tfvars": `a = ${text}\n` },
  };
}

function fromEnvironment(type: string, text: string): Scenario {
  const argument = type === "" ? "" : `  type = ${type}\n`;
  return {
    files: { "main.tf": `variable "a" {\n${argument}}\n` },
    outside: { environment: { a: text } },
  };
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "the default": { files: { "main.tf": declared } },
  "the environment over the default": {
    files: { "main.tf": declared },
    outside: { environment: { a: "environment" } },
  },
  "terraform.tfvars over the environment": {
    files: without("terraform.tfvars.json", "b.auto.tfvars", "a.auto.tfvars.json"),
    outside: { environment: { a: "environment" } },
  },
  "terraform.tfvars.json over terraform.tfvars": { files: without("b.auto.tfvars", "a.auto.tfvars.json") },
  "automatic files over both": { files: without("b.auto.tfvars") },
  "automatic files by name, whatever their syntax": { files: allFiles },
  "a file of the command line over all": { files: allFiles, outside: { varFiles: ["own.tfvars"] } },
  "the last file of the command line": {
    files: allFiles,
    outside: { varFiles: ["own.tfvars", "last.tfvars.json"] },
  },
  "the first file of the command line, given last": {
    files: allFiles,
    outside: { varFiles: ["last.tfvars.json", "own.tfvars"] },
  },
  "a text for a number": typed("number", '"15"'),
  "a number for a text": typed("string", "15"),
  "a truth value for a text": typed("string", "true"),
  "a list for a set": typed("set(string)", '["b", "a", "b"]'),
  "a list of mixed elements": typed("list(string)", '["b", 1, true]'),
  "an object with optional attributes": typed(
    'object({ a = string, b = optional(number), c = optional(string, "x"), d = optional(list(string), ["y"]) })',
    '{ a = 1, e = "dropped" }',
  ),
  "an object inside a map": typed(
    "map(object({ a = optional(bool, true) }))",
    '{ x = {}, y = { a = "false" } }',
  ),
  "a tuple": typed("tuple([string, number])", '[1, "2"]'),
  any: typed("any", '{ a = [1, "b"] }'),
  "a list of any": typed("list(any)", '[1, "b"]'),
  "no number": typed("number", '"x"'),
  "a missing attribute": typed("object({ a = string })", "{}"),
  "a reference": typed("string", "var.b"),
  "a function": typed("string", 'upper("a")'),
  "a text with $ in JSON": { files: { "main.tf": declared, "terraform.tfvars.json": '{"a": "$${x} %{y"}' } },
  "a template": typed("string", '"a${1 + 1}"'),
  "null where null is allowed": { files: { "main.tf": declared, "terraform.tfvars": "a = null\n" } },
  "null where it is not": {
    files: {
      "main.tf": declared.replace("default", "nullable = false\n  default"),
      "terraform.tfvars": "a = null\n",
    },
  },
  sensitive: { files: { "main.tf": declared.replace("default", "sensitive = true\n  default") } },
  "a text from the environment": fromEnvironment("string", '["x"]'),
  "a number from the environment": fromEnvironment("number", "15"),
  "a list from the environment": fromEnvironment("list(string)", '["x", 1]'),
  "a map from the environment": fromEnvironment("map(string)", '{ a = "b" }'),
  "anything from the environment": fromEnvironment("any", "{ a = 1 }"),
  "a text for anything from the environment": fromEnvironment("any", "x y"),
  "no type from the environment": fromEnvironment("", "[1]"),
  "an empty text from the environment": fromEnvironment("string", ""),
  "an empty list from the environment": fromEnvironment("list(string)", ""),
  "a default that is converted": {
    files: { "main.tf": 'variable "a" {\n  type    = list(string)\n  default = [1, true]\n}\n' },
  },
  "a default that does not fit": {
    files: { "main.tf": 'variable "a" {\n  type    = list(string)\n  default = "x"\n}\n' },
  },
  "a default with a reference": {
    files: { "main.tf": 'variable "a" {\n  default = var.b\n}\nvariable "b" {\n  default = 1\n}\n' },
  },
  "a declaration in JSON": {
    files: { "main.tf.json": '{"variable": {"a": {"type": "list(string)", "default": ["${x}", 2]}}}' },
  },
  "an override": {
    files: { "main.tf": declared, "override.tf": 'variable "a" {\n  default = "override"\n}\n' },
  },
  "two overrides, the later by name": {
    files: {
      "main.tf": declared,
      "b_override.tf": 'variable "a" {\n  default = "b"\n}\n',
      "a_override.tf": 'variable "a" {\n  default = "a"\n}\n',
    },
  },
};

/** The variable `a` as JSON, or `refused`. */
function ownResult({ files, outside }: Scenario): unknown {
  const { module, diagnostics } = moduleOf(files, outside);
  const value = module.variable("a", nowhere);
  if (diagnostics().some(({ level }) => level === "error")) return "refused";
  expect(unknownsIn(value).flatMap(({ reasons }) => reasons)).toEqual([]);
  return JSON.parse(jsonText(value));
}

describe.skipIf(!isTerraformHere)(
  againstTerraform("gives a variable the value that Terraform gives it"),
  () => {
    test.each(Object.entries(scenarios))("%s", (_name, scenario) => {
      const answer = terraformJson(scenario.files, "jsonencode(nonsensitive(var.a))", scenario.outside);
      expect(ownResult(scenario)).toEqual("refused" in answer ? "refused" : answer.value);
    });
  },
);
