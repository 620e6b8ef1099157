import { createSecureContext, type SecureContext } from "node:tls";
import { SandboxError } from "../error.ts";
import type { Authority } from "../pki/authority.ts";
import { listen, loopbackAddress } from "../resources/listen.ts";
import { ConnectionRecord } from "../wire/record.ts";
import type { ServerPlan, TlsPlan } from "./plan.ts";
import { ServerCounts, Session, type SessionHooks } from "./session.ts";

export interface PostureServerOptions {
  readonly plan: ServerPlan;
  /** Another plan for those who come in on this address of the server. */
  readonly planFor?: (address: string) => ServerPlan | undefined;
  readonly hooks?: SessionHooks;
  readonly authority: Authority;
  readonly implicitTls: boolean;
  readonly addresses?: readonly string[];
  readonly port?: number;
}

/** A mail server that behaves as its plan says and records everything. */
export interface PostureServer extends AsyncDisposable {
  readonly port: number;
  readonly addresses: readonly string[];
  /** In the order in which they were opened; they fill while they last. */
  readonly connections: readonly ConnectionRecord[];
}

async function contextFor(tls: TlsPlan | undefined, authority: Authority): Promise<SecureContext> {
  const { certificate, key } = await authority.credential(tls?.certificate ?? "good");
  try {
    return createSecureContext({
      cert: certificate,
      key,
      minVersion: tls?.minimum ?? "TLSv1.2",
      maxVersion: tls?.maximum ?? "TLSv1.3",
      // Old versions, weak keys and weak suites are the point; the sender decides what it takes.
      ciphers: tls?.ciphers ?? "DEFAULT@SECLEVEL=0",
      dhparam: "auto",
      ...(tls?.clientCertificate === undefined ? {} : { ca: authority.root }),
    });
  } catch (error) {
    const why = `the TLS library of this process (OpenSSL ${process.versions.openssl}) cannot serve it: ${(error as Error).message}`;
    throw new SandboxError("environment", "tls-unsupported", why);
  }
}

/**
 * Starts a server on the loopback address.
 * @throws SandboxError when the port cannot be used, or the TLS library cannot do what the plan says
 */
export async function startPostureServer(options: PostureServerOptions): Promise<PostureServer> {
  const { authority, hooks = {}, implicitTls } = options;
  const addresses = options.addresses ?? [loopbackAddress];
  const plans = new Map(addresses.map((address) => [address, options.planFor?.(address) ?? options.plan]));
  const contexts = new Map<ServerPlan, SecureContext>();
  for (const plan of plans.values()) contexts.set(plan, await contextFor(plan.tls, authority));
  const counts = new ServerCounts();
  const connections: ConnectionRecord[] = [];
  const listener = await listen(
    (socket) => {
      const address = socket.localAddress ?? loopbackAddress;
      const plan = plans.get(address) ?? options.plan;
      const context = contexts.get(plan);
      if (context === undefined) return void socket.destroy();
      const record = new ConnectionRecord(connections.length + 1, address);
      connections.push(record);
      const session = new Session(socket, { plan, hooks, counts, record, context, implicitTls });
      return void session.start();
    },
    { addresses, ...(options.port === undefined ? {} : { port: options.port }) },
  );
  return {
    port: listener.port,
    addresses,
    connections,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
