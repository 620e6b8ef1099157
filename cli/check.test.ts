import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { binary, runCommand, TemporaryFolder } from "./testing.ts";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("..", import.meta.url));
const clinic = "docs/examples/clinic";

function schemaOf(name: string): object {
  return JSON.parse(readFileSync(join(root, `policies/schema/${name}.schema.json`), "utf8")) as object;
}

function checkClinic(...words: string[]) {
  return runCommand(["check", clinic, ...words], { folder: root });
}

test("a path may stand before, between and behind repeatable flags", () => {
  for (const words of [
    [clinic, "--format", "json", "--fail-on", "never"],
    ["--format", "json", clinic, "--fail-on", "never"],
    ["--fail-on", "never", "--format", "json", clinic],
  ]) {
    const { exitCode, stdout } = runCommand(["check", ...words], { folder: root });
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as Report).summary.fail).toBeGreaterThan(0);
  }
});

describe("the example clinic", () => {
  test("fails the gate and shows each failing line with its paragraph, designation and remedy", () => {
    const { exitCode, stdout } = checkClinic();
    expect(exitCode).toBe(1);
    expect(stdout).toContain("docs/examples/clinic/relay/main.cf");
    expect(stdout).toMatch(/> +\d+ │ smtp_tls_security_level = may\n +│ +\^/);
    expect(stdout).toContain("45 CFR 164.312(e)(2)(ii) Encryption (addressable, supports)");
    expect(stdout).toMatch(/\n {4}do +\S/);
    expect(stdout).toMatch(/could not tell/);
    expect(stdout).toContain("It gives no legal advice.");
    expect(stdout).not.toContain("\u001b");
  });

  test("is only ever said to not meet a proposed edition, and that does not fail the gate", () => {
    const { exitCode, stdout } = checkClinic("--edition", "hipaa-nprm-2025");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("would not meet");
    expect(stdout).toContain("Would not meet the proposed rule: ");
    expect(stdout).not.toMatch(/non-compliant|violat/i);
    expect(stdout).not.toMatch(/✗ fail/);
    expect(checkClinic("--edition", "hipaa-nprm-2025", "--fail-on", "proposed").exitCode).toBe(1);
  });

  test("no secret of its files reaches any output", () => {
    const outputs = [
      checkClinic("--verbose"),
      checkClinic("--format", "json"),
      checkClinic("--format", "sarif"),
      runCommand(["facts", clinic], { folder: root }),
      runCommand(["facts", clinic, "--format", "json"], { folder: root }),
    ].map(({ stdout, stderr }) => stdout + stderr);
    for (const output of outputs) {
      expect(output).not.toContain("Lakeside2019");
      expect(output).not.toContain("spring-2024-lakeside");
    }
  });
});

describe("JSON", () => {
  test("is valid against its schema and lists passes too", () => {
    const { stdout } = checkClinic(
      "--format",
      "json",
      "--edition",
      "hipaa-2013",
      "--edition",
      "hipaa-nprm-2025",
    );
    const report = JSON.parse(stdout) as Report;
    const validate = new Ajv({ strict: false }).compile(schemaOf("report"));
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const verdicts = new Set(report.results.map(({ verdict }) => verdict));
    expect([...verdicts].sort()).toEqual(["fail", "not-applicable", "pass", "unknown"]);
    const fingerprints = report.results.map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });

  test("facts are valid against their schema", () => {
    const { stdout } = runCommand(["facts", clinic, "--format", "json"], { folder: root });
    const validate = new Ajv({ strict: false }).compile(schemaOf("facts"));
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true);
  });

  test("is the same to the byte over two runs, with and without cache, and in a copy elsewhere", () => {
    using one = new TemporaryFolder();
    using two = new TemporaryFolder();
    cpSync(join(root, clinic), one.path, { recursive: true });
    cpSync(join(root, clinic), join(two.path, "deeper/copy"), { recursive: true });
    const words = ["check", ".", "--format", "json"];
    const first = runCommand(words, { folder: one.path }).stdout;
    expect(runCommand(words, { folder: one.path }).stdout).toBe(first);
    expect(runCommand([...words, "--no-cache"], { folder: one.path }).stdout).toBe(first);
    expect(runCommand(words, { folder: join(two.path, "deeper/copy") }).stdout).toBe(first);
  });

  test("a fingerprint does not depend on the line, nor on where the folder lies", () => {
    using folder = new TemporaryFolder();
    cpSync(join(root, clinic), folder.path, { recursive: true });
    const here = JSON.parse(
      runCommand(["check", ".", "--format", "json"], { folder: folder.path }).stdout,
    ) as Report;
    const there = JSON.parse(checkClinic("--format", "json").stdout) as Report;
    const of = ({ results }: Report) => results.map(({ fingerprint }) => fingerprint).sort();
    expect(of(there)).toEqual(of(here));
    const file = join(folder.path, "infrastructure/ses.tf");
    folder.write("infrastructure/ses.tf", `\n\n\n${readFileSync(file, "utf8")}`);
    const moved = JSON.parse(
      runCommand(["check", ".", "--format", "json"], { folder: folder.path }).stdout,
    ) as Report;
    expect(of(moved)).toEqual(of(here));
  });
});

