import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import nodemailer from "nodemailer";

/** Where mail goes on to in place of a mailbox. */
export interface RelayTo {
  readonly host: string;
  readonly port: number;
  /** PEM certificate to trust; mail goes over STARTTLS or not at all. Empty: in clear text, to the loopback address only. */
  readonly ca: string;
}

interface Queued {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

const connections = 4;
const firstPauseMs = 200;
const longestPauseMs = 2000;

/** A reply that says to try again later; a connection that fails has none. */
function isTemporary(error: unknown): boolean {
  const { responseCode } = error as { responseCode?: number };
  return responseCode === undefined || (responseCode >= 400 && responseCode < 500);
}

/** A queue in memory that passes mail on and tries again until it is taken, refused for good, or the relay ends. */
export class Relay implements AsyncDisposable {
  private readonly transport: ReturnType<typeof Relay.open>;
  private readonly queue: Queued[] = [];
  private readonly ended = new AbortController();
  private readonly workers: Promise<void>[];
  private readonly idle: (() => void)[] = [];

  constructor(next: RelayTo) {
    this.transport = Relay.open(next);
    this.workers = Array.from({ length: connections }, () => this.work());
  }

  private static open({ host, port, ca }: RelayTo) {
    return nodemailer.createTransport({
      pool: true,
      maxConnections: connections,
      maxMessages: Number.POSITIVE_INFINITY,
      host,
      port,
      secure: false,
      ...(ca === "" ? { ignoreTLS: true } : { requireTLS: true, tls: { ca, servername: "localhost" } }),
    });
  }

  /** Takes a message over. */
  add(mail: Queued): { readonly id: string } {
    this.queue.push(mail);
    this.idle.shift()?.();
    return { id: randomUUID() };
  }

  private async work(): Promise<void> {
    while (!this.ended.signal.aborted) {
      const mail = this.queue.shift();
      if (mail !== undefined) await this.pass(mail);
      else await new Promise<void>((resolve) => this.idle.push(resolve));
    }
  }

  private async pass({ from, to, raw }: Queued): Promise<void> {
    for (let wait = firstPauseMs; !this.ended.signal.aborted; wait = Math.min(2 * wait, longestPauseMs)) {
      try {
        await this.transport.sendMail({ envelope: { from, to: [...to] }, raw });
        return;
      } catch (error) {
        if (!isTemporary(error)) return;
        await pause(wait, undefined, { signal: this.ended.signal }).catch(() => undefined);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ended.abort();
    for (const wake of this.idle) wake();
    this.transport.close();
    await Promise.all(this.workers);
  }
}
