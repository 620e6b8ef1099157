import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";
import { retainUntil } from "./build/times.ts";

describe("how long a bundle has to be kept", () => {
  const on = (day: string, ...until: string[]): string =>
    retainUntil(
      new Date(`${day}T12:00:00Z`),
      until.map((last) => ({ decision: { until: last } as never })),
    );

  test("six years from its creation", () => {
    expect(on("2026-11-25")).toBe("2032-11-25");
    expect(on("2028-02-29")).toBe("2034-02-28");
  });

  test("or from the last day of a decision in it, where that is later", () => {
    expect(on("2026-11-25", "2027-05-01", "2026-12-01")).toBe("2033-05-01");
    expect(on("2026-11-25", "2025-01-01")).toBe("2032-11-25");
  });
});

describe("a series of bundles", () => {
  const work = new TemporaryFolder({ "relay/main.cf": "smtp_tls_security_level = encrypt\n" });
  afterAll(() => work[Symbol.dispose]());
  const day = 86_400;
  const now = Math.floor(Date.now() / 1000);
  let fingerprint = "";

  function evidence(words: readonly string[], created = now) {
    return runCommand(["evidence", ...words], {
      folder: work.path,
      environment: { SOURCE_DATE_EPOCH: String(created) },
    });
  }

  beforeAll(() => {
    const { stdout } = evidence(["keys", "new", "--out", "keys"]);
    fingerprint = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
    mkdirSync(join(work.path, "audits"));
    for (const [name, daysAgo] of [
      ["autumn.tar", 10],
      ["spring.tar", 200],
      ["summer.tar", 110],
    ] as const) {
      const words = ["build", "relay", "--key", "keys/key.pem", "-o", `audits/${name}`];
      expect(evidence(words, now - daysAgo * day).exitCode).toBe(0);
    }
    writeFileSync(join(work.path, "audits/notes.txt"), "not a bundle");
  });

  const verify = (paths: readonly string[], ...words: string[]) =>
    evidence(["verify", ...paths, "--trust", fingerprint, ...words]);

  test("is whole where no time is longer than the policy admits", () => {
    const { exitCode, stdout } = verify(["audits"], "--interval", "120d");
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining("3 of 3 bundles authentic and whole, 0 gaps"),
    ]);
    expect(stdout.match(/audits\/(\w+)\.tar/g)).toEqual([
      "audits/spring.tar",
      "audits/summer.tar",
      "audits/autumn.tar",
    ]);
    expect(verify(["audits"]).exitCode).toBe(0);
  });

  test("has a gap between two, or since the last: 1", () => {
    const between = verify(["audits"], "--interval", "95 days");
    expect([between.exitCode, between.stdout]).toEqual([
      1,
      expect.stringMatching(/no bundle between .*: 100 days, more than 95/),
    ]);
    const since = verify(["audits/spring.tar", "audits/summer.tar"], "--interval", "95 days");
    expect([since.exitCode, since.stdout]).toEqual([
      1,
      expect.stringMatching(/no bundle since .*: 110 days, more than 95/),
    ]);
    expect(since.stdout.match(/✗ gap/g)).toHaveLength(1);
  });

  test("a bundle in it that was changed, or that nobody is trusted for, does not count", () => {
    cpSync(join(work.path, "audits"), join(work.path, "changed"), { recursive: true });
    appendFileSync(join(work.path, "changed/summer.tar"), "x");
    const { exitCode, stdout } = verify(["changed"], "--interval", "120d");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("Something follows the end of the archive");
    expect(stdout).toMatch(/no bundle between .*: 190 days/);
    expect(evidence(["verify", "audits", "--interval", "300d"]).exitCode).toBe(3);
  });

  test("wrong words: 2", () => {
    expect(verify(["relay"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("holds no bundle"),
    });
    expect(verify(["audits"], "--interval", "often")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("this is no duration"),
    });
    expect(evidence(["verify"]).exitCode).toBe(2);
  });
});
