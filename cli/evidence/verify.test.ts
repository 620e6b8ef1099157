import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { clinic, Workshop } from "./testing.ts";

const work = new Workshop();
const { build, fingerprint, verify } = work;
afterAll(() => work[Symbol.dispose]());

describe("verify", () => {
  test("accepts a bundle of a trusted signer, whatever the verdicts, and finds every verdict again", () => {
    const bundle = build("sound.tar", [clinic]);
    const { exitCode, stdout } = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("✓ authentic and whole");
    expect(stdout).toMatch(/all \d+ verdicts were found again/);
    expect(verify(bundle, "--trust", join(work.path, "keys/key.pub")).exitCode).toBe(0);
  });

  test("without trust says that the bundle agrees with itself and no more: 3", () => {
    const { exitCode, stderr } = verify(build("sound.tar", [clinic]));
    expect(exitCode).toBe(3);
    expect(stderr).toContain("self-consistent, signer unknown");
  });

  test("a wrong signer, and a revoked one: 1", () => {
    const bundle = build("sound.tar", [clinic]);
    const wrong = verify(bundle, "--trust", "0".repeat(64));
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining("Nobody of 0000")]);
    const list = join(work.path, "trusted.txt");
    writeFileSync(list, `# our assessors\n${fingerprint} revoked 2026-01-01\n`);
    const revoked = verify(bundle, "--trust", list);
    expect([revoked.exitCode, revoked.stderr]).toEqual([
      1,
      expect.stringContaining("was revoked on 2026-01-01"),
    ]);
    writeFileSync(list, `${fingerprint} revoked 2099-01-01\n`);
    expect(verify(bundle, "--trust", list).exitCode).toBe(0);
    const lines = [fingerprint, `${fingerprint} revoked 2026-01-01`, `${fingerprint} revoked 2099-01-01`];
    for (const order of [lines, lines.toReversed()]) {
      writeFileSync(list, `${order.join("\n")}\n`);
      expect(verify(bundle, "--trust", list).exitCode).toBe(1);
    }
    const pem = readFileSync(join(work.path, "keys/key.pub"), "utf8");
    writeFileSync(list, `# assessor\n${pem}${fingerprint} revoked 2026-01-01\n`);
    expect(verify(bundle, "--trust", list)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("trusted.txt:5: this is no part of a key"),
    });
    writeFileSync(list, `# assessor\n${pem}`);
    expect(verify(bundle, "--trust", list).exitCode).toBe(0);
  });

  test("a bundle from the future of this clock: 3", () => {
    const bundle = build("future.tar", [clinic], { environment: { SOURCE_DATE_EPOCH: "4102444800" } });
    const { exitCode, stderr } = verify(bundle, "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("in the future")]);
  });

  test("evaluates again what was judged of paths in which there was nothing to judge", () => {
    work.write("empty/notes.txt", "nothing");
    const paths = [clinic, join(work.path, "empty"), join(work.path, "empty/notes.txt")];
    for (const given of [paths, paths.slice(1)]) {
      const bundle = build("nothing.tar", given);
      const { exitCode, stderr } = verify(bundle, "--trust", fingerprint, "--re-evaluate");
      expect([exitCode, stderr]).toEqual([0, ""]);
    }
  });

  test("what is no bundle", () => {
    expect(verify("none.tar", "--trust", fingerprint)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no such file"),
    });
    writeFileSync(join(work.path, "empty.tar"), "");
    expect(verify("empty.tar", "--trust", fingerprint)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("ends in the middle"),
    });
    expect(verify("empty.tar", "--trust", "nobody")).toMatchObject({ exitCode: 2 });
    expect(work.run(["evidence", "verify"])).toMatchObject({
      exitCode: 2,
      stderr: "hipaa-check: BUNDLE is missing. See --help.\n",
    });
  });

  test("the folder form, and one with a link in it", () => {
    const folder = build("plain", [clinic], { words: ["--folder"] });
    expect(verify(folder, "--trust", fingerprint).exitCode).toBe(0);
    renameSync(join(folder, "README.md"), join(work.path, "README.md"));
    symlinkSync(join(work.path, "README.md"), join(folder, "README.md"));
    expect(verify(folder, "--trust", fingerprint)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("README.md is no plain file"),
    });
  });
});
