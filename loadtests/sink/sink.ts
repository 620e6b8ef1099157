import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
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
  /** What its control interface asks for; absent where it serves the loopback address only. */
  readonly token?: string;
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

/** A sink's process, wherever it runs. */
export interface SinkProcess {
  /** The sink ends with its end. */
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  readonly ended: Promise<unknown>;
  /** Ends it for certain. */
  kill?(): void;
}

/** How a sink is reached that does not run where it says. */
export interface SinkAccess {
  /** Address of its control interface. */
  readonly control: string;
  /** What its control interface asks for. */
  readonly token: string;
}

/** Variable with the token of a control interface that serves more than the loopback address. */
export const sinkTokenVariable = "SMTP_SINK_TOKEN";

/** Arguments of the k6 binary that make it a sink. */
export function sinkWords(config: string): string[] {
  return ["x", "smtp-sink", "--config", config, "--stdin"];
}

/**
 * Starts a sink as a process of its own, which ends with this one.
 * @param folder where its configuration lies; it may hold a password
 * @throws LoadTestError when it does not start
 */
export async function startSink(k6: K6, folder: string, options: SinkOptions = {}): Promise<Sink> {
  requireSmtp(k6);
  const config = join(folder, "sink.json");
  await writeFile(config, JSON.stringify(options), { mode: 0o600 });
  const child = spawn(k6.path, sinkWords(config), {
    env: { PATH: process.env.PATH, ...quietEnvironment },
    stdio: ["pipe", "pipe", "pipe"],
    // Not in the terminal's group: at a Ctrl-C it is still asked what it has counted.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const { stdin: input, stdout: output, stderr: errors } = child;
  return await attachSink({ input, output, errors, ended, kill: () => child.kill("SIGKILL") });
}

/**
 * Takes over a sink that is starting.
 * @param access how it is reached, where that is not as it says
 * @throws LoadTestError when it does not start
 */
export async function attachSink(sink: SinkProcess, access?: SinkAccess): Promise<Sink> {
  sink.input.on("error", () => undefined);
  let complaint = "";
  sink.errors.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(0, 2000);
  });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    sink.input.end();
    const timer = setTimeout(() => sink.kill?.(), stopTimeoutMs);
    await Promise.race([sink.ended, pause(2 * stopTimeoutMs, undefined, { ref: false })]);
    clearTimeout(timer);
  };
  const ready = await new Promise<Ready>((resolve, reject) => {
    const fail = (why: string): void => reject(environment("sink-failed", `the sink did not start: ${why}`));
    const timer = setTimeout(
      () => fail(`it said nothing within ${readyTimeoutMs / 1000} seconds`),
      readyTimeoutMs,
    );
    sink.ended.then(() => fail(complaint.trim().split("\n").at(-1) || "it gave no reason"));
    createInterface({ input: sink.output }).once("line", (line) => {
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
  const { host, port, ca } = ready;
  const control = access?.control ?? ready.control;
  const headers = access === undefined ? {} : { authorization: `Bearer ${access.token}` };
  const report = async (): Promise<SinkReport> => {
    const answer = await fetch(`${control}/report`, { headers }).catch(() => undefined);
    if (answer?.ok === true) return (await answer.json()) as SinkReport;
    const why = complaint.trim().split("\n").at(-1) || "it does not answer";
    throw environment("sink-failed", `the sink gave no report: ${why}`);
  };
  return {
    host,
    port,
    control,
    ca,
    ...(access === undefined ? {} : { token: access.token }),
    async plan(faults, limits) {
      const answer = await fetch(`${control}/plan`, {
        method: "PUT",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ limits: limits ?? [], faults }),
      });
      if (!answer.ok)
        throw environment("sink-failed", `the sink refused its plan: ${(await answer.text()).trim()}`);
    },
    async settle(longestMs) {
      const end = Date.now() + longestMs;
      for (let before = -1; Date.now() < end; ) {
        const { messages } = await report();
        if (messages.received === before) return;
        before = messages.received;
        await pause(quietMs);
      }
    },
    async finish() {
      const final = await report();
      await stop();
      return final;
    },
    [Symbol.asyncDispose]: stop,
  };
}
