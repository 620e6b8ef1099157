import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { K6 } from "./k6/find.ts";
import { requireSmtp } from "./k6/find.ts";
import { beginsLine, runK6 } from "./k6/process.ts";
import { readMeasurement } from "./measure/read.ts";
import { readHttpMeasurement } from "./measure/read-http.ts";
import { scriptFolder } from "./paths.ts";
import { type Addresses, defaultAddresses } from "./plan/addresses.ts";
import { credentials, k6Plan } from "./plan/k6-plan.ts";
import type { Plan } from "./plan/plan.ts";
import type { SendPath } from "./plan/send-path.ts";
import { timeOf } from "./profile/time.ts";
import { buildReport, type LoadReport } from "./result/report.ts";
import { missedAtSink, sinkFaults } from "./sink/faults.ts";
import { type Sink, sinkTokenVariable } from "./sink/sink.ts";

export interface LoadRun {
  readonly plan: Plan;
  readonly path: SendPath;
  /** The sink behind the path; it is ended by the run, which needs its report. */
  readonly sink?: Sink;
  readonly addresses?: Addresses;
  readonly k6: K6;
  readonly version: string;
  /** Told once a second what is under way. */
  readonly onProgress?: (words: string) => void;
  readonly signal?: AbortSignal;
}

const reserveMs = 30_000;
const faultSlackMs = 2000;

/** A folder for a plan that may hold secrets; gone at the end of the scope. */
async function privateFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "hipaa-check-load-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** k6 trusts the certificates of a file: its scripts cannot name any for a request. */
async function certificates(target: SendPath["target"], folder: string): Promise<Record<string, string>> {
  if (target.kind !== "http" || target.ca === undefined) return {};
  const file = join(folder, "ca.pem");
  await writeFile(file, target.ca);
  return { SSL_CERT_FILE: file };
}

function words({ plan }: LoadRun, elapsedMs: number | undefined): string {
  if (elapsedMs === undefined) return "starting";
  const end = plan.warmupMs + plan.durationMs;
  const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;
  if (elapsedMs < plan.warmupMs) return `warming up, ${seconds(plan.warmupMs - elapsedMs)} left`;
  if (elapsedMs < end) return `${plan.profile.id}: measuring, ${seconds(end - elapsedMs)} left`;
  return "waiting for messages under way";
}

/** Has everything go wrong that is planned, from the moment at which the scenarios begin; gives what could not be done. */
async function disturb(run: LoadRun, begun: Promise<void>, signal: AbortSignal): Promise<string[]> {
  await begun;
  const { plan, sink } = run;
  const limit = plan.profile.sinkLimit;
  const atSink = sink?.plan(sinkFaults(plan), limit === undefined ? undefined : [limit]);
  const [missed] = await Promise.all([disturbMta(run, signal), atSink]);
  return missed;
}

async function disturbMta({ plan, path }: LoadRun, signal: AbortSignal): Promise<string[]> {
  const faults = (plan.profile.faults ?? []).filter(({ kind }) => kind === "mta-restart");
  const missed: string[] = [];
  await Promise.all(
    faults.map(async ({ at, for: length }) => {
      if (path.mta === undefined) {
        missed.push(`the MTA of ${path.name} cannot be killed from here`);
        return;
      }
      try {
        await pause(plan.warmupMs + at * plan.durationMs, undefined, { signal });
      } catch {
        missed.push("the run ended before the MTA was to be killed");
        return;
      }
      try {
        await path.mta.restart(timeOf(length));
      } catch (error) {
        missed.push(
          `the MTA could not be restarted: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }),
  );
  return missed;
}

function machine(): Record<string, string> {
  const [cpu] = cpus();
  return {
    processors: `${availableParallelism()} × ${cpu?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${process.platform} ${process.arch}`,
  };
}

/**
 * Runs a plan against a send path and judges what was measured. What went wrong with the measurement makes the report
 * invalid; only what kept it from being made at all is thrown.
 * @throws LoadTestError
 */
export async function runLoad(run: LoadRun): Promise<LoadReport> {
  const { plan, path, sink, k6 } = run;
  if (path.target.kind === "smtp") requireSmtp(k6);
  await using folder = await privateFolder();
  const output = { summary: join(folder.path, "summary.json"), engine: join(folder.path, "engine.json") };
  const planFile = join(folder.path, "plan.json");
  const content = k6Plan(plan, path, run.addresses ?? defaultAddresses, output);
  await writeFile(planFile, JSON.stringify({ ...content, begins: beginsLine }), { mode: 0o600 });
  const ended = new AbortController();
  const started = performance.now();
  let begunAt: number | undefined;
  const ticker = setInterval(() => {
    const elapsed = begunAt === undefined ? undefined : performance.now() - begunAt;
    run.onProgress?.(words(run, elapsed));
  }, 1000);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const disturbed = disturb(run, begun, ended.signal);
  // It is awaited when k6 has ended, and k6 may not.
  disturbed.catch(() => undefined);
  try {
    const startedAt = new Date();
    const { interrupted, cpuSeconds, complaint } = await runK6({
      path: k6.path,
      script: join(scriptFolder(), `${path.target.kind}.js`),
      environment: {
        HIPAA_CHECK_PLAN: planFile,
        ...credentials(path.target),
        ...(await certificates(path.target, folder.path)),
        ...(sink?.token === undefined ? {} : { [sinkTokenVariable]: sink.token }),
      },
      folder: folder.path,
      timeoutMs: plan.warmupMs + plan.durationMs + plan.drainMs + reserveMs,
      ...(run.signal === undefined ? {} : { signal: run.signal }),
      onBegun: () => {
        begunAt = performance.now();
        begin();
      },
    });
    begin();
    await Promise.race([disturbed, pause(faultSlackMs, undefined, { ref: false })]);
    ended.abort();
    const missed = await disturbed;
    const seconds = (performance.now() - started) / 1000;
    if (path.target.kind === "http" && !interrupted) await sink?.settle(plan.drainMs);
    const sinkReport = await sink?.finish();
    const seen = {
      missedFaults: [...missed, ...missedAtSink(plan, sinkReport)],
      interrupted,
      complaint,
      ...(sinkReport === undefined ? {} : { sink: sinkReport }),
    };
    const measurement =
      path.target.kind === "http"
        ? await readHttpMeasurement(plan, output.summary, { startedAt, seconds, cpuSeconds }, seen)
        : await readMeasurement(plan, output, seen);
    const environment = {
      ...machine(),
      k6: k6.version,
      ...measurement.engine.environment,
      ...path.environment,
    };
    return buildReport(
      plan,
      { kind: path.target.kind, name: path.name },
      measurement,
      environment,
      run.version,
    );
  } finally {
    ended.abort();
    clearInterval(ticker);
  }
}
