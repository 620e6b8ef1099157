import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Connection, Status } from "../connection.ts";
import { chooseDriver, drivers } from "../driver.ts";
import { SandboxError } from "../error.ts";
import { Mailbox } from "../mailbox/mailbox.ts";
import { MailHogStore } from "../mailbox/mailhog.ts";
import { openMailbox } from "../mailbox/open.ts";
import { childProgram } from "../paths.ts";
import type { StartOptions } from "../start.ts";
import { ask } from "./control.ts";
import type { FromResident, ToResident } from "./resident.ts";
import {
  type BackgroundState,
  prepareRuntimeFolder,
  readState,
  removeState,
  runtimeFolder,
} from "./state.ts";

/** Where the background process is looked for. */
export interface BackgroundOptions {
  /** Default: the user's private folder for what runs. */
  readonly folder?: string;
}

export interface UpOptions extends Omit<StartOptions, "lifetimeMs">, BackgroundOptions {
  /** After how many milliseconds it ends by itself. Default one hour. */
  readonly forMs?: number;
}

export interface Up {
  readonly connection: Connection;
  /** One line that says which driver was taken and why. */
  readonly reason: string;
  /** When it ends by itself, ISO 8601. */
  readonly until: string;
  /** A sandbox was up already, and this is it. */
  readonly wasRunning: boolean;
}

const hour = 3_600_000;
const startTimeoutMs = 120_000;
/** After each word of progress: an image may have to be built. */
const progressTimeoutMs = 900_000;
const stopTimeoutMs = 15_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The sandbox that runs in the background. What a dead one left in the folder is removed. */
async function running(folder: string): Promise<BackgroundState | undefined> {
  const state = await readState(folder);
  if (state === undefined) return undefined;
  if (isAlive(state.pid) && (await ask(state, "alive"))) return state;
  await removeState(folder);
  return undefined;
}

