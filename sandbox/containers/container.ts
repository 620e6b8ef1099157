import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Duplex, PassThrough, type Readable } from "node:stream";
import { threadId } from "node:worker_threads";
import type { ContainerRuntimeClient, WaitStrategy } from "testcontainers";
import { messageOf, SandboxError } from "../error.ts";
import { loopbackAddress, portError } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import type { Engine } from "./engine.ts";
import { removeContainerOnDeath } from "./removal.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

/** A port inside the container, and the one of the loopback address that leads to it. */
export interface PublishedPort {
  readonly inside: number;
  /** Default: a free one. */
  readonly outside?: number | undefined;
}

export interface ContainerFile {
  readonly content: string | Buffer;
  /** Default: for root only. */
  readonly mode?: number;
}

export interface ContainerOptions {
  /** As `ensureImage` gives it. */
  readonly image: string;
  /** What it is for, as part of its name. */
  readonly purpose: string;
  readonly command: readonly string[];
  readonly hostName?: string;
  /** `none`: no network but its own loopback. Another container: that one's network. Default: the engine's bridge. */
  readonly network?: "none" | RunningContainer;
  /** Published on the loopback address only. */
  readonly ports?: readonly PublishedPort[];
  readonly capabilities?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Written before it starts, by path. */
  readonly files?: Readonly<Record<string, ContainerFile>>;
  /** Memory file systems, by path, with mount options: `size=1m`. */
  readonly memoryFolders?: Readonly<Record<string, string>>;
  /** After how long it ends whatever happened to the process that started it. Default four hours. */
  readonly lifetimeMs?: number | undefined;
}

export interface Execution {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** A program that runs in a container, with its input and output. */
export interface AttachedProcess {
  readonly input: Duplex;
  readonly output: Readable;
  readonly errors: Readable;
  /** Resolves when the program has ended or its container is gone. */
  readonly ended: Promise<void>;
}

/** Whoever starts a container knows best when it is ready; here it only has to run. */
const noWait: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => noWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => startTimeoutMs,
};

/** Says who started a container: one thread of one process. */
export const ownerLabel = "dev.hipaa-check.sandbox";

/**
 * Environment variable of a test suite's own mark, and the label that containers get from it: so that a suite can tell
 * what its tests left behind, whichever process started it.
 */
export const suiteVariable = "HIPAA_CHECK_SUITE";
export const suiteLabel = "dev.hipaa-check.suite";

/** @param thread 0 for the main thread */
export function ownerOf(process: number, thread: number): string {
  return `${process}.${thread}`;
}

const defaultLifetimeMs = 4 * 3_600_000;
const startTimeoutMs = 60_000;

/** What kept the engine from starting a container, in one line. */
function startError(error: unknown, ports: readonly PublishedPort[]): SandboxError {
  const line = messageOf(error);
  const taken = ports.find(({ outside }) => outside !== undefined && new RegExp(`:${outside}\\b`).test(line));
  if (taken?.outside !== undefined && /already allocated|already in use/.test(line)) {
    return portError({ code: "EADDRINUSE" }, loopbackAddress, taken.outside);
  }
  return new SandboxError("environment", "container-not-started", `the container cannot be started: ${line}`);
}

function hostOptionsOf({ network, ports = [], sysctls, memoryFolders }: ContainerOptions): {
  readonly NetworkMode: string;
} {
  return {
    AutoRemove: true,
    NetworkMode: network instanceof RunningContainer ? network.networkName : (network ?? "bridge"),
    PortBindings: Object.fromEntries(
      ports.map(({ inside, outside = 0 }) => [
        `${inside}/tcp`,
        [{ HostIp: loopbackAddress, HostPort: String(outside) }],
      ]),
    ),
    ...(sysctls === undefined ? {} : { Sysctls: sysctls }),
    ...(memoryFolders === undefined ? {} : { Tmpfs: memoryFolders }),
  } as { readonly NetworkMode: string };
}

/** A container of the sandbox; it is removed when it is disposed of, and also when the process is killed. */
export class RunningContainer implements AsyncDisposable {
  private readonly engine: Engine;
  private readonly container: Container;
  private readonly resources: ResourceStack;
  /** What is under way in a container that is removed may hear nothing of it, and would be waited for without end. */
  private readonly gone = new AbortController();

  private constructor(engine: Engine, container: Container, resources: ResourceStack) {
    this.engine = engine;
    this.container = container;
    this.resources = resources;
  }

