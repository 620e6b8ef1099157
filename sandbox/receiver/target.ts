import { connect as connectSocket, isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { SandboxError } from "../error.ts";
import { NoReply, type Reply, SmtpClient } from "../probe/senders/smtp-client.ts";
import { askHello, buildClientHello, type HelloAnswer } from "../wire/hello-probe.ts";

/** What a receiving server is for. */
export const purposes = ["relay", "submission", "submissions"] as const;
export type Purpose = (typeof purposes)[number];

export interface TargetOptions {
  /** Host as the user wrote it: goes into TLS. */
  readonly host: string;
  /** Address that was found to be owned: the only one that is connected to. */
  readonly address: string;
  readonly port: number;
  readonly purpose?: Purpose;
  /** A mailbox that the server takes mail for; default `postmaster`. */
  readonly recipient?: string;
  readonly logIn?: { readonly user: string; readonly password: string };
  /** Domain of a partner that has promised to send over TLS only. */
  readonly partner?: string;
  /** How many messages at once are too many. */
  readonly burst?: number;
  readonly timeoutMs: number;
}

const ports: Readonly<Record<number, Purpose>> = { 25: "relay", 465: "submissions", 587: "submission" };

/** Everything is accepted: what the server shows is judged, not trusted. */
const anyTls: ConnectionOptions = { rejectUnauthorized: false, checkServerIdentity: () => undefined };

/** Reads `host:port`, `[::1]:port`. @throws SandboxError */
export function parseTarget(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || !(port > 0 && port < 65_536)) {
    throw new SandboxError("usage", "bad-target", `${text} is no server: write host:port`);
  }
  return { host, port };
}

/** One connection to the server, with a record of what was said. */
export interface Talk extends Disposable {
  readonly client: SmtpClient;
  readonly greeting: Reply;
  ask(line: string): Promise<Reply>;
  /** EHLO; gives the capability lines. */
  hello(): Promise<readonly string[]>;
  startTls(): Promise<void>;
}

/** A receiving server under test. Says nothing to anybody but the one address. */
export class ServerTarget {
  readonly options: TargetOptions;
  /** TLS begins with the connection. */
  readonly implicitTls: boolean;
  readonly purpose: Purpose;
  readonly transcript: string[] = [];

  private constructor(options: TargetOptions, implicitTls: boolean, purpose: Purpose) {
    this.options = options;
    this.implicitTls = implicitTls;
    this.purpose = purpose;
  }

  /** Finds out what kind of server it is. @throws NoReply when nobody answers as a mail server does */
  static async find(options: TargetOptions): Promise<ServerTarget> {
    const guess = options.purpose ?? ports[options.port];
    const implicit = guess === "submissions" || (guess === undefined && !(await greets(options)));
    const target = new ServerTarget(options, implicit, guess ?? "relay");
    const logIn = await target.offersLogIn();
    const found = implicit ? "submissions" : logIn ? "submission" : "relay";
    return new ServerTarget(options, implicit, guess ?? found);
  }

  /** A target of the same kind with an empty transcript. */
  fresh(): ServerTarget {
    return new ServerTarget(this.options, this.implicitTls, this.purpose);
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** @throws NoReply */
  async open(): Promise<Talk> {
    const { address, port, timeoutMs } = this.options;
    const client = this.implicitTls
      ? await SmtpClient.openTls(address, port, this.tlsOptions(), timeoutMs)
      : await SmtpClient.open(address, port, timeoutMs);
    this.transcript.push(`--- connected${this.implicitTls ? " under TLS" : ""}`);
    const heard = (reply: Reply): Reply => {
      for (const line of reply.lines) this.transcript.push(`S: ${reply.code} ${line}`);
      return reply;
    };
    const ask = async (line: string): Promise<Reply> => {
      this.transcript.push(
        `C: ${/^AUTH /i.test(line) ? `${line.split(" ", 2).join(" ")} [credentials not shown]` : line}`,
      );
      return heard(await client.ask(line, timeoutMs));
    };
    try {
      const greeting = heard(await client.reply(timeoutMs));
      return {
        client,
        greeting,
        ask,
        hello: async () => {
          const reply = await ask("EHLO probe.sender.test");
          return reply.code === 250 ? reply.lines.slice(1) : [];
        },
        startTls: async () => {
          const reply = await ask("STARTTLS");
          if (reply.code !== 220) throw new NoReply(`STARTTLS was answered with ${reply.code}`);
          await client.upgrade(this.tlsOptions(), timeoutMs);
          this.transcript.push("*** TLS");
        },
        [Symbol.dispose]: () => client.close(),
      };
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** A connection on which mail can be handed in: under TLS where it is offered, logged in where that can be done. */
  async openForMail(): Promise<Talk> {
    const talk = await this.open();
    try {
      let capabilities = await talk.hello();
      if (!this.implicitTls && capabilities.some((line) => /^STARTTLS$/i.test(line))) {
        await talk.startTls();
        capabilities = await talk.hello();
      }
      const { logIn } = this.options;
      if (logIn !== undefined && capabilities.some((line) => /^AUTH\b/i.test(line))) {
        await talk.ask(`AUTH PLAIN ${Buffer.from(`\0${logIn.user}\0${logIn.password}`).toString("base64")}`);
      }
      return talk;
    } catch (error) {
      talk[Symbol.dispose]();
      throw error;
    }
  }

  /** Offers one version and some suites in a first TLS message. */
  async offer(version: number, suites: readonly number[]): Promise<HelloAnswer> {
    const { host, timeoutMs } = this.options;
    const hello = buildClientHello(version, suites, host);
    const socket = this.implicitTls ? await this.connect() : await this.agreeOnTls();
    return socket === undefined
      ? { answer: "refused", how: "STARTTLS was refused" }
      : await askHello(socket, hello, timeoutMs);
  }

  tlsOptions(): ConnectionOptions {
    const { host } = this.options;
    return { ...anyTls, ...(isIP(host) === 0 ? { servername: host } : {}), minVersion: "TLSv1.2" };
  }

  private connect(): Promise<Socket> {
    const { address, port, timeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ host: address, port }, () => {
        clearTimeout(timer);
        resolve(socket);
      });
      const fail = (why: string): void => {
        socket.destroy();
        reject(new NoReply(why));
      };
      const timer = setTimeout(() => fail("no answer in time"), timeoutMs);
      socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    });
  }

  /** A plain socket on which the server waits for TLS; undefined where it refused. */
  private async agreeOnTls(): Promise<Socket | undefined> {
    const talk = await this.open();
    await talk.hello();
    const reply = await talk.ask("STARTTLS");
    if (reply.code === 220) return talk.client.release();
    talk[Symbol.dispose]();
    return undefined;
  }

  private async offersLogIn(): Promise<boolean> {
    using talk = await this.open();
    let capabilities = await talk.hello();
    if (!this.implicitTls && capabilities.some((line) => /^STARTTLS$/i.test(line))) {
      try {
        await talk.startTls();
        capabilities = [...capabilities, ...(await talk.hello())];
      } catch {
        // That TLS cannot be had is for its own check to say.
      }
    }
    return capabilities.some((line) => /^AUTH\b/i.test(line));
  }
}

/** Whether a server speaks first, as one without implicit TLS does. */
async function greets({ address, port }: TargetOptions): Promise<boolean> {
  const client = await SmtpClient.open(address, port, 5000);
  try {
    await client.reply(2000);
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
