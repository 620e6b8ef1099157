import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ContainerRuntimeClient } from "testcontainers";
import { SandboxError } from "../error.ts";

/** Where an engine is asked: a socket file, or a port of the loopback address. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

type Ping = { readonly answers: true } | { readonly answers: false; readonly code: string };

const pingTimeoutMs = 3000;
const defaultSocket = "/var/run/docker.sock";

function ping(address: EngineAddress): Promise<Ping> {
  return new Promise((resolve) => {
    const asked = request({ ...address, path: "/_ping", timeout: pingTimeoutMs }, (response) => {
      response.resume();
      resolve({ answers: true });
    });
    asked.on("timeout", () => asked.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
    asked.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ answers: false, code: error.code ?? "unknown error" }),
    );
    asked.end();
  });
}

/** The sockets that engines use when nothing is said: system-wide, without root, Docker Desktop. */
function usualSockets(): readonly string[] {
  const runtime = process.env.XDG_RUNTIME_DIR;
  return [
    defaultSocket,
    ...(runtime === undefined ? [] : [join(runtime, "docker.sock")]),
    join(homedir(), ".docker/run/docker.sock"),
    join(homedir(), ".docker/desktop/docker.sock"),
  ];
}

/** The address that `DOCKER_HOST` names. @throws SandboxError when it is on another machine */
function configured(value: string): EngineAddress {
  if (value.startsWith("unix://")) return { socketPath: value.slice("unix://".length) };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (url?.protocol === "tcp:" && /^(localhost|127\.|::1$)/.test(host)) {
    return { host, port: Number(url.port || 2375) };
  }
  const text = `DOCKER_HOST is ${value}: the sandbox uses an engine of this machine only, so that nothing listens elsewhere`;
  throw new SandboxError("environment", "engine-elsewhere", text);
}

function complaint(address: EngineAddress, code: string): SandboxError {
  const where = "socketPath" in address ? address.socketPath : `${address.host}:${address.port}`;
  if (code === "EACCES" || code === "EPERM") {
    const text = `this user may not use Docker's socket ${where}: add the user to its group (\`usermod -aG docker USER\`), or use rootless Docker`;
    return new SandboxError("environment", "engine-forbidden", text);
  }
  if (code === "ENOENT") {
    const text = `there is no Docker engine: nothing at ${where}; install Docker, or say in DOCKER_HOST where it is`;
    return new SandboxError("environment", "engine-missing", text);
  }
  const text = `no Docker engine answers at ${where} (${code}): start it, for instance with \`systemctl start docker\``;
  return new SandboxError("environment", "engine-silent", text);
}

/** Finds the container engine of this machine without loading its client. @throws SandboxError with what to do */
export async function findEngine(): Promise<EngineAddress> {
  const named = process.env.DOCKER_HOST;
  const candidates: readonly EngineAddress[] =
    named === undefined || named === ""
      ? usualSockets().map((socketPath) => ({ socketPath }))
      : [configured(named)];
  let worst: SandboxError | undefined;
  for (const address of candidates) {
    const answer = await ping(address);
    if (answer.answers) return address;
    // A socket that is there and does not answer says more than one that is missing.
    if (worst === undefined || (worst.code === "engine-missing" && answer.code !== "ENOENT")) {
      worst = complaint(address, answer.code);
    }
  }
  throw worst ?? complaint({ socketPath: defaultSocket }, "ENOENT");
}

/** A container engine that answers. */
export interface Engine {
  readonly address: EngineAddress;
  readonly client: ContainerRuntimeClient;
}

/** @throws SandboxError when there is none, or it runs no Linux containers */
export async function openEngine(): Promise<Engine> {
  const address = await findEngine();
  // Its own helper would have to be pulled and be given the engine's socket; removal.ts does without.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  const { getContainerRuntimeClient } = await import("testcontainers");
  const client = await getContainerRuntimeClient();
  if (client.info.containerRuntime.operatingSystemType !== "linux") {
    throw new SandboxError(
      "environment",
      "engine-unfit",
      "the Docker engine runs no Linux containers: switch it over",
    );
  }
  return { address, client };
}
