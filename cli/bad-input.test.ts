import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

/** A relay that meets every rule asked of its level, so that only the bad input can change the exit code. */
const sound = `resource "aws_kms_key" "good" {
  enable_key_rotation     = true
  deletion_window_in_days = 30
}
`;

function report(
  folder: TemporaryFolder,
  ...words: string[]
): { exitCode: number | null; report: Report; stderr: string } {
  const { exitCode, stdout, stderr } = runCommand(["check", ".", "--format", "json", ...words], {
    folder: folder.path,
  });
  return { exitCode, stderr, report: JSON.parse(stdout) as Report };
}

/** The first error about a file: "code file:line". */
function errorsOf({ diagnostics }: Report): string[] {
  return diagnostics
    .filter(({ level }) => level === "error")
    .map(({ code, location }) => `${code} ${location?.file}:${location?.line}`);
}

describe("files that cannot be judged: said with file and line, the others are still judged, exit 3", () => {
  const deep = 10_000;
  const broken: Record<string, { file: string; content: string | Uint8Array; error: RegExp }> = {
    "Terraform that does not parse": {
      file: "bad.tf",
      content: 'resource "aws_s3_bucket" "a" {\n  bucket = \n}\n',
      error: /^\S+ bad\.tf:2$/,
    },
    "Terraform with a block that Terraform refuses at the top level": {
      file: "bad.tf",
      content: 'resourse "aws_s3_bucket" "a" {\n}\n',
      error: /^\S+ bad\.tf:1$/,
    },
    "Terraform JSON that does not parse": {
      file: "bad.tf.json",
      content: '{\n  "resource": {\n',
      error: /^\S+ bad\.tf\.json:\d+$/,
    },
    "Terraform JSON whose top level is no object": {
      file: "bad.tf.json",
      content: "[1, 2]\n",
      error: /^\S+ bad\.tf\.json:1$/,
    },
    "TypeScript that does not parse": {
      file: "bad.ts",
      content:
        'import nodemailer from "nodemailer";\nexport const t = nodemailer.createTransport({ host: ;\n',
      error: /^\S+ bad\.ts:2$/,
    },
    "a main.cf line without =": {
      file: "mail/main.cf",
      content: "myhostname = a.example\nsmtp_tls_security_level\n",
      error: /^\S+ mail\/main\.cf:2$/,
    },
    "a file that is not UTF-8": {
      file: "latin.tf",
      content: Buffer.from([0x61, 0xe9, 0x20, 0xff, 0xfe]),
      error: /^file-not-utf8 latin\.tf:1$/,
    },
    "Terraform nested 10,000 deep": {
      file: "deep.tf",
      content: `locals {\n  a = ${"[".repeat(deep)}${"]".repeat(deep)}\n}\n`,
      error: /^\S+ deep\.tf:2$/,
    },
    "Terraform JSON nested 10,000 deep": {
      file: "deep.tf.json",
      content: `{"locals": {"a": ${"[".repeat(deep)}${"]".repeat(deep)}}}`,
      error: /^\S+ deep\.tf\.json:1$/,
    },
  };

  test.each(Object.entries(broken))("%s", (_name, { file, content, error }) => {
    using folder = new TemporaryFolder({ "good.tf": sound, [file]: content });
    const { exitCode, report: found } = report(folder);
    expect(errorsOf(found)).toEqual([expect.stringMatching(error)]);
    expect(found.diagnostics[0]?.message).toMatch(/^[A-Z"`].*[.!?)]$/);
    expect(found.results.some(({ location }) => location.file === "good.tf")).toBe(true);
    expect(exitCode).toBe(3);
  });

  test("200 MB of one line", () => {
    using folder = new TemporaryFolder({ "good.tf": sound, "huge.tf": "" });
    truncateSync(join(folder.path, "huge.tf"), 200 * 1024 * 1024);
    const { exitCode, report: found } = report(folder);
    expect(errorsOf(found)).toEqual(["file-too-large huge.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a symbolic link that leads to itself", () => {
    using folder = new TemporaryFolder({ "good.tf": sound });
    symlinkSync("loop.tf", join(folder.path, "loop.tf"));
    symlinkSync(".", join(folder.path, "here"));
    const { exitCode, report: found } = report(folder);
    expect(errorsOf(found)).toEqual(["file-symlink-loop loop.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a named pipe", () => {
    using folder = new TemporaryFolder({ "good.tf": sound });
    expect(spawnSync("mkfifo", [join(folder.path, "pipe.tf")]).status).toBe(0);
    const { exitCode, report: found } = report(folder);
    expect(errorsOf(found)).toEqual(["file-not-regular pipe.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a file that the user may not read", () => {
    using folder = new TemporaryFolder({ "good.tf": sound, "closed.tf": sound });
    chmodSync(join(folder.path, "closed.tf"), 0o000);
    chmodSync(folder.path, 0o755);
    const isRoot = process.getuid?.() === 0;
    const nobody = 65_534;
    using script = new CopiedCommand();
    const { exitCode, stdout } = runCommand(["check", ".", "--format", "json", "--no-cache"], {
      folder: folder.path,
      binary: script.binary,
      ...(isRoot ? { userId: nobody } : {}),
    });
    expect(errorsOf(JSON.parse(stdout) as Report)).toEqual(["file-unreadable closed.tf:1"]);
    expect(exitCode).toBe(3);
  });
});

/** A copy of the built command in a folder that everybody can read. */
class CopiedCommand implements Disposable {
  private readonly folder = new TemporaryFolder();
  readonly binary: string;

  constructor() {
    const root = fileURLToPath(new URL("..", import.meta.url));
    const { path } = this.folder;
    chmodSync(path, 0o755);
    mkdirSync(join(path, "cli/bin"), { recursive: true });
    cpSync(join(root, "dist"), join(path, "dist"), { recursive: true });
    cpSync(join(root, "cli/bin/run.js"), join(path, "cli/bin/run.js"));
    cpSync(join(root, "package.json"), join(path, "package.json"));
    this.binary = join(path, "cli/bin/run.js");
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

describe("what is read as if it were ordinary", () => {
  test("a byte-order mark and CRLF", () => {
    using plain = new TemporaryFolder({ "a.tf": sound });
    using marked = new TemporaryFolder({ "a.tf": `\ufeff${sound.replaceAll("\n", "\r\n")}` });
    expect(report(marked).report.results).toEqual(report(plain).report.results);
  });

  test("an empty file is said, and alone it is nothing judged", () => {
    using folder = new TemporaryFolder({ "empty.tf": "" });
    const { exitCode, report: found } = report(folder);
    expect(found.diagnostics.map(({ code }) => code)).toEqual(["file-empty"]);
    expect(exitCode).toBe(3);
    expect(report(folder, "--allow-empty").exitCode).toBe(0);
  });
});

describe("references that go round in circles become unknown and are said", () => {
  test("a Terraform local that refers to itself", () => {
    using folder = new TemporaryFolder({
      "a.tf":
        'locals {\n  days = local.days\n}\nresource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = local.days\n}\n',
    });
    const { report: found } = report(folder, "--rule", "logs/retention");
    expect(found.results.map(({ verdict }) => verdict)).toEqual(["unknown"]);
    expect(found.diagnostics.length).toBeGreaterThan(0);
  });

  test("a Postfix parameter that refers to itself", () => {
    using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = $smtp_tls_security_level\n" });
    const { report: found } = report(folder, "--rule", "mail/outbound-tls");
    expect(found.results.length).toBeGreaterThan(0);
    expect(found.results.filter(({ verdict }) => verdict === "pass")).toEqual([]);
    expect(found.diagnostics.length).toBeGreaterThan(0);
  });

  test("modules that import each other in a loop", () => {
    using folder = new TemporaryFolder({
      "a.ts":
        'import { host } from "./b.ts";\nimport nodemailer from "nodemailer";\nexport { host };\nnodemailer.createTransport({ host, port: 587 });\n',
      "b.ts": 'export { host } from "./a.ts";\n',
    });
    const { exitCode, report: found } = report(folder, "--rule", "mail/outbound-tls");
    expect(found.results.map(({ verdict }) => verdict)).toEqual(["fail"]);
    expect(exitCode).toBe(1);
  });
});

/** A YAML file of few bytes whose aliases expand to billions of nodes. */
const bomb = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
  ...Array.from(
    { length: 12 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}*a${level}]`,
  ),
].join("\n");

describe("configuration that cannot be used: one line, exit 2", () => {
  const wrong: Record<string, { configuration: string; line: RegExp }> = {
    "bad YAML": { configuration: "exclude: [a\n", line: /hipaa-check\.yaml:\d+:\d+: / },
    "an unknown key": { configuration: "excludes:\n  - a\n", line: /hipaa-check\.yaml:1:\d+: .*"excludes"/ },
    "an alias bomb": { configuration: bomb, line: /hipaa-check\.yaml:1:1: .*aliases/ },
    "an empty file": { configuration: "", line: /hipaa-check\.yaml:1:1: .*empty/ },
    "a folder of policies that does not exist": {
      configuration: "policies: [ours]\n",
      line: /hipaa-check\.yaml.*ours is not a folder/,
    },
  };

  test.each(Object.entries(wrong))("%s", (_name, { configuration, line }) => {
    using folder = new TemporaryFolder({ "good.tf": sound, "hipaa-check.yaml": configuration });
    const { exitCode, stdout, stderr } = runCommand(["check", "."], { folder: folder.path });
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });

  const usage: Record<string, { words: string[]; line: RegExp }> = {
    "a path that does not exist": {
      words: ["check", "missing"],
      line: /missing: there is no such file or folder/,
    },
    "an edition that does not exist": {
      words: ["check", ".", "--edition", "hipaa-1996"],
      line: /no edition "hipaa-1996".*hipaa-2013/,
    },
    "a flag that does not exist": { words: ["check", ".", "--editon", "x"], line: /--editon/ },
    "an output in a folder that does not exist": {
      words: ["check", ".", "--format", "json", "--output", "no/such/report.json"],
      line: /no\/such does not exist/,
    },
    "more outputs than formats": {
      words: ["check", ".", "--output", "a", "--output", "b"],
      line: /2 --output for 1 --format/,
    },
    "a configuration that does not exist": {
      words: ["check", ".", "--config", "other.yaml"],
      line: /other\.yaml/,
    },
    "a name that nothing has": {
      words: ["explain", "mail/outbund-tls"],
      line: /Did you mean .*mail\/outbound-tls/,
    },
  };

  test.each(Object.entries(usage))("%s", (_name, { words, line }) => {
    using folder = new TemporaryFolder({ "good.tf": sound });
    const { exitCode, stdout, stderr } = runCommand(words, { folder: folder.path });
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});

/** A sound rule of a user's own, as text to be broken. */
const ownRule = `id: ours/keys
title: Keys rotate
severity: high
what: "{fact} does not rotate."
why: Old keys leak.
do: Rotate it.
select: { kind: encryption.key }
assert: { rotated: { const: true } }
requirements: [REST-02]
`;

describe("own policy files that are broken: said with file and line, everything else is judged, exit 3", () => {
  const edition = {
    "policies/ours/edition.yaml":
      "id: ours\ntitle: Ours\nstatus: organisation\nstatusAsOf: 2026-01-01\ndesignations: [required]\ndates: {}\nsource: {}\nderivedFrom: null\nwording: { pass: meets, fail: does not meet }\n",
    "policies/ours/controls.yaml":
      "controls:\n  - citation: O-1\n    title: Keys\n    designation: required\n    parent: null\n    derivesFrom: []\n    duty: Rotate keys.\n    safeguard: technical\n    verification: { grade: own, source: us, asOf: 2026-01-01 }\n",
  };
  const broken: Record<string, { files: Record<string, string>; error: string; message: RegExp }> = {
    "a rule that names an unknown kind of fact": {
      files: { "policies/a/rule.yaml": ownRule.replace("encryption.key", "encryption.keys") },
      error: "rule-invalid policies/a/rule.yaml:7",
      message: /select\.kind must be one of/,
    },
    "a rule that names an unknown keyword": {
      files: { "policies/a/rule.yaml": ownRule.replace("const: true", "mustBe: true") },
      error: "rule-invalid policies/a/rule.yaml:8",
      message: /"mustBe"/,
    },
    "a rule that names an unknown attribute": {
      files: { "policies/a/rule.yaml": ownRule.replace("rotated:", "rotates:") },
      error: "rule-attribute policies/a/rule.yaml:8",
      message: /no attribute "rotates"/,
    },
    "two rules with one id": {
      files: { "policies/a/rule.yaml": ownRule, "policies/b/rule.yaml": ownRule },
      error: "rule-duplicate policies/b/rule.yaml:1",
      message: /policies\/a\/rule\.yaml:1/,
    },
    "an edition that cites a missing rule": {
      files: {
        ...edition,
        "policies/ours/mapping.yaml":
          "mappings:\n  - rule: ours/gone\n    controls: [{ citation: O-1, relation: requires }]\n",
      },
      error: "edition-rule policies/ours/mapping.yaml:2",
      message: /"ours\/gone", which does not exist/,
    },
    "an alias bomb": {
      files: { "policies/a/rule.yaml": bomb },
      error: "yaml-aliases policies/a/rule.yaml:1",
      message: /aliases/,
    },
  };

  test.each(Object.entries(broken))("%s", (_name, { files, error, message }) => {
    using folder = new TemporaryFolder({
      "good.tf": sound,
      "hipaa-check.yaml": "policies: [policies]\n",
      ...files,
    });
    const { exitCode, report: found } = report(folder);
    expect(errorsOf(found)).toEqual([error]);
    expect(found.diagnostics.find(({ level }) => level === "error")?.message).toMatch(message);
    expect(found.results.length).toBeGreaterThan(0);
    expect(exitCode).toBe(3);
  });
});

test("a crash is exit 70 with one line that says where the details are", () => {
  using script = new CopiedCommand();
  writeFileSync(join(dirname(script.binary), "../../dist/policies.json"), "{ broken");
  using folder = new TemporaryFolder({ "good.tf": sound });
  const { exitCode, stdout, stderr } = runCommand(
    ["check", ".", "--format", "json", "--output", "report.json"],
    {
      folder: folder.path,
      binary: script.binary,
    },
  );
  expect(exitCode).toBe(70);
  expect(stdout).toBe("");
  const [line, ...rest] = stderr.trim().split("\n");
  expect(rest).toEqual([]);
  const details = /details are in (\S+)\./.exec(line ?? "")?.[1] ?? "";
  expect(existsSync(details)).toBe(true);
  expect(readdirSync(folder.path)).toEqual(["good.tf"]);
});
