import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { killMarkedOnDeath, killOnDeath } from "../../resources/death-watch.ts";
import type { Relay, SendContext, SendOrder, SendOutcome } from "../sender.ts";

export interface ProcessOptions {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Characters of a program's output that are kept. */
export const largestLog = 256 * 1024;

/** Where a program finds its mail server, in its environment. */
export function relayEnvironment({ host, port, user, password, ca }: Relay): Record<string, string> {
  return {
    HIPAA_CHECK_SMTP_HOST: host,
    HIPAA_CHECK_SMTP_PORT: String(port),
    HIPAA_CHECK_SMTP_USER: user,
    HIPAA_CHECK_SMTP_PASSWORD: password,
    HIPAA_CHECK_SMTP_CA: ca,
  };
}

/** What a program that sends one message finds in its environment. */
export function orderEnvironment(order: SendOrder): Record<string, string> {
  const { message } = order;
  return {
    ...relayEnvironment(order),
    HIPAA_CHECK_FROM: message.from,
    HIPAA_CHECK_TO: message.to,
    HIPAA_CHECK_SUBJECT: message.subject,
    // No environment can hold a NUL.
    HIPAA_CHECK_BODY: message.body.replaceAll("\0", ""),
    HIPAA_CHECK_MESSAGE: order.messageFile,
  };
}

/** The line that says best what went wrong: the last that speaks of an error, else the last one. */
export function complaint(log: string): string {
  const lines = log
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const line = lines.findLast((text) => /error|refused|fail|not found/i.test(text)) ?? lines.at(-1) ?? "";
  // OpenSSL's errors carry an address that differs from run to run, and a path; the words are between them.
  return line.replace(/[0-9A-F]{12,16}:error:[0-9A-F]{8}:[^:]*:[^:]*:([^:]*):.*/, "$1").slice(0, 200);
}

/** Whether anything of a process group is left. */
function groupLives(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function killGroup(group: number): void {
  kill(-group);
}

/** Processes that carry a mark in their environment, whoever their parent is by now; none where there is no /proc. */
async function processesMarked(mark: string): Promise<number[]> {
  const names = await readdir("/proc").catch((): string[] => []);
  const found = names.map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const marked = found.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    return environment.includes(mark) ? pid : 0;
  });
  return (await Promise.all(marked)).filter((pid) => pid > 0);
}

/** Everything that a sender starts, also what it leaves behind to try again later. All of it ends with the sender. */
export class ProcessGroups implements AsyncDisposable {
  /** Goes into the environment of every process, and so into that of all its children. */
  readonly environment = { HIPAA_CHECK_RUN: randomBytes(12).toString("hex") };
  private readonly mark = `HIPAA_CHECK_RUN=${this.environment.HIPAA_CHECK_RUN}`;
  private readonly groups = new Map<number, () => Promise<void>>();
  private release: Promise<() => Promise<void>> | undefined;

  async add(group: number): Promise<void> {
    this.release ??= killMarkedOnDeath(this.mark);
    await this.release;
    this.groups.set(group, await killOnDeath(group));
  }

  /** Takes a group off the list once nothing of it is left; true when it is. */
  async settle(group: number): Promise<boolean> {
    if (groupLives(group)) return false;
    await this.groups.get(group)?.();
    this.groups.delete(group);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const group of this.groups.keys()) killGroup(group);
    for (const pid of await processesMarked(this.mark)) kill(pid);
    for (const group of [...this.groups.keys()]) {
      for (let attempt = 0; attempt < 100 && !(await this.settle(group)); attempt++) await pause(10);
    }
    await Promise.all([...this.groups.values()].map((release) => release()));
    this.groups.clear();
    await (await this.release)?.();
    this.release = undefined;
  }
}

/** Runs a program in a process group of its own until it ends or its time is over. */
export async function runProcess(
  options: ProcessOptions,
  groups: ProcessGroups,
  context: SendContext,
): Promise<SendOutcome> {
  if (context.signal.aborted) return { ended: "stopped", reason: "interrupted", log: "" };
  const child = spawn(options.command, [...options.arguments], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env, ...groups.environment },
  });
  let log = "";
  const keep = (chunk: Buffer): void => {
    if (log.length < largestLog) log += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const group = child.pid;
  if (group !== undefined) await groups.add(group);
  return await new Promise<SendOutcome>((resolve) => {
    let over: string | undefined;
    const stop = (why: string): void => {
      over ??= why;
      if (group !== undefined) killGroup(group);
    };
    const interrupt = (): void => stop("interrupted");
    const timer = setTimeout(
      () => stop(`the sender did not end within ${context.timeoutMs / 1000} s and was ended`),
      context.timeoutMs,
    );
    context.signal.addEventListener("abort", interrupt);
    const finish = (outcome: Omit<SendOutcome, "log">): void => {
      clearTimeout(timer);
      context.signal.removeEventListener("abort", interrupt);
      if (group !== undefined) void groups.settle(group);
      resolve({ ...outcome, log });
    };
    child.on("error", (error) =>
      finish({ ended: "not-started", reason: `the sender cannot be started: ${error.message}` }),
    );
    // Not `close`: a child that lives on may hold the pipes.
    child.on("exit", (code, signal) => {
      // What the process wrote last may still be on its way.
      setTimeout(() => {
        const said = complaint(log);
        const tail = said === "" ? "" : `: ${said}`;
        if (over !== undefined) finish({ ended: "stopped", reason: over });
        else if (code === 0) finish({ ended: "sent", reason: "" });
        else if (code === 126 || code === 127)
          finish({ ended: "not-started", reason: `the sender cannot be started${tail}` });
        else
          finish({ ended: "failed", reason: `the sender ended with ${signal ?? `status ${code}`}${tail}` });
      }, 10);
    });
  });
}
