import { setTimeout as pause } from "node:timers/promises";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { loadExitCode } from "./result/report.ts";
import { loadReportSchema } from "./result/report-schema.ts";
import { brokenGates, k6, needsK6, steadyProfile, trial } from "./testing.ts";

const profile = steadyProfile("5s");

describe.skipIf(k6 === undefined)(`a load run${needsK6}`, () => {
  test("against a server that does what it should meets its levels, and its report is valid", async () => {
    const report = await trial({ profile });
    const validate = new Ajv().compile(loadReportSchema());
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(brokenGates(report)).toEqual([]);
    expect(report.levels.map(({ met }) => met)).toEqual([true, true, true]);
    const { attempted, accepted, delivered, lost, plaintext } = report.messages;
    expect({ accepted, delivered, lost, plaintext }).toEqual({
      accepted: attempted,
      delivered: attempted,
      lost: 0,
      plaintext: 0,
    });
    // The warm-up counts as messages, and in no percentile.
    expect(attempted).toBeGreaterThan(240);
    expect(report.latencyMs.endToEnd?.count).toBeGreaterThanOrEqual(199);
    expect(report.latencyMs.endToEnd?.count).toBeLessThanOrEqual(201);
    expect(report.tls.versions).toEqual({ "1.3": expect.any(Number) });
    expect(report.notes).toEqual([]);
  });

  test("with an authority that is not trusted says so before anything is sent", async () => {
    const untrusted = trial({
      profile,
      path: (path) => ({
        ...path,
        target: { kind: "smtp", host: "127.0.0.1", port: port(path.target), tls: "starttls" },
      }),
    });
    await expect(untrusted).rejects.toMatchObject({
      code: "target-unusable",
      message: expect.stringContaining("certificate"),
    });
  });

  test("that is interrupted keeps what it has and is invalid", async () => {
    const controller = new AbortController();
    pause(3000).then(() => controller.abort());
    const report = await trial({ profile, signal: controller.signal });
    expect(brokenGates(report)).toContain("complete");
    expect(report.messages.attempted).toBeGreaterThan(0);
    expect(loadExitCode(report)).toBe(3);
  });

  test("that is interrupted before it has begun is invalid, and says that nothing was sent", async () => {
    for (const lateMs of [0, 150]) {
      const controller = new AbortController();
      if (lateMs === 0) controller.abort();
      else pause(lateMs).then(() => controller.abort());
      const report = await trial({ profile, signal: controller.signal });
      expect(brokenGates(report)).toEqual(expect.arrayContaining(["complete", "samples", "collected"]));
      expect(report.messages).toMatchObject({ attempted: 0, delivered: null });
      expect(new Ajv().validate(loadReportSchema(), report)).toBe(true);
      expect(loadExitCode(report)).toBe(3);
    }
  });
});

function port(target: { readonly kind: string; readonly port?: number }): number {
  return target.port ?? 0;
}
