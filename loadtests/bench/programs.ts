import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { quietEnvironment } from "../k6/find.ts";

const run = promisify(execFile);
const timeoutMs = 5 * 60_000;

/** What sending so many messages took. */
export interface Figure {
  readonly perSecond: number;
  /** Processor time of the client for one message, in microseconds. */
  readonly microseconds: number;
  /** Peak of the client's resident memory; 0 where it was not measured. */
  readonly megabytes: number;
}

export interface Sending {
  readonly host?: string;
  readonly port: number;
  readonly users: number;
  readonly messages: number;
  readonly size: number;
  readonly batch?: number;
  readonly chunking?: boolean;
  readonly connectPerMessage?: boolean;
  readonly ca?: string;
  readonly auth?: { readonly mechanism: string; readonly user: string; readonly password: string };
}

const script = new URL("send.js", import.meta.url).pathname;

/** Sends with k6; the time runs from the first iteration to the last, processor time and memory are all of the process. */
export async function sendWithK6(k6: string, sending: Sending): Promise<Figure> {
  const env = {
    ...process.env,
    ...quietEnvironment,
    BENCH: JSON.stringify({ host: "127.0.0.1", ...sending }),
  };
  const { stdout } = await run(k6, ["run", "--quiet", "--no-color", script], { env, timeout: timeoutMs });
  const { ms, cpuSeconds, maxRssBytes } = JSON.parse(stdout) as Record<string, number>;
  return {
    perSecond: (sending.messages * 1000) / (ms ?? Number.NaN),
    microseconds: ((cpuSeconds ?? Number.NaN) * 1e6) / sending.messages,
    megabytes: (maxRssBytes ?? Number.NaN) / 1e6,
  };
}

/** Runs another client; bash tells its times. */
export async function timed(program: string, words: readonly string[], messages: number): Promise<Figure> {
  const timing = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { stderr } = await run("bash", ["-c", timing, "bash", program, ...words], { timeout: timeoutMs });
  const [real, user, system] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return {
    perSecond: messages / (real ?? Number.NaN),
    microseconds: (((user ?? Number.NaN) + (system ?? Number.NaN)) * 1e6) / messages,
    megabytes: 0,
  };
}

/** Postfix's own client: the anchor of all ratios. */
export function sendWithSmtpSource({ port, users, messages, size }: Sending): Promise<Figure> {
  const words = ["-d", "-s", users, "-l", size, "-m", messages, "-f", "a@a.test", "-t", "b@b.test"].map(
    String,
  );
  return timed("smtp-source", [...words, `127.0.0.1:${port}`], messages);
}

/** A server that runs until it is disposed of. */
export class Server implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(program: string, words: readonly string[]) {
    this.#child = spawn(program, words, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...quietEnvironment },
    });
  }

  /** Waits until somebody listens on the port. */
  async listensOn(port: number): Promise<this> {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (this.#child.exitCode !== null) throw new Error(`the server on port ${port} has ended`);
      if (await answers(port)) return this;
      await pause(50);
    }
    throw new Error(`nobody listens on port ${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** True where a program is on PATH. */
export function has(program: string): boolean {
  return spawnSync("bash", ["-c", `command -v ${program}`]).status === 0;
}
