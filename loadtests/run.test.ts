import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { findK6, type K6 } from "./k6/find.ts";
import { defaultCeilings } from "./plan/ceilings.ts";
import { makePlan } from "./plan/plan.ts";
import type { SendPath } from "./plan/send-path.ts";
import { parseProfile } from "./profile/load.ts";
import { type LoadReport, loadExitCode } from "./result/report.ts";
import { loadReportSchema } from "./result/report-schema.ts";
import { runLoad } from "./run.ts";
import { type SinkFault, type SinkOptions, startSink } from "./sink/sink.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const k6 = await findK6([root]).catch(() => undefined);
const missing =
  k6?.hasSmtp === true ? undefined : "k6 with the SMTP extension (hipaa-check loadtest build, or .ci/k6)";

const seconds = 8;
const profileText = `id: test
title: A test
why: To see
requirements: [OPS-01]
duration: ${seconds}s
warmup: 1s
drain: 5s
sessions: 10
scenarios:
  - id: messages
    rate: RATE
    message: { size: 2048 }
levels:
  - { kind: latency, scenario: messages, measure: endToEnd, percentile: 99, maximum: 500ms, requirements: [OPS-01] }
  - { kind: refused, scenario: messages, maximum: 0, requirements: [OPS-01] }
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
`;

interface Trial {
  readonly rate?: number;
  readonly sink?: SinkOptions;
  readonly faults?: readonly SinkFault[];
  /** How the sender protects its sessions. */
  readonly tls?: "starttls" | "none";
}

