import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Json } from "#base/value.ts";
import { type K6, quietEnvironment } from "../k6/find.ts";
import type { EngineReport, EngineScenario } from "../measure/engine-report.ts";
import { milliseconds, percentileOf } from "../measure/histogram.ts";
import type { Percentiles } from "./figures.ts";

const run = promisify(execFile);
const script = new URL("send.js", import.meta.url).pathname;
const timeoutMs = 90_000;

export interface Sending {
  readonly session: Readonly<Record<string, Json>>;
  /** Control address of the sink. */
  readonly sink: string;
  /** Octets. */
  readonly size: number;
  /** Messages a second; absent: as many as are taken, by so many users at once. */
  readonly rate?: number;
  readonly users: number;
  readonly seconds: number;
  readonly drainSeconds: number;
}

export interface Sent {
  readonly dropped: number;
  readonly engine: EngineReport;
  readonly main: EngineScenario;
  /** Second of the timeline in which the measured part begins. */
  readonly firstSecond: number;
}

const warmupSeconds = 2;

function options({ rate, users, seconds }: Sending): Json {
  const scenario = (length: number, start: number): Record<string, Json> =>
    rate === undefined
      ? { executor: "constant-vus", exec: "send", vus: users, duration: `${length}s`, startTime: `${start}s` }
      : {
          ...{
            executor: "constant-arrival-rate",
            exec: "send",
            rate,
            timeUnit: "1s",
            duration: `${length}s`,
          },
          ...{ startTime: `${start}s`, preAllocatedVUs: users, maxVUs: users },
        };
  return {
    scenarios: { warmup: scenario(warmupSeconds, 0), main: scenario(seconds, warmupSeconds) },
    teardownTimeout: "60s",
    thresholds: { smtp_messages: ["count>0"] },
  };
}

/** Sends with k6 after a warm-up. @throws Error where k6 fails */
export async function send(k6: K6, sending: Sending): Promise<Sent> {
  const { session, sink, size, drainSeconds } = sending;
  const figures = {
    options: options(sending),
    session,
    sink,
    message: { from: "load@sender.example", size },
    drain: drainSeconds * 1000,
  };
  const env = { ...process.env, ...quietEnvironment, FIGURES: JSON.stringify(figures) };
  const words = ["run", "--quiet", "--no-color", "--log-format=raw", script];
  const { stdout } = await run(k6.path, words, { env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 });
  const { dropped, beganAt, engine } = JSON.parse(stdout) as {
    dropped: number;
    beganAt: number;
    engine: EngineReport;
  };
  const main = engine.scenarios.main;
  if (main === undefined) throw new Error("k6 sent nothing");
  const before = (beganAt - Date.parse(engine.startedAt)) / 1000;
  return { dropped, engine, main, firstSecond: Math.ceil(before + warmupSeconds) };
}

/** Mean of whole seconds in the middle of the measured part. */
export function perSecond(
  { main, firstSecond }: Sent,
  seconds: number,
  name: "accepted" | "delivered",
): number {
  const during = main.timeline.filter(
    ({ second }) => second >= firstSecond && second < firstSecond + seconds - 1,
  );
  const total = during.reduce((sum, each) => sum + (each[name] ?? 0), 0);
  return Math.round(total / (seconds - 1));
}

export function percentiles({ main }: Sent, name: "submit" | "accept" | "endToEnd"): Percentiles {
  const histogram = main.histograms[name];
  const lost = name === "endToEnd" ? (main.messages.lost ?? 0) : 0;
  const at = (percentile: number): number | null => {
    const value = histogram === undefined ? null : percentileOf(histogram, percentile, lost);
    return value === null ? null : milliseconds(value);
  };
  return { p50: at(50), p95: at(95), p99: at(99) };
}