describe("SARIF", () => {
  const editions = ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
  const readLog = (...words: string[]) =>
    JSON.parse(checkClinic("--format", "sarif", ...editions, ...words).stdout) as SarifLog;
  const log = readLog("--verbose");

  interface SarifLog {
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      taxonomies: { name: string; taxa: { id: string }[] }[];
      results: {
        kind: string;
        level: string;
        ruleId: string;
        codeFlows?: object[];
        taxa: { id: string }[];
      }[];
    }[];
  }

  test("is valid against the OASIS schema", () => {
    const folder = join(require.resolve("@microsoft/jest-sarif/package.json"), "..");
    // Draft-04 in name only: what it uses means the same in draft-07, but for the name of its id.
    const { id: _, ...schema } = JSON.parse(
      readFileSync(join(folder, "lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
    ) as { readonly id: string };
    const ajv = new Ajv({ strict: false, unicodeRegExp: false });
    formats.default(ajv);
    const validate = ajv.compile({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" });
    expect(validate(log), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  test("holds no pass unless it is asked to: code scanning raises an alert for each result", () => {
    const [run] = readLog().runs;
    expect(new Set(run?.results.map(({ kind }) => kind))).toEqual(new Set(["fail", "open"]));
    const told = log.runs[0]?.results.filter(({ kind }) => kind === "fail" || kind === "open");
    expect(run?.results).toHaveLength(told?.length ?? 0);
    const bearing = new Set(run?.results.map(({ ruleId }) => ruleId));
    expect(new Set(run?.tool.driver.rules.map(({ id }) => id))).toEqual(bearing);
  });

  test("has every verdict as a kind, chains as code flows and paragraphs as taxa", () => {
    const [run] = log.runs;
    const kinds = new Set(run?.results.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["fail", "notApplicable", "open", "pass"]);
    expect(run?.results.filter(({ kind, level }) => kind !== "fail" && level !== "none")).toEqual([]);
    expect(run?.results.some(({ kind, codeFlows }) => kind === "open" && codeFlows !== undefined)).toBe(true);
    expect(run?.taxonomies.map(({ name }) => name)).toEqual(["hipaa-2013", "hipaa-nprm-2025"]);
    expect(run?.taxonomies[0]?.taxa.map(({ id }) => id)).toContain("164.312(e)(2)(ii)");
  });
});

describe("what cannot be told", () => {
  const files = {
    "variables.tf": 'variable "days" {\n  type = number\n}\n',
    "logs.tf": 'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\n',
    "mail.ts":
      'import nodemailer from "nodemailer";\nexport const t = nodemailer.createTransport({\n  host: "mx.example.org",\n  port: 587,\n  secure: process.env.SMTP_SECURE === "true",\n});\n',
    "relay/main.cf": "smtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = hash:/etc/postfix/not-here\n",
  };

  function resultOf(folder: TemporaryFolder, file: string, rule: string, ...words: string[]) {
    const { stdout } = runCommand(["check", ".", "--format", "json", "--rule", rule, ...words], {
      folder: folder.path,
    });
    const { results } = JSON.parse(stdout) as Report;
    return results.filter(({ location }) => location.file === file);
  }

  test("an unset Terraform variable is named", () => {
    using folder = new TemporaryFolder(files);
    const [result] = resultOf(folder, "logs.tf", "logs/retention");
    expect(result?.verdict).toBe("unknown");
    expect(result?.message).toContain("var.days");
    expect(result?.chain.map(({ file }) => file)).toContain("variables.tf");
    folder.write("terraform.tfvars", "days = 2557\n");
    const settled = resultOf(folder, "logs.tf", "logs/retention").map(({ verdict }) => verdict);
    expect(settled).not.toContain("unknown");
  });

  test("a Terraform variable is settled by --var-file, by TF_VAR_ and by neither where a file of the module wins", () => {
    using folder = new TemporaryFolder({ ...files, "own/prod.tfvars": "days = 2557\n" });
    const verdictWith = (words: readonly string[], environment: Record<string, string>): string[] => {
      const all = ["check", "logs.tf", "--format", "json", "--rule", "logs/retention", ...words];
      const { stdout } = runCommand(all, { folder: folder.path, environment });
      return (JSON.parse(stdout) as Report).results.map(({ verdict }) => verdict);
    };
    expect(verdictWith([], {})).toEqual(["unknown"]);
    expect(verdictWith(["--var-file", "own/prod.tfvars"], {})).toEqual(["pass"]);
    expect(verdictWith([], { TF_VAR_days: "2557" })).toEqual(["pass"]);
    expect(verdictWith([], { TF_VAR_other: "2557" })).toEqual(["unknown"]);
    folder.write("terraform.tfvars", "days = 1\n");
    expect(verdictWith([], { TF_VAR_days: "2557" })).toEqual(["fail"]);
    expect(verdictWith(["--var-file", "own/prod.tfvars"], { TF_VAR_days: "1" })).toEqual(["pass"]);
  });

  test("an environment variable of a mailer is named, and --env-file settles it", () => {
    using folder = new TemporaryFolder(files);
    const [result] = resultOf(folder, "mail.ts", "mail/outbound-tls");
    expect(result?.verdict).toBe("unknown");
    expect(JSON.stringify([result?.message, result?.chain])).toContain("SMTP_SECURE");
    folder.write("deploy.env", "SMTP_SECURE=true\n");
    const settled = resultOf(folder, "mail.ts", "mail/outbound-tls", "--env-file", "deploy.env");
    expect(settled.map(({ verdict }) => verdict)).toEqual(["pass"]);
  });

  test("a Postfix map that is not there is named", () => {
    using folder = new TemporaryFolder(files);
    const results = resultOf(folder, "relay/main.cf", "mail/outbound-tls");
    expect(results.some(({ verdict }) => verdict === "unknown")).toBe(true);
    expect(JSON.stringify(results)).toContain("/etc/postfix/not-here");
    expect(results.filter(({ verdict }) => verdict === "pass")).toEqual([]);
  });

  test("a conditional whose branches both comply passes", () => {
    using folder = new TemporaryFolder({
      "a.tf": `variable "production" {\n  type = bool\n}\nresource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\nresource "aws_s3_bucket_server_side_encryption_configuration" "a" {\n  bucket = aws_s3_bucket.a.id\n  rule {\n    apply_server_side_encryption_by_default {\n      sse_algorithm = var.production ? "aws:kms" : "AES256"\n    }\n  }\n}\n`,
    });
    const [result] = resultOf(folder, "a.tf", "storage/encrypted-at-rest");
    expect(result?.verdict).toBe("pass");
  });

  test("--fail-on unknown exits 3, and without it the gate is green", () => {
    using folder = new TemporaryFolder({
      "variables.tf": files["variables.tf"],
      "logs.tf": files["logs.tf"],
    });
    const words = ["check", ".", "--rule", "logs/retention"];
    expect(runCommand(words, { folder: folder.path }).exitCode).toBe(0);
    expect(runCommand([...words, "--fail-on", "unknown"], { folder: folder.path }).exitCode).toBe(3);
  });
});

describe("settings and filters", () => {
  test("a rule that is switched off is said, not passed over", () => {
    using folder = new TemporaryFolder({
      "mail/main.cf": "smtp_tls_security_level = none\n",
      "mail/hipaa-check.yaml": "rules:\n  mail/outbound-tls: off\n",
    });
    const { stdout, exitCode } = runCommand(
      ["check", ".", "--format", "json", "--rule", "mail/outbound-tls"],
      {
        folder: folder.path,
      },
    );
    const verdicts = (JSON.parse(stdout) as Report).results.map(({ verdict, message }) => [verdict, message]);
    expect(new Set(verdicts.map(([verdict]) => verdict))).toEqual(new Set(["not-applicable"]));
    expect(verdicts[0]?.[1]).toBe("Switched off in mail/hipaa-check.yaml, line 2.");
    expect(exitCode).toBe(0);
  });

  test("what was not looked at is counted with its reason", () => {
    using folder = new TemporaryFolder({
      "a.tf": "locals {}\n",
      "notes.txt": "x",
      "old/b.tf": "locals {}\n",
      "secret/c.tf": "locals {}\n",
      "node_modules/d/e.tf": "locals {}\n",
      ".gitignore": "secret/\n",
      "hipaa-check.yaml": 'exclude: ["old/"]\n',
    });
    const { stdout } = runCommand(["check", ".", "--format", "json"], { folder: folder.path });
    const { notLookedAt, summary } = JSON.parse(stdout) as Report;
    expect(summary.files).toBe(1);
    expect(notLookedAt.flatMap(({ examples }) => examples).sort()).toEqual([
      ".gitignore",
      "hipaa-check.yaml",
      "node_modules/",
      "notes.txt",
      "old/",
      "secret/",
    ]);
  });

  test("an ignored file that is named is judged all the same", () => {
    using folder = new TemporaryFolder({
      "secret/main.cf": "smtp_tls_security_level = none\n",
      ".gitignore": "secret/\n",
    });
    expect(runCommand(["check", "secret"], { folder: folder.path }).exitCode).toBe(1);
  });

  test("a damaged cache is ignored", () => {
    using folder = new TemporaryFolder({ "tree/main.cf": "smtp_tls_security_level = none\n" });
    const environment = { HIPAA_CHECK_CACHE: join(folder.path, "cache") };
    const words = ["check", "tree", "--format", "json"];
    const first = runCommand(words, { folder: folder.path, environment }).stdout;
    const cache = join(folder.path, "cache");
    const [name = ""] = readdirSync(cache);
    const sound = readFileSync(join(cache, name), "utf8");
    const damaged = [sound.replace("none", "dane-only"), sound.slice(0, -20), "", "{}\n{}"];
    for (const content of damaged) {
      writeFileSync(join(cache, name), content);
      expect(runCommand(words, { folder: folder.path, environment }).stdout).toBe(first);
    }
  });
});

test("the bare command is check", () => {
  const bare = runCommand([clinic, "--format", "json"], { folder: root });
  expect(bare.stdout).toBe(checkClinic("--format", "json").stdout);
  expect(bare.exitCode).toBe(1);
});

test("the command runs from any folder under the machine's own Node, however old it is", () => {
  using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  const { status, stdout } = spawnSync("node", [binary, "check", ".", "--format", "json"], {
    cwd: folder.path,
    encoding: "utf8",
    env: { PATH: path.join(delimiter), HOME: folder.path },
  });
  expect(status).toBe(1);
  expect((JSON.parse(stdout) as Report).summary.files).toBe(1);
});

test("several formats go to their own outputs", () => {
  using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
  const words = [
    "check",
    ".",
    "--format",
    "terminal",
    "--output",
    "-",
    "--format",
    "json",
    "--output",
    "report.json",
  ];
  const { stdout } = runCommand(words, { folder: folder.path });
  expect(stdout).toContain("Summary");
  const report = JSON.parse(readFileSync(join(folder.path, "report.json"), "utf8")) as Report;
  expect(report.schemaVersion).toBe("1");
});

test("policies diff shows what changes for the example's own files", () => {
  const { exitCode, stdout } = runCommand(["policies", "diff", "hipaa-2013", "hipaa-nprm-2025", clinic], {
    folder: root,
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("For your files");
  expect(stdout).toMatch(/mail\/outbound-tls {2}docs\/examples\/clinic\/relay\/main\.cf:\d+/);
  expect(stdout).toContain("164.312(b)(2)");
  expect(stdout).toContain("would not meet");
});
