import { createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { SandboxError } from "../error.ts";

export const loopbackAddress = "127.0.0.1";
/** Where a second server of the same posture listens. */
export const backupAddress = "127.0.0.2";

/**
 * A loopback address that programs do not know as one. Some trust their own machine with what they would show to no other:
 * Go's `smtp.PlainAuth` sends a password in clear text to `localhost`, `127.0.0.1` and `::1`.
 */
const strangerAddress = "127.0.0.3";

/** Where a program meets servers as it would meet those of others, if this machine has such an address. */
export async function addressOfStranger(): Promise<string> {
  try {
    await using _listener = await listen((socket) => socket.destroy(), { addresses: [strangerAddress] });
    return strangerAddress;
  } catch {
    return loopbackAddress;
  }
}

/** True where this machine has the IPv6 loopback address. */
export function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly addresses: readonly string[];
}

export interface ListenOptions {
  /** Default: the IPv4 loopback address. All get the same port. */
  readonly addresses?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** What keeps a port from being used, in one line. */
export function portError(error: unknown, host: string, port: number): SandboxError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE") {
    return new SandboxError(
      "environment",
      "port-in-use",
      `port ${port} of ${host} is in use: end what uses it, or choose another port`,
    );
  }
  if (code === "EACCES") {
    return new SandboxError(
      "environment",
      "port-forbidden",
      `port ${port} of ${host} may not be opened by this user: choose a port above 1023`,
    );
  }
  if (code === "EADDRNOTAVAIL") {
    return new SandboxError(
      "environment",
      "address-not-available",
      `${host} is not an address of this machine`,
    );
  }
  return new SandboxError(
    "environment",
    "listen-failed",
    `cannot listen on ${host} port ${port}: ${code ?? "unknown error"}`,
  );
}

/** A port of the loopback address that is free now. */
export async function freePort(): Promise<number> {
  await using listener = await listen((socket) => socket.destroy());
  return listener.port;
}

/** Accepts connections until disposed of; open connections are then cut. @throws SandboxError */
export async function listen(
  accept: (socket: Socket) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const addresses = options.addresses ?? [loopbackAddress];
  const attempts = options.port === undefined ? 10 : 1;
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    const sockets = new Set<Socket>();
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    };
    let port = options.port ?? 0;
    let current = addresses[0] ?? loopbackAddress;
    try {
      for (const address of addresses) {
        current = address;
        const server = createServer({ noDelay: true }, (socket) => {
          sockets.add(socket);
          socket.once("close", () => sockets.delete(socket));
          accept(socket);
        });
        servers.push(server);
        port = await bind(server, address, port);
      }
      return { port, addresses, [Symbol.asyncDispose]: close };
    } catch (error) {
      await close();
      // A port that is free on one address may be taken on the next.
      if (attempt >= attempts) throw portError(error, current, port);
    }
  }
}
