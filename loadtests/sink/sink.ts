import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { environment } from "../error.ts";
import { type K6, quietEnvironment, requireSmtp } from "../k6/find.ts";
import type { SinkReport } from "../measure/engine-report.ts";

export interface SinkFault {
  readonly kind: "pause" | "down" | "drop" | "duplicate" | "reply" | "delay" | "disconnect";
  readonly after?: string;
  readonly for?: string;
  readonly every?: number;
  readonly phase?: string;
  readonly code?: number;
  readonly delay?: string;
}

export interface SinkOptions {
  /** Default: a free port of the loopback address. */
  readonly listen?: string;
  readonly tls?: "none" | "starttls" | "required" | "tls";
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  readonly auth?: {
    readonly mechanisms: readonly string[];
    readonly user: string;
    readonly password: string;
  };
  readonly limits?: readonly { readonly rate: number; readonly burst: number; readonly action: 421 | 451 }[];
}

/** The server at the end of the send path: it counts what arrives, and when. */
export interface Sink extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Address of its control interface. */
  readonly control: string;
  /** PEM certificate that a client has to trust; empty without TLS. */
  readonly ca: string;
  /** Faults whose time begins now. */
  plan(faults: readonly SinkFault[], limits: SinkOptions["limits"]): Promise<void>;
  /** Waits until nothing more arrives, at most so long. */
  settle(longestMs: number): Promise<void>;
  /** Ends it, and gives what it has counted. */
  finish(): Promise<SinkReport>;
}

const readyTimeoutMs = 15_000;
const stopTimeoutMs = 10_000;
/** So long without an arrival means that all have arrived. */
const quietMs = 1500;

interface Ready {
  readonly ready: true;
  readonly host: string;
  readonly port: number;
  readonly control: string;
  readonly ca: string;
}

/**
 * Starts a sink as a process of its own, which ends with this one.
 * @param folder where its configuration and report lie; it may hold a password
 * @throws LoadTestError when it does not start
 */
export async function startSink(k6: K6, folder: string, options: SinkOptions = {}): Promise<Sink> {
  requireSmtp(k6);
  const [config, report] = [join(folder, "sink.json"), join(folder, "sink-report.json")];
  await writeFile(config, JSON.stringify(options), { mode: 0o600 });
  const child = spawn(k6.path, ["x", "smtp-sink", "--config", config, "--report", report, "--stdin"], {
    env: { PATH: process.env.PATH, ...quietEnvironment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(0, 2000);
  });
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  const ready = await new Promise<Ready>((resolve, reject) => {
    const fail = (why: string): void => reject(environment("sink-failed", `the sink did not start: ${why}`));
    const timer = setTimeout(
      () => fail(`it said nothing within ${readyTimeoutMs / 1000} seconds`),
      readyTimeoutMs,
    );
    child.on("error", (error) => fail(error.message));
    child.on("exit", () => fail(complaint.trim().split("\n").at(-1) || "it gave no reason"));
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line) as Ready);
      } catch {
        fail(line);
      }
    });
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { host, port, control, ca } = ready;
  return {
    host,
    port,
    control,
    ca,
    async plan(faults, limits) {
      const answer = await fetch(`${control}/plan`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ limits: limits ?? [], faults }),
      });
      if (!answer.ok)
        throw environment("sink-failed", `the sink refused its plan: ${(await answer.text()).trim()}`);
    },
    async settle(longestMs) {
      const end = Date.now() + longestMs;
      for (let before = -1; Date.now() < end; ) {
        const answer = await fetch(`${control}/report`);
        const { messages } = (await answer.json()) as SinkReport;
        if (messages.received === before) return;
        before = messages.received;
        await pause(quietMs);
      }
    },
    async finish() {
      await stop();
      try {
        return JSON.parse(await readFile(report, "utf8")) as SinkReport;
      } catch {
        throw environment(
          "sink-failed",
          `the sink left no report: ${complaint.trim().split("\n").at(-1) ?? ""}`,
        );
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop();
    },
  };
}
