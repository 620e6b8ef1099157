import { describe, expect, test } from "vitest";
import {
  againstTerraform,
  collectAll,
  type Files,
  isRefusedByTerraform,
  isTerraformHere,
} from "../testing.ts";

async function errorsOf(files: Files): Promise<string[]> {
  const { diagnostics } = await collectAll(files);
  return diagnostics
    .filter(({ level }) => level === "error")
    .map(({ code, location, message }) => `${location?.file}:${location?.line} ${code} ${message}`);
}

describe("what Terraform refuses is said with file, line and what to do", () => {
  const refused: Readonly<Record<string, readonly [text: string, error: string]>> = {
    "a block that it does not know": [
      'variable "a" {}\nresourse "aws_s3_bucket" "a" {\n}\n',
      "main.tf:2 terraform-top-level No block is called resourse here. Check the spelling, or remove it.",
    ],
    "an argument outside a block": [
      "a = 1\n",
      "main.tf:1 terraform-top-level No argument or block is called a here. Check the spelling, or remove it.",
    ],
    "a resource without a name": [
      'resource "aws_s3_bucket" {\n}\n',
      'main.tf:1 terraform-top-level A label is missing. Write resource "type" "name" { … }.',
    ],
    "a name that is none": [
      'resource "aws_s3_bucket" "1 a" {\n}\n',
      'main.tf:1 terraform-invalid-name "1 a" is no name that Terraform takes. Write letters, digits, _ and -, beginning with a letter or _.',
    ],
    "two resources of one address": [
      'resource "aws_s3_bucket" "a" {\n}\n\nresource "aws_s3_bucket" "a" {\n}\n',
      'main.tf:4 terraform-duplicate The resource "aws_s3_bucket.a" is declared a second time; the first is in main.tf, line 1. Rename or remove one.',
    ],
    "two locals of one name": [
      "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n",
      'main.tf:5 terraform-duplicate The local "a" is declared a second time; the first is in main.tf, line 2. Rename or remove one.',
    ],
    "two variables of one name": [
      'variable "a" {}\nvariable "a" {}\n',
      'main.tf:2 terraform-duplicate The variable "a" is declared a second time; the first is in main.tf, line 1. Rename or remove one.',
    ],
    "an argument that is set twice": [
      'resource "aws_s3_bucket" "a" {\n  lifecycle {\n    a = 1\n    a = 2\n  }\n}\n',
      "main.tf:4 hcl-syntax a is set a second time here. Remove one of the two.",
    ],
    "a type that is none": [
      'variable "a" {\n  type = strnig\n}\nresource "aws_s3_bucket" "a" {\n  force_destroy = var.a\n}\n',
      "main.tf:2 terraform-variable-type This is no type that var.a can have. Write string, number, bool, any, list(…), set(…), map(…), object({…}) or tuple([…]).",
    ],
    "a default that does not fit": [
      'variable "a" {\n  type    = number\n  default = "many"\n}\nresource "aws_s3_bucket" "a" {\n  force_destroy = var.a\n}\n',
      "main.tf:3 terraform-variable-value The value of var.a is refused by Terraform: string cannot be converted to number: it is no decimal number. Change the value or the type.",
    ],
    "a default that names something": [
      'variable "a" {\n  default = var.a\n}\nresource "aws_s3_bucket" "a" {\n  force_destroy = var.a\n}\n',
      "main.tf:2 terraform-variable-value The value of var.a is refused by Terraform: Terraform allows no references and functions here. Change the value or the type.",
    ],
    "a local that refers to itself": [
      'locals {\n  a = local.b\n  b = upper(local.a)\n}\nresource "aws_s3_bucket" "a" {\n  force_destroy = local.a\n}\n',
      "main.tf:2 terraform-cycle local.a refers to itself (local.a → local.b → local.a), which Terraform refuses. Give it a value that does not depend on it.",
    ],
    "a resource that refers to itself": [
      'resource "aws_s3_bucket" "a" {\n  force_destroy = aws_s3_bucket.a.force_destroy\n}\n',
      "main.tf:1 terraform-cycle aws_s3_bucket.a.force_destroy refers to itself (aws_s3_bucket.a.force_destroy → aws_s3_bucket.a.force_destroy), which Terraform refuses. Give it a value that does not depend on it.",
    ],
    "a count that depends on itself": [
      'resource "aws_s3_bucket" "a" {\n  count = length(aws_s3_bucket.a)\n}\n',
      "main.tf:1 terraform-cycle aws_s3_bucket.a refers to itself (aws_s3_bucket.a → aws_s3_bucket.a), which Terraform refuses. Give it a value that does not depend on it.",
    ],
  };

  test.each(Object.entries(refused))("%s", async (_name, [text, error]) => {
    expect(await errorsOf({ "main.tf": text })).toEqual([error]);
  });

  describe.skipIf(!isTerraformHere)(againstTerraform("by Terraform itself"), () => {
    test("and nothing else is", () => {
      const sound = 'variable "a" {\n  default = 1\n}\nresource "terraform_data" "a" {\n  input = var.a\n}\n';
      expect(isRefusedByTerraform({ "main.tf": sound })).toBe(false);
    });

    test.each(Object.entries(refused))("%s", (_name, [text]) => {
      // A type of resource for which no provider is needed.
      const known = text.replaceAll("aws_s3_bucket", "terraform_data").replaceAll("force_destroy", "input");
      const set = known.replaceAll('variable "a" {}', 'variable "a" {\n  default = 1\n}');
      expect(isRefusedByTerraform({ "main.tf": set })).toBe(true);
    });
  });

  test("an override of what nobody declares", async () => {
    expect(await errorsOf({ "main.tf": "locals {}\n", "a_override.tf": 'variable "a" {\n}\n' })).toEqual([
      'a_override.tf:1 terraform-override-without-base This override file overrides the variable "a", which no other file declares. Declare it, or rename the file.',
    ]);
  });

  test("a block in a variable file, and one that does not parse", async () => {
    const files = { "main.tf": "locals {}\n", "terraform.tfvars": "a {\n}\n", "b.auto.tfvars": "b = \n" };
    expect((await errorsOf(files)).map((error) => error.split(" ").slice(0, 2).join(" "))).toEqual([
      "terraform.tfvars:1 terraform-unsupported-block",
      "b.auto.tfvars:1 hcl-syntax",
    ]);
  });

  test("nothing in a configuration that uses every block", async () => {
    const text =
      'terraform {\n  required_version = ">= 1.5"\n}\nprovider "aws" {\n  region = "us-east-1"\n}\nvariable "a" {\n  default = 1\n}\nlocals {\n  a = var.a\n}\noutput "a" {\n  value = local.a\n}\nmoved {\n  from = aws_s3_bucket.b\n  to   = aws_s3_bucket.a\n}\nimport {\n  to = aws_s3_bucket.a\n  id = "a"\n}\nremoved {\n  from = aws_s3_bucket.c\n}\ncheck "a" {\n  assert {\n    condition     = true\n    error_message = "x"\n  }\n}\nephemeral "aws_secretsmanager_secret_version" "a" {\n  secret_id = "a"\n}\ndata "aws_region" "a" {}\nresource "aws_s3_bucket" "a" {}\n';
    expect(await errorsOf({ "main.tf": text })).toEqual([]);
  });
});