function launch(
  message: ToResident,
  { signal, onProgress }: Pick<UpOptions, "signal" | "onProgress">,
): Promise<BackgroundState> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [childProgram(), "background"], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let complaint = "";
    let settled = false;
    const fail = (code: string, text: string, kind: SandboxError["kind"] = "environment"): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      // A process that was not told to stay ends when the channel closes.
      if (child.connected) child.disconnect();
      reject(new SandboxError(kind, code, text));
    };
    const interrupt = (): void => fail("interrupted", "interrupted before the sandbox was up");
    const failAfter = (timeoutMs: number): NodeJS.Timeout =>
      setTimeout(() => {
        fail("start-failed", `the sandbox did not answer within ${timeoutMs / 1000} seconds`);
      }, timeoutMs);
    let timer = failAfter(startTimeoutMs);
    signal?.addEventListener("abort", interrupt);
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString()}`.slice(0, 4000);
    });
    child.on("error", (error) =>
      fail("start-failed", `the background process cannot be started: ${error.message}`),
    );
    child.on("exit", () => {
      const line = complaint.split("\n").find((text) => /error/i.test(text)) ?? "it gave no reason";
      fail("start-failed", `the background process ended before the sandbox was up: ${line.trim()}`);
    });
    child.on("message", (answer: FromResident) => {
      if ("failed" in answer) return fail(answer.failed.code, answer.failed.message, answer.failed.kind);
      if (settled) return undefined;
      if ("progress" in answer) {
        clearTimeout(timer);
        timer = failAfter(progressTimeoutMs);
        return onProgress?.(answer.progress);
      }
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      child.once("disconnect", () => {
        child.stderr?.destroy();
        child.unref();
        resolve(answer.ready);
      });
      child.send({ keep: true } satisfies ToResident);
      return undefined;
    });
    child.send(message);
    if (signal?.aborted) interrupt();
  });
}

/** In which port or user a running sandbox is another than was asked for; undefined where it is as asked. */
function differsFrom(connection: Connection, { ports = {}, user }: StartOptions): string | undefined {
  const { submission, smtps, mx, mailbox } = connection;
  const found = {
    submission: submission.port,
    smtps: smtps.port,
    mx: mx.port,
    mailbox: Number(new URL(mailbox.url).port),
  };
  for (const [service, port] of Object.entries(found)) {
    const wanted = ports[service as keyof typeof found];
    if (wanted !== undefined && wanted !== port) return `has port ${port} for ${service}, not ${wanted}`;
  }
  if (user !== undefined && user !== submission.user) return `has the user ${submission.user}, not ${user}`;
  return undefined;
}

/** @throws SandboxError where what is asked for can be had nowhere */
function requirePossible({ ports = {}, user }: StartOptions): void {
  const wanted = Object.values(ports).filter((port) => port !== undefined);
  const twice = wanted.find((port, index) => wanted.indexOf(port) !== index);
  if (twice !== undefined)
    throw new SandboxError(
      "usage",
      "same-port",
      `port ${twice} was given twice: each service needs one of its own`,
    );
  if (user?.trim() === "") throw new SandboxError("usage", "no-user", "the name of the user is empty");
}

/**
 * Starts a sandbox that stays when this process ends, until `sandboxDown`, its time limit or a kill. One that is up
 * already is given back as it is.
 * @throws SandboxError
 */
export async function sandboxUp(options: UpOptions = {}): Promise<Up> {
  const { folder = runtimeFolder(), forMs = hour, signal, onProgress, ...start } = options;
  if (!(forMs > 0))
    throw new SandboxError("usage", "bad-duration", "the time to stay up must be more than nothing");
  requirePossible(start);
  await prepareRuntimeFolder(folder);
  const found = await running(folder);
  if (found !== undefined) {
    const { connection, until, since } = found;
    if (start.driver !== undefined && start.driver !== connection.driver) {
      const text = `a sandbox with the driver ${connection.driver} is up since ${since}: end it with \`sandbox down\` first`;
      throw new SandboxError("usage", "already-running", text);
    }
    const other = differsFrom(connection, start);
    if (other !== undefined) {
      const text = `the sandbox that is up since ${since} ${other}: end it with \`sandbox down\` first`;
      throw new SandboxError("usage", "already-running", text);
    }
    return { connection, until, reason: `already up since ${since}`, wasRunning: true };
  }
  const { driver, reason } = await chooseDriver(start.driver, drivers);
  const { connection, until } = await launch(
    { start: { ...start, driver: driver.name }, folder, forMs },
    {
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    },
  );
  return { connection, until, reason, wasRunning: false };
}

/** Ends the sandbox in the background; false when none was up. Returns when everything of it is gone. */
export async function sandboxDown({ folder = runtimeFolder() }: BackgroundOptions = {}): Promise<boolean> {
  const state = await running(folder);
  if (state === undefined) return false;
  await ask(state, "stop");
  for (const end = Date.now() + stopTimeoutMs; isAlive(state.pid) && Date.now() < end; ) await pause(20);
  if (isAlive(state.pid)) process.kill(state.pid, "SIGKILL");
  await removeState(folder);
  return true;
}

/** Whether a sandbox is up in the background. */
export async function sandboxStatus({ folder = runtimeFolder() }: BackgroundOptions = {}): Promise<Status> {
  const state = await running(folder);
  if (state === undefined) return { running: false, driver: null, since: null };
  return { running: true, driver: state.connection.driver, since: state.since };
}

/** How the sandbox in the background is reached. @throws SandboxError when none is up */
export async function sandboxConnection({
  folder = runtimeFolder(),
}: BackgroundOptions = {}): Promise<Connection> {
  const state = await running(folder);
  if (state !== undefined) return state.connection;
  throw new SandboxError(
    "environment",
    "not-running",
    "no sandbox is up: start one with `hipaa-check sandbox up`",
  );
}

export interface InboxOptions extends BackgroundOptions {
  /** Web address of another mailbox, MailHog or Mailpit; default: that of the sandbox in the background. */
  readonly url?: string | undefined;
}

/** What arrived at the sandbox in the background, or in another mailbox. @throws SandboxError when it is not there */
export async function openInbox({ url, ...options }: InboxOptions = {}): Promise<Mailbox> {
  if (url !== undefined) return await openMailbox(url);
  const { mailbox } = await sandboxConnection(options);
  return new Mailbox(new MailHogStore(mailbox.url));
}
