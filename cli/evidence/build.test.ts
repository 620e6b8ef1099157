import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { binary, runCommand } from "#cli/testing.ts";
import { clinic, digest, epoch, root, Workshop } from "./testing.ts";

const work = new Workshop();
const { build, fingerprint, key, verify } = work;
afterAll(() => work[Symbol.dispose]());

describe("build", () => {
  test("keeps no secret, says which lines were masked, and keeps an environment only as a digest", () => {
    const environment = join(work.path, "deploy.env");
    writeFileSync(environment, "SMTP_SECURE=true\nSMTP_PASSWORD=hunter2-hunter2\n");
    const bundle = build("secrets.tar", [clinic], { words: ["--env-file", environment] });
    const bytes = readFileSync(bundle);
    for (const secret of ["Lakeside2019", "spring-2024-lakeside", "hunter2"])
      expect(bytes.includes(secret)).toBe(false);
    const { stdout } = runCommand(["evidence", "show", bundle], { folder: work.path });
    expect(stdout).toMatch(/2 lines masked/);
    expect(verify(bundle, "--trust", fingerprint, "--re-evaluate")).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("deploy.env"),
    });
  });

  test("with --digests-only holds no input", () => {
    const bundle = build("digests.tar", [clinic], { words: ["--digests-only"] });
    expect(readFileSync(bundle).includes("smtp_tls_policy_maps")).toBe(true);
    const folder = build("digests", [clinic], { words: ["--digests-only", "--folder"] });
    expect(existsSync(join(folder, "inputs"))).toBe(false);
    expect(verify(bundle, "--trust", fingerprint).exitCode).toBe(0);
  });

  test("refuses a key that others can read, one of another kind, and none at all", () => {
    const words = (...more: string[]) => [
      "evidence",
      "build",
      clinic,
      "-o",
      join(work.path, "x.tar"),
      ...more,
    ];
    const run = (...more: string[]) => runCommand(words(...more), { folder: work.path });
    const open = join(work.path, "open.pem");
    writeFileSync(open, readFileSync(key), { mode: 0o644 });
    expect(run("--key", open)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("chmod 600") });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = join(work.path, "other.pem");
    writeFileSync(other, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    expect(run("--key", other)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Only Ed25519"),
    });
    const locked = join(work.path, "locked.pem");
    const pair = generateKeyPairSync("ed25519");
    writeFileSync(
      locked,
      pair.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
      { mode: 0o600 },
    );
    expect(run("--key", locked)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("protected by a password"),
    });
    expect(run("--key", join(work.path, "keys/key.pub"))).toMatchObject({ exitCode: 2 });
    expect(run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Name who signs") });
    expect(existsSync(join(work.path, "x.tar"))).toBe(false);
  });

  test("takes a key from the environment, and from a program", () => {
    const fromEnvironment = join(work.path, "environment.tar");
    const pem = readFileSync(key, "utf8");
    const run = runCommand(["evidence", "build", clinic, "-o", fromEnvironment], {
      folder: root,
      environment: { HIPAA_CHECK_SIGNING_KEY: pem, SOURCE_DATE_EPOCH: epoch },
    });
    expect(run.exitCode).toBe(0);
    expect(digest(fromEnvironment)).toBe(digest(build("file.tar", [clinic])));
    const program = join(work.path, "sign.mjs");
    writeFileSync(
      program,
      `import { createPrivateKey, sign } from "node:crypto"; import { readFileSync } from "node:fs";
       process.stdout.write(sign(null, readFileSync(0), createPrivateKey(readFileSync(${JSON.stringify(key)}))).toString("base64"));`,
    );
    const command = `${process.execPath} ${program}`;
    const publicKey = join(work.path, "keys/key.pub");
    const words = ["evidence", "build", clinic, "-o", join(work.path, "program.tar"), "--sign-with"];
    const signed = runCommand([...words, command, "--sign-with-key", publicKey], {
      folder: root,
      environment: { SOURCE_DATE_EPOCH: epoch },
    });
    expect(signed.exitCode).toBe(0);
    expect(digest(join(work.path, "program.tar"))).toBe(digest(fromEnvironment));
    const wrong = runCommand([...words, "echo nonsense", "--sign-with-key", publicKey], { folder: root });
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("no Ed25519 signature") });
  });

  test("assessor and approver sign one bundle, and both have to be there", () => {
    const other = join(work.path, "approver");
    const { stdout } = runCommand(["evidence", "keys", "new", "--out", other], { folder: work.path });
    const approver = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
    const bundle = build("both.tar", [clinic], { words: ["--approver-key", join(other, "key.pem")] });
    expect(verify(bundle, "--trust", fingerprint, "--trust", approver).exitCode).toBe(0);
    expect(verify(build("one.tar", [clinic]), "--trust", fingerprint, "--trust", approver).exitCode).toBe(1);
  });

  test("a key is never replaced", () => {
    const again = runCommand(["evidence", "keys", "new", "--out", join(work.path, "keys")], {
      folder: work.path,
    });
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("never replaced") });
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  test("places that are none: a file in place of a folder, standard output", () => {
    const keys = runCommand(["evidence", "keys", "new", "--out", key], { folder: work.path });
    expect(keys).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("could not be written") });
    const words = ["evidence", "build", clinic, "--key", key, "-o", "-"];
    expect(runCommand(words, { folder: work.path })).toMatchObject({ exitCode: 2 });
  });

  test("leaves nothing behind when it is interrupted", async () => {
    for (const form of [[], ["--folder"]]) {
      const program = join(work.path, "slow.sh");
      writeFileSync(program, "#!/bin/sh\ntouch started\nwhile :; do sleep 0.1; done\n", { mode: 0o755 });
      const running = spawn(
        process.execPath,
        [
          binary,
          "evidence",
          "build",
          clinic,
          "-o",
          "interrupted",
          ...form,
          "--sign-with",
          "exec ./slow.sh",
          "--sign-with-key",
          "keys/key.pub",
        ],
        { cwd: work.path, stdio: "ignore", detached: true },
      );
      const ended = once(running, "exit");
      await expect.poll(() => existsSync(join(work.path, "started")), { timeout: 20_000 }).toBe(true);
      expect(readdirSync(work.path).filter((name) => name.endsWith(".partial"))).toHaveLength(1);
      process.kill(-(running.pid ?? 0), "SIGINT");
      await ended;
      expect(readdirSync(work.path).filter((name) => name.startsWith("interrupted"))).toEqual([]);
      rmSync(join(work.path, "started"));
    }
  });
});
