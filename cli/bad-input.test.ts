import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { errorsOf, reportOf, runCommand, soundTerraform, TemporaryFolder } from "./testing.ts";

describe("files that cannot be judged: said with file and line, the others are still judged, exit 3", () => {
  const deep = 10_000;
  const broken: Record<string, { file: string; content: string | Uint8Array; error: RegExp; fails?: true }> =
    {
      "Terraform that does not parse": {
        file: "bad.tf",
        content: 'resource "aws_kms_key" "a" {\n  enable_key_rotation = \n}\n',
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
        content: "[1]\n",
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
        fails: true,
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
      "TypeScript nested 10,000 deep": {
        file: "deep.ts",
        content: `import nodemailer from "nodemailer";\nexport const t = nodemailer.createTransport(${"[".repeat(deep)}${"]".repeat(deep)});\n`,
        error: /^\S+ deep\.ts:\d+$/,
      },
      "Terraform JSON nested 10,000 deep": {
        file: "deep.tf.json",
        content: `{"locals": {"a": ${"[".repeat(deep)}${"]".repeat(deep)}}}`,
        error: /^\S+ deep\.tf\.json:1$/,
      },
    };

  test.each(Object.entries(broken))("%s", (_name, { file, content, error, fails }) => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform, [file]: content });
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found)).toEqual([expect.stringMatching(error)]);
    expect(found.diagnostics[0]?.message).toMatch(/^[A-Z"`].*[.!?)]$/);
    expect(found.results.some(({ location }) => location.file === "good.tf")).toBe(true);
    expect(exitCode).toBe(fails === true ? 1 : 3);
  });

  test.each(["huge.tf", "huge.tf.json", "huge.ts", "main.cf"])("200 MB of one line in %s", (name) => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform, [name]: "" });
    truncateSync(join(folder.path, name), 200 * 1024 * 1024);
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found)).toEqual([`file-too-large ${name}:1`]);
    expect(exitCode).toBe(3);
  });

  test("a failure goes before what could not be read", () => {
    using folder = new TemporaryFolder({
      "bad.tf": 'resource "aws_kms_key" {\n',
      "mail/main.cf": "smtp_tls_security_level = none\n",
    });
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found).length).toBeGreaterThan(0);
    expect(exitCode).toBe(1);
  });

  test("bad input is 3 under --fail-on never too", () => {
    using folder = new TemporaryFolder({ "bad.tf": 'resource "aws_kms_key" {\n' });
    expect(reportOf(folder, "--fail-on", "never").exitCode).toBe(3);
  });

  test("a symbolic link that leads to itself", () => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform });
    symlinkSync("loop.tf", join(folder.path, "loop.tf"));
    symlinkSync(".", join(folder.path, "here"));
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found)).toEqual(["file-symlink-loop loop.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a named pipe", () => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform });
    expect(spawnSync("mkfifo", [join(folder.path, "pipe.tf")]).status).toBe(0);
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found)).toEqual(["file-not-regular pipe.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a named pipe that is given as the path", () => {
    using folder = new TemporaryFolder();
    expect(spawnSync("mkfifo", [join(folder.path, "pipe.tf")]).status).toBe(0);
    const { exitCode, stdout } = runCommand(["check", "pipe.tf", "--format", "json"], {
      folder: folder.path,
    });
    expect(errorsOf(JSON.parse(stdout) as Report)).toEqual(["file-not-regular pipe.tf:1"]);
    expect(exitCode).toBe(3);
  });

  test("a file that the user may not read", () => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform, "closed.tf": soundTerraform });
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
    using plain = new TemporaryFolder({ "a.tf": soundTerraform });
    using marked = new TemporaryFolder({ "a.tf": `\ufeff${soundTerraform.replaceAll("\n", "\r\n")}` });
    expect(reportOf(marked).report.results).toEqual(reportOf(plain).report.results);
  });

  test.skipIf(process.platform !== "linux")(
    "a name that is not UTF-8 is said, of a file and of a folder",
    () => {
      using folder = new TemporaryFolder({
        "main.tf": 'resource "aws_kms_key" "a" {\n  enable_key_rotation = true\n}\n',
      });
      const at = (name: string): Buffer =>
        Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from(name, "latin1")]);
      writeFileSync(at("a\xff.tf"), 'resource "aws_kms_key" "b" {}\n');
      mkdirSync(at("b\xff"));
      const { exitCode, report: found } = reportOf(folder, "--rule", "keys/rotation");
      expect(found.diagnostics.map(({ code }) => code)).toEqual(["file-gone", "folder-unreadable"]);
      for (const { message } of found.diagnostics) expect(message).toContain("its name is not UTF-8");
      expect(exitCode).toBe(3);
    },
  );

  test("an empty file is said, and alone it is nothing judged", () => {
    using folder = new TemporaryFolder({ "empty.tf": "" });
    const { exitCode, report: found } = reportOf(folder);
    expect(found.diagnostics.map(({ code }) => code)).toEqual(["file-empty", "nothing-judged"]);
    expect(exitCode).toBe(3);
    expect(reportOf(folder, "--allow-empty").exitCode).toBe(0);
  });
});

describe("references that go round in circles become unknown and are said", () => {
  test("a Terraform local that refers to itself", () => {
    using folder = new TemporaryFolder({
      "a.tf":
        'locals {\n  days = local.days\n}\nresource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = local.days\n}\n',
    });
    const { report: found } = reportOf(folder, "--rule", "logs/retention");
    expect(found.results.map(({ verdict }) => verdict)).toEqual(["unknown"]);
    expect(found.diagnostics.length).toBeGreaterThan(0);
  });

  test("a Postfix parameter that refers to itself", () => {
    using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = $smtp_tls_security_level\n" });
    const { report: found } = reportOf(folder, "--rule", "mail/outbound-tls");
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
    const { exitCode, report: found } = reportOf(folder, "--rule", "mail/outbound-tls");
    expect(found.results.map(({ verdict }) => verdict)).toEqual(["fail"]);
    expect(exitCode).toBe(1);
  });
});

test("a crash is exit 70 with one line that says where the details are", () => {
  using script = new CopiedCommand();
  writeFileSync(join(dirname(script.binary), "../../dist/policies.json"), "{ broken");
  using folder = new TemporaryFolder({ "good.tf": soundTerraform });
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
  rmSync(details);
  expect(readdirSync(folder.path)).toEqual(["good.tf"]);
});
