import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Resources of a believable module: what they hold varies with the number, so that no two files are alike. */
function terraformFile(number: number): string {
  const name = `unit_${number}`;
  return `# Storage and mail of unit ${number}
variable "${name}_retention" {
  type        = number
  description = "Days for which the records of unit ${number} are kept"
  default     = ${number % 5 === 0 ? 30 : 2192}
}

locals {
  ${name}_tags = {
    Owner       = "unit-${number}"
    Environment = ${number % 2 === 0 ? '"production"' : "terraform.workspace"}
    CostCentre  = format("cc-%04d", ${number})
  }
}

resource "aws_kms_key" "${name}" {
  description             = "Data of unit ${number}"
  enable_key_rotation     = ${number % 7 !== 0}
  deletion_window_in_days = 30
  tags                    = local.${name}_tags
}

resource "aws_s3_bucket" "${name}" {
  bucket = "lakeside-unit-${number}-records"
  tags   = merge(local.${name}_tags, { Data = "records" })
}

resource "aws_s3_bucket_server_side_encryption_configuration" "${name}" {
  bucket = aws_s3_bucket.${name}.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.${name}.arn
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_public_access_block" "${name}" {
  bucket = aws_s3_bucket.${name}.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "${name}" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.${name}.arn, "\${aws_s3_bucket.${name}.arn}/*"]

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["${number % 11 === 0 ? "true" : "false"}"]
    }
  }
}

resource "aws_cloudwatch_log_group" "${name}" {
  name              = "/lakeside/unit-${number}"
  retention_in_days = var.${name}_retention
  kms_key_id        = aws_kms_key.${name}.arn

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_sesv2_configuration_set" "${name}" {
  configuration_set_name = "unit-${number}"

  delivery_options {
    tls_policy = "${number % 9 === 0 ? "OPTIONAL" : "REQUIRE"}"
  }
}

output "${name}_bucket" {
  description = "Bucket of unit ${number}"
  value       = aws_s3_bucket.${name}.bucket
}
`;
}

const filesPerModule = 15;

/** Writes a tree of Terraform modules; gives the number of bytes. */
export function writeTerraformTree(folder: string, files: number): number {
  let bytes = 0;
  for (let number = 0; number < files; number++) {
    const module = join(folder, `module-${Math.floor(number / filesPerModule)}`);
    mkdirSync(module, { recursive: true });
    const text = terraformFile(number);
    bytes += text.length;
    writeFileSync(join(module, `unit-${number}.tf`), text);
  }
  return bytes;
}

/** Writes TypeScript sources of which none sends mail; gives the number of bytes. */
export function writeTypeScriptTree(folder: string, files: number): number {
  let bytes = 0;
  writeFileSync(join(folder, "package.json"), '{ "name": "quiet", "private": true }\n');
  for (let number = 0; number < files; number++) {
    const module = join(folder, "src", `part-${number % 40}`);
    mkdirSync(module, { recursive: true });
    const body = Array.from({ length: 30 }, (_, line) => `  total += values[${line}] ?? ${line * number};`);
    const text = `import { readFileSync } from "node:fs";\n\n/** Adds the values of a file. */\nexport function sum${number}(path: string): number {\n  const values = readFileSync(path, "utf8").split(",").map(Number);\n  let total = 0;\n${body.join("\n")}\n  return total;\n}\n`;
    bytes += text.length;
    writeFileSync(join(module, `sum-${number}.ts`), text);
  }
  return bytes;
}
