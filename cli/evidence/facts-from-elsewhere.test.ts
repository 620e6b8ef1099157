import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TemporaryFolder } from "#cli/testing.ts";
import type { Report } from "#engine/result.ts";
import { type FactsFile, formatFactsFile } from "#facts/facts-file.ts";
import { Workshop } from "./testing.ts";

const work = new Workshop();
const { build, fingerprint, verify } = work;
afterAll(() => work[Symbol.dispose]());

describe("facts from elsewhere", () => {
  const relay = { "relay/main.cf": "smtp_tls_security_level = encrypt\n" };
  const seen = {
    producer: "test",
    recordedAt: "2026-11-01T09:00:00Z",
    evidence: "probe",
    facts: [{ kind: "mail.route", id: "relay", attributes: { "tls.mode": { value: "opportunistic" } } }],
  } as const;

  function agreement(configuration: string, extra: Pick<FactsFile, "configurationFiles"> = {}) {
    using folder = new TemporaryFolder({
      ...relay,
      "facts/probe.facts.json": formatFactsFile({ ...seen, configuration, ...extra }),
    });
    const bundle = build("agreement", ["relay"], {
      folder: folder.path,
      words: ["--folder", "--facts", "facts/probe.facts.json"],
    });
    const verified = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    const report = JSON.parse(readFileSync(join(bundle, "results/report.json"), "utf8")) as Report;
    rmSync(bundle, { recursive: true });
    return { report, verified };
  }

  test("are held against the configuration that they are about, in the bundle and when it is evaluated again", () => {
    const { report, verified } = agreement("../relay");
    expect(report.results.filter(({ rule }) => rule === "probe/agrees-with-configuration")).toMatchObject([
      { verdict: "fail", location: { file: "main.cf", line: 1 } },
    ]);
    expect([verified.exitCode, verified.stderr]).toEqual([0, ""]);
  });

  test("about a file whose secrets are masked in the bundle count when it is evaluated again", () => {
    const mailer =
      'import nodemailer from "nodemailer";\n' +
      'export const mail = nodemailer.createTransport({ host: "a.example", auth: { user: "a", pass: "Lakeside2019!" } });\n';
    const configurationFiles = { ".": createHash("sha256").update(mailer).digest("hex") };
    using folder = new TemporaryFolder({
      "mailer/mail.ts": mailer,
      "probe.facts.json": formatFactsFile({ ...seen, configuration: "mailer/mail.ts", configurationFiles }),
    });
    const bundle = build("masked.tar", ["mailer"], {
      folder: folder.path,
      words: ["--facts", "probe.facts.json"],
    });
    expect(readFileSync(bundle, "utf8")).not.toContain("Lakeside2019!");
    const { exitCode, stdout } = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/all \d+ verdicts were found again/);
  });

  test("about something that is not in the bundle are held against nothing", () => {
    const { report, verified } = agreement("relay");
    expect(report.results.some(({ rule }) => rule === "probe/agrees-with-configuration")).toBe(false);
    expect(verified.exitCode).toBe(0);
  });

  test("about a configuration that has changed since are an error in the bundle, and not used", () => {
    const { report } = agreement("../relay", { configurationFiles: { "main.cf": "0".repeat(64) } });
    expect(report.diagnostics.map(({ code }) => code)).toEqual(["facts-outdated"]);
    expect(report.results.some(({ evidence }) => evidence === "probe")).toBe(false);
  });
});
