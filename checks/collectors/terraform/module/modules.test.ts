import { describe, expect, test } from "vitest";
import type { Value } from "#base/value.ts";
import type { Collected } from "#facts/collector.ts";
import { collectAll, type Files } from "../testing.ts";

function attributeOf({ facts }: Collected, file: string, id: string, attribute: string): Value | undefined {
  return facts.find((fact) => fact.location.file === file && fact.id === id)?.attributes[attribute];
}

function shown(value: Value | undefined): unknown {
  if (value?.state === "known") return value.value;
  if (value?.state === "unknown" && value.alternatives !== undefined) return value.alternatives.map(shown);
  return value?.state;
}

const logs = {
  "modules/logs/main.tf":
    'variable "days" {\n  type    = number\n  default = 7\n}\nvariable "key" {\n  type    = string\n  default = null\n}\nresource "aws_cloudwatch_log_group" "this" {\n  retention_in_days = var.days\n  kms_key_id        = var.key\n}\n',
};

async function retention(files: Files): Promise<Value | undefined> {
  const collected = await collectAll({ ...logs, ...files });
  return attributeOf(collected, "modules/logs/main.tf", "aws_cloudwatch_log_group.this", "retentionDays");
}

describe("the variables of a module have the values that its callers give them", () => {
  test("one caller, through a variable of its own", async () => {
    const value = await retention({
      "main.tf":
        'variable "kept" {\n  type = number\n}\nmodule "logs" {\n  source = "./modules/logs"\n  days   = var.kept + 1\n}\n',
      "terraform.tfvars": "kept = 2191\n",
    });
    expect(value).toMatchObject({
      state: "known",
      value: 2192,
      location: { file: "modules/logs/main.tf", line: 10 },
    });
    expect(value?.chain.map(({ location, text }) => `${location.file}:${location.line} ${text}`)).toEqual([
      "main.tf:6 var.days is set by module.logs",
      "terraform.tfvars:1 var.kept is set by a variable file",
    ]);
  });

  test("the default where no caller sets it", async () => {
    expect(shown(await retention({ "main.tf": 'module "logs" {\n  source = "./modules/logs"\n}\n' }))).toBe(
      7,
    );
  });

  test("two callers that differ leave it open between their values", async () => {
    const value = await retention({
      "a/main.tf": 'module "logs" {\n  source = "../modules/logs"\n  days   = 30\n}\n',
      "b/main.tf": 'module "logs" {\n  source = "../modules/logs"\n}\n',
    });
    expect(shown(value)).toEqual([30, 7]);
    expect(value).toMatchObject({ reason: "var.days has different values in the calls of this module" });
  });

  test("each instance of a repeated call counts", async () => {
    const call =
      'module "logs" {\n  source   = "./modules/logs"\n  for_each = { a = 30, b = 60 }\n  days     = each.value\n}\n';
    expect(shown(await retention({ "main.tf": call }))).toEqual([30, 60]);
  });

  test("callers of callers, and modules that call each other", async () => {
    const value = await retention({
      "main.tf": 'module "outer" {\n  source = "./modules/outer"\n  days   = 400\n}\n',
      "modules/outer/main.tf":
        'variable "days" {}\nmodule "logs" {\n  source = "../logs"\n  days   = var.days\n}\nmodule "self" {\n  source = "../outer"\n}\nmodule "loop" {\n  source = "../loop"\n}\n',
      "modules/loop/main.tf": 'module "outer" {\n  source = "../outer"\n  days   = 1\n}\n',
    });
    expect(shown(value)).toEqual([400, 1]);
  });

  test("a module that has variable files of its own is a root as well", async () => {
    const value = await retention({
      "main.tf": 'module "logs" {\n  source = "./modules/logs"\n  days   = 30\n}\n',
      "modules/logs/terraform.tfvars": "days = 90\n",
    });
    expect(shown(value)).toEqual([30, 90]);
  });
});

