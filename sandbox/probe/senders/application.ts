import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { SandboxError } from "../../error.ts";
import type { Relay } from "../sender.ts";
import { fillCommand } from "./exec.ts";
import { complaint, largestLog, ProcessGroups, relayEnvironment } from "./process.ts";

const startTimeoutMs = 60_000;
const pollInterval = 50;

/** True when somebody listens. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port }, () => resolve(true));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** A user's application that runs for the length of a probe, told by its environment where its mail server is. */
export class Application implements AsyncDisposable {
  private readonly groups = new ProcessGroups();
  private output = "";

  /** What it wrote to its screen until now. */
  get log(): string {
    return this.output;
  }

  /**
   * Runs a command by the shell and returns when the application listens.
   * @param address where it takes requests
   * @throws SandboxError when it ends before, or does not listen in time
   */
  async start(
    command: string,
    relay: Relay,
    address: { readonly host: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { host, port } = address;
    if (await answers(host, port)) {
      const text = `something listens at ${host}:${port} already: end it, or leave --start out if it is the application`;
      throw new SandboxError("environment", "port-in-use", text);
    }
    const environment = relayEnvironment(relay);
    const child = spawn("/bin/sh", ["-c", fillCommand(command, environment)], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment, ...this.groups.environment },
    });
    const keep = (chunk: Buffer): void => {
      if (this.output.length < largestLog) this.output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    if (child.pid === undefined) {
      const [error] = (await once(child, "error")) as [Error];
      throw new SandboxError(
        "environment",
        "application-not-started",
        `the application cannot be started: ${error.message}`,
      );
    }
    await this.groups.add(child.pid);
    for (const end = Date.now() + startTimeoutMs; Date.now() < end; await pause(pollInterval)) {
      if (await answers(host, port)) return;
      const said = complaint(this.output);
      const why = signal.aborted
        ? "interrupted before the application listened"
        : child.exitCode !== null
          ? `the application ended with status ${child.exitCode} before it listened at ${host}:${port}${said === "" ? "" : `: ${said}`}`
          : undefined;
      if (why !== undefined) throw new SandboxError("environment", "application-not-started", why);
    }
    const text = `the application does not listen at ${host}:${port} after ${startTimeoutMs / 1000} s`;
    throw new SandboxError("environment", "application-not-started", text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.groups[Symbol.asyncDispose]();
  }
}