  /** @throws SandboxError when a port is taken or the engine refuses */
  static async start(engine: Engine, options: ContainerOptions): Promise<RunningContainer> {
    const { GenericContainer } = await import("testcontainers");
    const { ports = [], files = {}, capabilities = [] } = options;
    const name = `hipaa-check-${options.purpose}-${process.pid}-${randomBytes(5).toString("hex")}`;
    const lifetime = Math.ceil((options.lifetimeMs ?? defaultLifetimeMs) / 1000);
    const hostOptions = hostOptionsOf(options);
    const suite = process.env[suiteVariable];
    /** What the library has no words for: ports of the loopback address only, removal by the engine itself. */
    class SandboxContainer extends GenericContainer {
      protected override beforeContainerCreated(): Promise<void> {
        Object.assign(this.hostConfig, hostOptions);
        return Promise.resolve();
      }
    }
    const definition = new SandboxContainer(options.image)
      .withName(name)
      .withLabels({
        [ownerLabel]: ownerOf(process.pid, threadId),
        ...(suite === undefined ? {} : { [suiteLabel]: suite }),
      })
      .withAutoCleanup(false)
      .withWaitStrategy(noWait)
      .withNetworkMode(hostOptions.NetworkMode)
      .withAddedCapabilities(...capabilities)
      .withCommand(["timeout", "--signal=KILL", String(lifetime), ...options.command])
      .withCopyContentToContainer(
        Object.entries(files).map(([target, { content, mode = 0o600 }]) => ({ target, content, mode })),
      );
    if (options.hostName !== undefined) definition.withHostname(options.hostName);
    if (ports.length > 0) definition.withExposedPorts(...ports.map(({ inside }) => inside));
    const resources = new ResourceStack();
    const container = engine.client.container.dockerode.getContainer(name);
    // Listed before it exists, so that there is no moment in which a kill would leave it behind.
    resources.defer(removeContainerOnDeath(engine.address, name));
    resources.defer(() => remove(container));
    try {
      await definition.start();
      return new RunningContainer(engine, container, resources);
    } catch (error) {
      await resources[Symbol.asyncDispose]();
      throw startError(error, ports);
    }
  }

  /** What other containers say to share its network. */
  get networkName(): string {
    return `container:${this.container.id}`;
  }

  /** The port of the loopback address that leads to a published one. */
  async publishedPort(inside: number): Promise<number> {
    const { NetworkSettings } = await this.container.inspect();
    return Number(NetworkSettings.Ports[`${inside}/tcp`]?.[0]?.HostPort);
  }

  /** Whether it still runs. */
  async runs(): Promise<boolean> {
    return await this.container.inspect().then(
      ({ State }) => State.Running,
      () => false,
    );
  }

  /** What it has written so far; empty once it is gone. */
  async logs(): Promise<string> {
    const output = await this.container.logs({ stdout: true, stderr: true }).catch(() => undefined);
    if (output === undefined) return "";
    // Frames of eight bytes and a piece of text.
    const pieces: Buffer[] = [];
    for (let at = 0; at + 8 <= output.length; ) {
      const size = output.readUInt32BE(at + 4);
      pieces.push(output.subarray(at + 8, at + 8 + size));
      at += 8 + size;
    }
    return Buffer.concat(pieces).toString();
  }

  /** Starts a program in it. */
  async attach(command: readonly string[]): Promise<AttachedProcess> {
    return (await this.run(command)).process;
  }

  /** Runs a program in it to its end. */
  async execute(command: readonly string[], input?: string | Buffer): Promise<Execution> {
    const { process, status } = await this.run(command);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    process.output.on("data", (chunk: Buffer) => output.push(chunk));
    process.errors.on("data", (chunk: Buffer) => errors.push(chunk));
    process.input.end(input);
    await process.ended;
    return {
      status: await status(),
      output: Buffer.concat(output).toString(),
      errors: Buffer.concat(errors).toString(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.resources[Symbol.asyncDispose]();
    } finally {
      this.gone.abort();
    }
  }

  private async run(
    command: readonly string[],
  ): Promise<{ readonly process: AttachedProcess; readonly status: () => Promise<number> }> {
    const execution = await this.container.exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const { signal } = this.gone;
    signal.throwIfAborted();
    const input = await execution.start({ hijack: true, stdin: true, abortSignal: signal });
    const cut = (): void => void input.destroy();
    signal.addEventListener("abort", cut);
    if (signal.aborted) cut();
    const output = new PassThrough();
    const errors = new PassThrough();
    this.engine.client.container.dockerode.modem.demuxStream(input, output, errors);
    input.on("error", () => undefined);
    const ended = once(input, "close").then(() => {
      signal.removeEventListener("abort", cut);
      output.end();
      errors.end();
    });
    // Who waits for it is told; who does not wait, does not care.
    ended.catch(() => undefined);
    return {
      process: { input, output, errors, ended },
      status: async () => (await execution.inspect()).ExitCode ?? -1,
    };
  }
}

async function remove(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // It is gone already, or going.
    const status = (error as { readonly statusCode?: number }).statusCode;
    if (status !== 404 && status !== 409) throw error;
  }
}