const keys = {
  "keys/main.tf":
    'variable "alias" {}\nresource "aws_kms_key" "logs" {\n  enable_key_rotation = true\n}\noutput "arn" {\n  value = aws_kms_key.logs.arn\n}\noutput "alias" {\n  value = var.alias\n}\n',
};

describe("the outputs of a module", () => {
  test("lead to its resources, which are not taken for those of the caller", async () => {
    const collected = await collectAll({
      ...keys,
      "main.tf":
        'data "aws_kms_key" "logs" {\n  key_id = "alias/aws/logs"\n}\nmodule "keys" {\n  source = "./keys"\n  alias  = "alias/aws/ssm"\n}\nresource "aws_cloudwatch_log_group" "a" {\n  kms_key_id = module.keys.arn\n}\nresource "aws_cloudwatch_log_group" "b" {\n  kms_key_id = module.keys.alias\n}\n',
    });
    const key = (id: string) => attributeOf(collected, "main.tf", id, "encryption.key");
    expect(shown(key("aws_cloudwatch_log_group.a"))).toBe("customer-managed");
    expect(key("aws_cloudwatch_log_group.a")?.chain.map(({ text }) => text)).toContain(
      "module.keys.aws_kms_key.logs is a key of the account",
    );
    expect(shown(key("aws_cloudwatch_log_group.b"))).toBe("provider-managed");
    expect(collected.diagnostics).toEqual([]);
  });

  test("of a module that is not in view are unknown, and that is said once for each call", async () => {
    const collected = await collectAll({
      "main.tf":
        'module "keys" {\n  source = "terraform-aws-modules/kms/aws"\n}\nresource "aws_cloudwatch_log_group" "a" {\n  kms_key_id = module.keys.arn\n}\n',
    });
    expect(attributeOf(collected, "main.tf", "aws_cloudwatch_log_group.a", "encryption.key")).toMatchObject({
      state: "unknown",
      reason: "module.keys.arn comes from a module that is not in view",
    });
    expect(collected.diagnostics).toMatchObject([
      { level: "warning", code: "terraform-module-not-judged", location: { file: "main.tf", line: 1 } },
    ]);
  });
});

const bucket = 'resource "aws_s3_bucket" "this" {\n  bucket = "mail"\n}\n';
const versioning =
  'resource "aws_s3_bucket_versioning" "this" {\n  bucket = BUCKET\n  versioning_configuration {\n    status = "Enabled"\n  }\n}\n';

describe("what a module does not declare itself may be added from outside", () => {
  async function versioned(file: string, files: Files): Promise<unknown> {
    return shown(attributeOf(await collectAll(files), file, "aws_s3_bucket.this", "versioned"));
  }

  test("by a module out of view that is given the resource", async () => {
    const call = 'module "x" {\n  source = "example/x/aws"\n  bucket = aws_s3_bucket.this.id\n}\n';
    expect(await versioned("main.tf", { "main.tf": bucket + call })).toBe("unknown");
    expect(
      await versioned("main.tf", { "main.tf": bucket + call.replace("bucket = aws_s3_bucket.this.id", "") }),
    ).toBe(false);
  });

  test("by a module in view only where it has such a resource", async () => {
    const call = 'module "x" {\n  source = "./x"\n  bucket = aws_s3_bucket.this.id\n}\n';
    const child = 'variable "bucket" {}\n';
    const adding = child + versioning.replace("BUCKET", "var.bucket");
    expect(await versioned("main.tf", { "main.tf": bucket + call, "x/main.tf": child })).toBe(false);
    expect(await versioned("main.tf", { "main.tf": bucket + call, "x/main.tf": adding })).toBe("unknown");
  });

  test("by a caller that gets the resource by an output", async () => {
    const child = `${bucket}output "id" {\n  value = aws_s3_bucket.this.id\n}\n`;
    const call = 'module "store" {\n  source = "./store"\n}\n';
    const using = call + versioning.replace("BUCKET", "module.store.id");
    expect(await versioned("store/main.tf", { "main.tf": call, "store/main.tf": child })).toBe(false);
    expect(await versioned("store/main.tf", { "main.tf": using, "store/main.tf": child })).toBe("unknown");
  });
});
