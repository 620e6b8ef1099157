import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Certificates, Credential } from "./certificates.ts";
import { type ClientHello, readClientHello } from "./client-hello.ts";

/** What a server of the test is like. */
export const postures = ["no-starttls", "good", "other-name", "untrusted"] as const;
export type Posture = (typeof postures)[number];

/** What was seen of one attempt to send. */
export interface Sighting {
  /** All that the sender wrote before TLS. */
  readonly clear: string;
  readonly hello: ClientHello | undefined;
  readonly delivered: boolean;
}

/** Servers of every posture, and lines to them that keep what a sender writes. */
export class Wire {
  private readonly certificates: Certificates;
  private readonly servers = new Map<string, SMTPServer>();
  /** Connections over which a body arrived: the server's port and the sender's, which may be used again. */
  private readonly delivered = new Set<string>();

  private constructor(certificates: Certificates) {
    this.certificates = certificates;
  }

  static async start(certificates: Certificates): Promise<Wire> {
    const wire = new Wire(certificates);
    for (const posture of postures) {
      for (const secure of [false, true]) {
        const server = wire.makeServer(posture, secure);
        wire.servers.set(`${posture} ${secure}`, server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      }
    }
    return wire;
  }

  /**
   * Lets a sender try. `send` gets a port to connect to, whatever its options say. A sender that speaks TLS from the
   * start meets a server that does so too, unless there is no TLS.
   */
  async watch(
    posture: Posture,
    isImplicit: boolean,
    send: (connection: Promise<Socket>) => Promise<unknown>,
  ): Promise<Sighting> {
    const server = this.servers.get(`${posture} ${isImplicit && posture !== "no-starttls"}`);
    const target = server?.server.address() as AddressInfo;
    const written: Buffer[] = [];
    let connection = "";
    const tap = createServer((socket) => {
      const inner = connect(target.port, "127.0.0.1", () => {
        connection = `${target.port} ${inner.localPort}`;
        this.delivered.delete(connection);
      });
      inner.on("error", () => socket.destroy());
      socket.on("error", () => inner.destroy());
      socket.on("close", () => inner.destroy());
      socket.on("data", (data) => written.push(data));
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => tap.listen(0, "127.0.0.1", resolve));
    await send(opened((tap.address() as AddressInfo).port)).catch(() => undefined);
    tap.close();
    const all = Buffer.concat(written);
    const tls = startOfTls(all);
    return {
      clear: all.subarray(0, tls ?? all.length).toString("latin1"),
      hello: tls === undefined ? undefined : readClientHello(all.subarray(tls)),
      delivered: this.delivered.has(connection),
    };
  }

  async close(): Promise<void> {
    for (const server of this.servers.values()) await new Promise<void>((resolve) => server.close(resolve));
  }

  private makeServer(posture: Posture, secure: boolean): SMTPServer {
    const options: SMTPServerOptions = {
      ...this.credentialFor(posture),
      secure,
      logger: false,
      closeTimeout: 1000,
      authOptional: true,
      allowInsecureAuth: true,
      authMethods: ["PLAIN", "LOGIN", "XOAUTH2"],
      disabledCommands: posture === "no-starttls" ? ["STARTTLS"] : [],
      disableReverseLookup: true,
      onAuth: (_auth, _session, done) => done(null, { user: "u" }),
      onData: (stream, session, done) => {
        stream.resume();
        stream.on("end", () => {
          this.delivered.add(`${(server.server.address() as AddressInfo).port} ${session.remotePort}`);
          done();
        });
      },
    };
    const server = new SMTPServer(options);
    server.on("error", () => undefined);
    return server;
  }

  private credentialFor(posture: Posture): Credential {
    const { good, otherName, untrusted } = this.certificates;
    return posture === "other-name" ? otherName : posture === "untrusted" ? untrusted : good;
  }
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Where the first TLS record begins: at the start, or after the line that asks for STARTTLS. */
function startOfTls(bytes: Buffer): number | undefined {
  if (bytes[0] === 0x16) return 0;
  const command = bytes.indexOf("STARTTLS\r\n");
  const after = command + "STARTTLS\r\n".length;
  return command !== -1 && bytes[after] === 0x16 ? after : undefined;
}
