import type { ProbeMessage } from "./message.ts";

export const senderKinds = ["exec", "module", "http", "smtp", "postfix", "server"] as const;
export type SenderKind = (typeof senderKinds)[number];

/** How a sender begins TLS: after STARTTLS, or with the connection. */
export type TlsStart = "starttls" | "implicit";

/** How a sender reaches its mail server. */
export interface Relay {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** File with the authority to trust, PEM. */
  readonly ca: string;
}

/** One message to send to one server. */
export interface SendOrder extends Relay {
  readonly message: ProbeMessage;
  /** File with the ready message. */
  readonly messageFile: string;
  readonly tls: TlsStart;
}

/** What a sender says of itself. It never decides a verdict on clear text; it only tells a loss from a delay. */
export interface SendOutcome {
  /**
   * `sent`: it reports success. `failed`: it reports that the message was not sent. `stopped`: it was ended because
   * its time was over. `not-started`: it could not be run at all. `unreported`: it gives no report.
   */
  readonly ended: "sent" | "failed" | "stopped" | "not-started" | "unreported";
  /** One line: an exit status, an error. */
  readonly reason: string;
  /** What it wrote to its log or screen, where that can be reached. */
  readonly log: string;
}

export interface SendContext {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** True once somebody has come to the server and gone again; false when the time is over. */
  readonly served: () => Promise<boolean>;
}

/** Something that sends mail and is put to the test. */
export interface Sender extends AsyncDisposable {
  readonly kind: SenderKind;
  /** As the report shows it: the command, the file, the address. */
  readonly name: string;
  /**
   * The one port that the sender knows. Postures then take turns on it; a sender without one is told a new port for
   * each posture.
   */
  readonly fixedPort?: number;
  /** The log-in that the sender knows, where it cannot be told one. */
  readonly fixedLogIn?: { readonly user: string; readonly password: string };
  /**
   * Runs once, before the first message, for a sender with a port of its own.
   * @throws SandboxError when the sender cannot be made ready
   */
  prepare?(relay: Relay, signal: AbortSignal): Promise<void>;
  send(order: SendOrder, context: SendContext): Promise<SendOutcome>;
  /** Whether the sender still holds the message and will try again; undefined where its queue cannot be seen. */
  holds?(order: SendOrder): Promise<boolean>;
  /** The sender's own logs, where they can be reached beside what it wrote to the screen. Asked for at the end. */
  logs?(): Promise<string>;
}