describe("files", () => {
  async function verdictsOf(files: Files): Promise<Record<string, unknown>> {
    const { facts } = await collectAll(files);
    return Object.fromEntries(
      facts.map(({ id, location, attributes }) => [
        `${location.file}:${location.line} ${id}`,
        attributes["deletion.protected"]?.state === "known" && attributes["deletion.protected"].value,
      ]),
    );
  }

  const bucket = 'resource "aws_s3_bucket" "a" {\n  force_destroy = true\n}\n';

  test("an override file changes what another file declares, and stands where that does", async () => {
    const files = {
      "main.tf": bucket,
      "override.tf": 'resource "aws_s3_bucket" "a" {\n  force_destroy = false\n}\n',
    };
    expect(await verdictsOf(files)).toEqual({ "main.tf:1 aws_s3_bucket.a": true });
  });

  test("nested blocks of a type are replaced whole", async () => {
    const { facts } = await collectAll({
      "main.tf": 'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n}\n',
      "b_override.tf.json": '{"resource": {"aws_s3_bucket": {"a": {"versioning": {"mfa_delete": true}}}}}',
    });
    expect(facts[0]?.attributes.versioned).toMatchObject({ state: "known", value: false });
  });

  test("the same in JSON syntax", async () => {
    const json =
      '{"locals": {"keep": false}, "resource": {"aws_s3_bucket": {"a": {"//": "words", "force_destroy": "${!local.keep}"}, "b": [{"force_destroy": "false"}]}}}';
    expect(await verdictsOf({ "main.tf.json": json })).toEqual({
      "main.tf.json:1 aws_s3_bucket.a": false,
      "main.tf.json:1 aws_s3_bucket.b": true,
    });
  });

  test("blocks in JSON syntax are objects, or lists of objects", async () => {
    const { facts } = await collectAll({
      "main.tf.json":
        '{"resource": {"aws_dynamodb_table": {"a": {"point_in_time_recovery": {"enabled": true}, "server_side_encryption": [{"enabled": true, "kms_key_arn": "${aws_kms_key.k.arn}"}]}}, "aws_kms_key": {"k": {}}}}',
    });
    const table = facts.find(({ id }) => id === "aws_dynamodb_table.a");
    expect(table?.attributes["backup.pointInTime"]).toMatchObject({ value: true });
    expect(table?.attributes["encryption.key"]).toMatchObject({ value: "customer-managed" });
  });

  test("what an editor leaves behind is not read, and that is said", async () => {
    const { facts, diagnostics } = await collectAll({ "main.tf": bucket, ".#main.tf": bucket });
    expect(facts.map(({ location }) => location.file)).toEqual(["main.tf"]);
    expect(diagnostics.map(({ code, location }) => `${code} ${location?.file}`)).toContain(
      "terraform-file-ignored .#main.tf",
    );
  });
});