/** Runs a test profile against a sink that misbehaves as told. */
async function trial({
  rate = 50,
  sink: options = { tls: "required" },
  faults = [],
  tls = "starttls",
}: Trial): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), "hipaa-check-run-test-"));
  try {
    const program = k6 as K6;
    await using sink = await startSink(program, folder, options);
    // What the run plans for its sink comes beside what this test wants of it.
    const plan = (own: readonly SinkFault[], limits: SinkOptions["limits"]) =>
      sink.plan([...own, ...faults], limits);
    const target = {
      kind: "smtp",
      host: sink.host,
      port: sink.port,
      tls,
      ...(tls === "none" ? {} : { ca: sink.ca }),
    } as const;
    const path: SendPath = { name: "sink", target, sink, environment: {} };
    const profile = await parseProfile("test.yaml", profileText.replace("RATE", String(rate)));
    return await runLoad({
      plan: makePlan(profile, {}, defaultCeilings),
      path,
      sink: { ...sink, plan },
      k6: program,
      version: "test",
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function brokenGates({ validity }: LoadReport): string[] {
  return validity.gates.filter(({ ok }) => !ok).map(({ id }) => id);
}

/** Gates that depend on how busy the machine is, and not on what is tested. */
const machineGates = ["generator", "start-lag", "sink"];

describe.skipIf(missing !== undefined)(
  `a load run${missing === undefined ? "" : `, which needs ${missing}`}`,
  () => {
    test("against a server that does what it should meets its levels, and its report is valid", async () => {
      const report = await trial({});
      const validate = new Ajv().compile(loadReportSchema());
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      expect(brokenGates(report).filter((id) => !machineGates.includes(id))).toEqual([]);
      expect(report.levels.map(({ met }) => met)).toEqual([true, true, true]);
      const { attempted, accepted, delivered, lost, plaintext } = report.messages;
      expect({ accepted, delivered, lost, plaintext }).toEqual({
        accepted: attempted,
        delivered: attempted,
        lost: 0,
        plaintext: 0,
      });
      expect(report.latencyMs.endToEnd?.count).toBeGreaterThanOrEqual(50 * seconds);
      expect(report.tls.versions).toEqual({ "1.3": expect.any(Number) });
    });

    test("a server that accepts and drops one in two hundred loses mail, and the run fails", async () => {
      const report = await trial({ rate: 100, faults: [{ kind: "drop", every: 200 }] });
      expect(report.messages.lost).toBeGreaterThan(0);
      expect(report.levels.find(({ kind }) => kind === "lost")?.met).toBe(false);
      expect(report.verdict === "invalid" || loadExitCode(report) === 1).toBe(true);
      expect(loadExitCode(report)).not.toBe(0);
    });

    test("a server that stops for two seconds is seen in the time from the intended start", async () => {
      const report = await trial({ rate: 100, faults: [{ kind: "pause", after: "3s", for: "2s" }] });
      expect(report.latencyMs.endToEnd?.p99).toBeGreaterThan(1000);
      expect(report.latencyMs.submit.p99).toBeGreaterThan(1000);
      expect(report.levels.find(({ kind }) => kind === "latency")?.met).toBe(false);
      expect(brokenGates(report)).not.toContain("dropped");
      expect(loadExitCode(report)).not.toBe(0);
    });

    test("a server that stops for longer than the generator can wait makes the run invalid", async () => {
      const report = await trial({ rate: 50, faults: [{ kind: "pause", after: "2s", for: "7s" }] });
      expect(brokenGates(report)).toContain("dropped");
      expect(report.verdict).toBe("invalid");
      expect(loadExitCode(report)).toBe(3);
    });

    test("a server that refuses every recipient is no success, whatever the times", async () => {
      const report = await trial({ faults: [{ kind: "reply", phase: "rcpt", code: 451 }] });
      expect(report.messages.accepted).toBe(0);
      expect(report.levels.map(({ kind, met }) => [kind, met])).toEqual([
        ["latency", null],
        ["refused", false],
        ["lost", true],
      ]);
      expect(report.failures[0]).toMatchObject({ phase: "rcpt", kind: "refused", code: 451 });
      expect(loadExitCode(report)).not.toBe(0);
    });

    test("clear text is never fallen back to: a server without TLS cannot be loaded", async () => {
      await expect(trial({ sink: { tls: "none" } })).rejects.toMatchObject({
        code: "target-unusable",
        message: expect.stringMatching(/the target cannot be loaded: .*STARTTLS/),
      });
    });

    test("an authority that is not trusted is said before anything is sent", async () => {
      const program = k6 as K6;
      const folder = await mkdtemp(join(tmpdir(), "hipaa-check-run-test-"));
      await using sink = await startSink(program, folder, { tls: "required" });
      const target = { kind: "smtp", host: sink.host, port: sink.port, tls: "starttls" } as const;
      const profile = await parseProfile("test.yaml", profileText.replace("RATE", "5"));
      const plan = makePlan(profile, {}, defaultCeilings);
      const path: SendPath = { name: "sink", target, sink, environment: {} };
      await expect(runLoad({ plan, path, sink, k6: program, version: "test" })).rejects.toMatchObject({
        code: "target-unusable",
        message: expect.stringContaining("certificate"),
      });
      await rm(folder, { recursive: true, force: true });
    });

    test("that is interrupted keeps what it has and is invalid", async () => {
      const program = k6 as K6;
      const folder = await mkdtemp(join(tmpdir(), "hipaa-check-run-test-"));
      await using sink = await startSink(program, folder, { tls: "required" });
      const target = {
        kind: "smtp",
        host: sink.host,
        port: sink.port,
        tls: "starttls",
        ca: sink.ca,
      } as const;
      const profile = await parseProfile("test.yaml", profileText.replace("RATE", "20"));
      const path: SendPath = { name: "sink", target, sink, environment: {} };
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 4000);
      const plan = makePlan(profile, {}, defaultCeilings);
      const report = await runLoad({
        plan,
        path,
        sink,
        k6: program,
        version: "test",
        signal: controller.signal,
      });
      expect(brokenGates(report)).toContain("complete");
      expect(report.messages.attempted).toBeGreaterThan(0);
      expect(loadExitCode(report)).toBe(3);
      await rm(folder, { recursive: true, force: true });
    });
  },
);
