import type { Readable, Writable } from "node:stream";
import type { Connection, DriverName } from "./connection.ts";
import { containersDriver } from "./containers/driver.ts";
import { SandboxError } from "./error.ts";
import { inProcessDriver } from "./in-process/driver.ts";
import type { RelayTo } from "./in-process/relay.ts";
import type { Mailbox } from "./mailbox/mailbox.ts";

export interface SandboxOptions {
  /** Default: a port that is free. */
  readonly ports?: {
    readonly submission?: number;
    readonly smtps?: number;
    readonly mx?: number;
    readonly mailbox?: number;
  };
  /** Default: `sandbox`. */
  readonly user?: string;
  /** Default: a new one for each sandbox. */
  readonly password?: string;
  /** After how many milliseconds containers end whatever becomes of this process. Default four hours. */
  readonly lifetimeMs?: number;
  /** Told, one line each, what takes long: an image that has to be built first. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Mail goes on to this server in place of the mailbox. In process only: nothing leads out of a container. */
  readonly relayTo?: RelayTo;
  /** A server that runs beside the mail server and takes its mail in place of the mailbox. In containers only. */
  readonly nextHop?: NextHop;
}

/** A program that takes mail over SMTP on port `nextHopPort` and is controlled over HTTP on port `nextHopControlPort`. */
export interface NextHop {
  /** An executable that needs nothing but itself; it is called `/run/sandbox/next-hop` there. */
  readonly program: string;
  /** What a shell runs there. */
  readonly command: string;
  /** Files that it reads, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

export const nextHopPort = 2525;
export const nextHopControlPort = 8026;

/** A next hop that runs. */
export interface RunningNextHop {
  /** Its standard input, output and error. */
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  readonly ended: Promise<void>;
  /** Address of its control interface, from this machine. */
  readonly control: string;
}

/** A mail server that runs. Everything that was started ends when it is disposed of, or when the process dies. */
export interface Sandbox extends AsyncDisposable {
  readonly driver: DriverName;
  readonly connection: Connection;
  readonly mailbox: Mailbox;
  readonly nextHop?: RunningNextHop;
  /** Kills the mail server without a warning and starts it again after a while; where a next hop was asked for. */
  readonly restart?: (afterMs: number) => Promise<void>;
  /** ISO 8601. */
  readonly since: string;
}

export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/** One way to run the sandbox. */
export interface Driver {
  readonly name: DriverName;
  readonly title: string;
  /** Whether this machine can run it now. */
  check(): Promise<Availability>;
  /** Returns when the servers answer. @throws SandboxError */
  start(options: SandboxOptions): Promise<Sandbox>;
}

/** Every driver, the preferred one first. */
export const drivers: readonly Driver[] = [containersDriver, inProcessDriver];

export interface DriverChoice {
  readonly driver: Driver;
  /** One line that says which driver was taken and why. */
  readonly reason: string;
}

/**
 * The driver that was asked for, or else the best one that this machine can run.
 * @throws SandboxError when the driver that was asked for cannot run here
 */
export async function chooseDriver(
  name?: DriverName,
  from: readonly Driver[] = drivers,
): Promise<DriverChoice> {
  if (name !== undefined) {
    const driver = from.find((candidate) => candidate.name === name);
    const state = await driver?.check();
    if (driver === undefined || state === undefined || !state.available) {
      const why = state === undefined || state.available ? "this version does not have it" : state.reason;
      throw new SandboxError(
        "environment",
        "driver-unavailable",
        `the driver ${name} cannot run here: ${why}`,
      );
    }
    return { driver, reason: `${driver.title}, as asked for` };
  }
  const passedOver: string[] = [];
  for (const driver of from) {
    const state = await driver.check();
    if (state.available) return { driver, reason: [driver.title, ...passedOver].join("; ") };
    passedOver.push(`no ${driver.name}: ${state.reason}`);
  }
  throw new SandboxError(
    "environment",
    "driver-unavailable",
    `no driver can run here: ${passedOver.join("; ")}`,
  );
}
