import type { Authority } from "../pki/authority.ts";
import type { Posture } from "../posture-server/posture.ts";
import type { PostureServer } from "../posture-server/server.ts";
import type { ProbeEnvironment } from "./environment.ts";
import type { ProbeMessage } from "./message.ts";

export const senderKinds = [
  "exec",
  "module",
  "http",
  "smtp",
  "postfix",
  "exim",
  "opensmtpd",
  "server",
] as const;
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
  /** What is sent just before it, to the same domain. */
  readonly before: readonly ProbeMessage[];
  /** Address of a user of the sender itself, whose mail is forwarded to the message's recipient. */
  readonly via: string | undefined;
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

/** What a sender's own queue says of a message. It decides how long to wait, and tells a loss from a delay. */
export interface QueueState {
  /** The message, or a report about it, is still there and will be tried again. */
  readonly holds: boolean;
  readonly tries: number;
  /** It was given up, and a report about it was made. */
  readonly reported: boolean;
  /** Why it was put off, in the sender's words; empty where it was not. */
  readonly reason: string;
}

/** A server that is ready, and what a sender with a network of its own needs to find it. */
export interface Occasion {
  readonly posture: Posture;
  readonly server: PostureServer;
  readonly authority: Authority;
}

/** What was done for one posture, and is undone when it is over. */
export interface Arrangement extends AsyncDisposable {
  /** What was seen beside the server that makes the sender unsafe, one clause each. */
  findings(): readonly string[];
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
  /** Where it meets servers, for a sender that has a network of its own. */
  readonly environment?: ProbeEnvironment;
  /** What it is and with which library it does TLS: `Postfix 3.10.13, OpenSSL 3.5.9`. */
  readonly software?: string;
  /** What was changed about it so that it can be put to the test, one line each. */
  readonly overlay?: readonly string[];
  /** Has the sender find a server by itself, where it is not told one: zones, policies, ways that lead there. */
  arrange?(occasion: Occasion): Promise<Arrangement>;
  send(order: SendOrder, context: SendContext): Promise<SendOutcome>;
  /** What its queue says of the message; left out where the queue cannot be seen. */
  queue?(order: SendOrder): QueueState | undefined;
  /** The sender's own logs, where they can be reached beside what it wrote to the screen. Asked for at the end. */
  logs?(): Promise<string>;
}
