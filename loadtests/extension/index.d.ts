/** SMTP for k6: sessions that live over iterations, strict TLS, honest times. `README.md` says what each figure means. */
declare module "k6/x/smtp" {
  /** How a session is protected. No mode falls back to clear text. */
  export type TlsMode = "none" | "starttls" | "tls";

  export type AuthMechanism =
    | "PLAIN"
    | "LOGIN"
    | "XOAUTH2"
    | "OAUTHBEARER"
    | "SCRAM-SHA-256"
    | "SCRAM-SHA-256-PLUS"
    | "EXTERNAL";

  /** Credentials. They are used over TLS only, and never shown in results, metrics or errors. */
  export interface Auth {
    mechanism: AuthMechanism;
    user?: string;
    password?: string;
    /** The bearer token of XOAUTH2 and OAUTHBEARER. */
    token?: string;
    /** Whom to act as; absent: the user. */
    identity?: string;
    /** For SCRAM-SHA-256-PLUS. Absent: tls-exporter with TLS 1.3, tls-server-end-point with TLS 1.2. */
    channelBinding?: "tls-exporter" | "tls-server-end-point";
  }

  /** Durations are milliseconds or texts such as "500ms", "30s", "2m". */
  export type Duration = number | string;

  export interface SessionOptions {
    host: string;
    port: number;
    /** No default: a script says whether content goes in clear text. */
    tls: TlsMode;
    /** PEM certificates that take the place of the system's roots. */
    ca?: string;
    /** The client's certificate and key in PEM. */
    cert?: string;
    key?: string;
    /** The name that the server's certificate must carry; default the host. */
    serverName?: string;
    minVersion?: "1.2" | "1.3";
    maxVersion?: "1.2" | "1.3";
    /** Resumes TLS sessions on later connections; default false: every connection is a full handshake. */
    resume?: boolean;
    auth?: Auth;
    /** The name said in EHLO; default "load.invalid". */
    localName?: string;
    /** Sends MAIL, RCPT and DATA together where the server offers PIPELINING; default true. */
    pipelining?: boolean;
    /** Sends messages with BDAT where the server offers CHUNKING; default false. */
    chunking?: boolean;
    /** The most connections that all VUs of this process open with these options; default 50. */
    sessions?: number;
    /** One connection for each message: the worst case. */
    connectPerMessage?: boolean;
    /** Ends a connection after so many messages; default no limit. */
    maxMessages?: number;
    /** Ends a connection that is older; default no limit. */
    maxAge?: Duration;
    /** Bounds everything from connecting to the last reply before MAIL; default 30 s. */
    connectTimeout?: Duration;
    /** Bounds one message from MAIL to the final reply; default 60 s. */
    timeout?: Duration;
    /** Bounds the wait for a free session; default 60 s. */
    waitTimeout?: Duration;
    /** The right side of the Message-ID; default "load.invalid". */
    messageIdDomain?: string;
    /** Also emits the Trends of the single phases. Each costs memory for every message. */
    phaseTrends?: boolean;
  }

  export interface Dsn {
    return?: "FULL" | "HDRS";
    envelopeId?: string;
    notify?: Array<"NEVER" | "SUCCESS" | "FAILURE" | "DELAY">;
    originalRecipient?: boolean;
  }

  export interface Attachment {
    name: string;
    type?: string;
    /** Octets before encoding, of synthetic content; or content of your own. */
    size?: number;
    content?: string | ArrayBuffer;
  }

  export interface Content {
    /** Exact size of each message in octets, header included. */
    size?: number;
    template?: "plain" | "transactional" | "marketing";
    /** Subject, text and html may hold {{sequence}}, {{run}}, {{recipient}}, {{givenName}}, {{familyName}}, {{city}}, {{date}}, {{code}}. */
    subject?: string;
    text?: string;
    html?: string;
    headers?: Record<string, string>;
    /** An https or mailto URL; it may hold placeholders. https adds List-Unsubscribe-Post. */
    listUnsubscribe?: string;
    attachments?: Attachment[];
    /** A whole message as text; Message-ID and stamp are replaced. Instead of all of the above. */
    data?: string | ArrayBuffer;
    /** The same, read from an .eml file with `open()`. */
    eml?: string | ArrayBuffer;
  }

  export interface Message extends Content {
    /** Absent or "": the null sender. */
    from?: string;
    to: string | string[];
    dsn?: Dsn;
    requireTls?: boolean;
  }

  export interface Batch extends Message {
    count: number;
  }

  /** Where a session or transaction was when it ended. */
  export type Phase =
    | "wait"
    | "connect"
    | "greeting"
    | "ehlo"
    | "starttls"
    | "tls"
    | "auth"
    | "rset"
    | "mail"
    | "rcpt"
    | "data"
    | "content"
    | "quit";

  export type FailureKind =
    | "refused"
    | "timeout"
    | "closed"
    | "connect"
    | "tls"
    | "certificate"
    | "injection"
    | "protocol"
    | "unsupported"
    | "interrupted";

  /** Milliseconds with fractions; 0 for a phase that did not happen. */
  export interface Timings {
    /** From the intended start of the iteration to the final reply. */
    submit: number;
    /** For a free session, connecting included where that was needed. */
    wait: number;
    connect: number;
    tls: number;
    auth: number;
    /** From MAIL to the final reply. */
    transaction: number;
    mail: number;
    rcpt: number;
    data: number;
    /** From the last octet of the message to the final reply. */
    accept: number;
  }

  export interface Tls {
    version: "1.2" | "1.3";
    cipher: string;
    keyExchange: string;
    resumed: boolean;
  }

  export interface RecipientReply {
    address: string;
    ok: boolean;
    code: number;
    enhanced: string;
    text: string;
  }

  /** What became of a message. A refusal is a value, not an exception. */
  export interface Reply {
    /** The server has accepted the message for every recipient. */
    ok: boolean;
    /** The final reply, or the one that ended the transaction; 0 where there was none. */
    code: number;
    enhanced: string;
    text: string;
    queueId: string;
    messageId: string;
    /** Where it ended: "content" for an accepted message. */
    phase: Phase;
    /** "" for an accepted message. */
    kind: FailureKind | "";
    /** Recipients for which the server has accepted the message. */
    accepted: number;
    recipients: RecipientReply[];
    /** Octets of the message; 0 when it was not sent. */
    size: number;
    timings: Timings;
    tls: Tls | null;
    /** The connection had carried a message before. */
    reused: boolean;
    /** Connections that had ended unseen and were replaced for this message. */
    reconnects: number;
  }

  export interface BatchFailure {
    phase: Phase;
    kind: FailureKind;
    code: number;
    enhanced: string;
    text: string;
    count: number;
  }

  export interface BatchReply {
    /** Every message was accepted for every recipient. */
    ok: boolean;
    attempted: number;
    accepted: number;
    failed: number;
    failures: BatchFailure[];
    /** Milliseconds of the whole call. */
    duration: number;
  }

  export interface Connection {
    ok: boolean;
    phase: Phase;
    kind: FailureKind | "";
    code: number;
    enhanced: string;
    text: string;
    extensions: {
      pipelining: boolean;
      chunking: boolean;
      startTls: boolean;
      eightBitMime: boolean;
      smtpUtf8: boolean;
      dsn: boolean;
      requireTls: boolean;
      size: number;
      auth: string[];
    } | null;
    tls: Tls | null;
    timings: { connect: number; tls: number; auth: number; setup: number };
  }

  /** A place in the pool of connections that all sessions with the same options share. */
  export class Session {
    constructor(options: SessionOptions);
    /** Sends one message. Throws for wrong arguments only. */
    send(message: Message): Reply;
    /** Sends many messages of one description over one connection. */
    sendBatch(batch: Batch): BatchReply;
    /** Opens a connection of its own, says what the server offers, and closes it. Nothing is counted. */
    connect(): Connection;
    /** Ends the idle connections of the pool. Meant for teardown(). */
    close(): void;
  }

  export interface Limit {
    /** Messages a second, and how many may come at once. */
    rate: number;
    burst?: number;
    /** What shares one bucket; default "all". */
    per?: "all" | "connection" | "client" | "sender" | "recipientDomain";
    /** What happens to a message beyond: a refusal at MAIL (421 also closes), or a wait; default 421. */
    action?: 421 | 451 | "wait";
  }

  export type FaultPhase = "greeting" | "ehlo" | "starttls" | "tls" | "auth" | "mail" | "rcpt" | "data" | "content";

  export interface Fault {
    /**
     * pause: nothing is read or answered. down: the port is closed and sessions are cut. drop: the message is
     * accepted and forgotten. duplicate: it is counted, then the connection is cut instead of an answer.
     * reply: `code`, `enhanced` and `text` are answered. delay: the answer comes later. disconnect: no answer.
     */
    kind: "pause" | "down" | "drop" | "duplicate" | "reply" | "delay" | "disconnect";
    /** Time from the start of the plan until the fault begins; default 0. */
    after?: Duration;
    /** How long it lasts; default for ever, and for pause and down it must be given. */
    for?: Duration;
    /** Every so manieth message or command only; default each. */
    every?: number;
    /** Of reply, delay and disconnect; default "content". */
    phase?: FaultPhase;
    /** Of reply. */
    code?: number;
    enhanced?: string;
    text?: string;
    /** Of delay. */
    delay?: Duration;
    /** Only recipients of this domain; for phase rcpt, and for drop. */
    recipientDomain?: string;
  }

  export interface SinkOptions {
    /** Where an own sink listens; "127.0.0.1:0" takes a free port. */
    listen?: string;
    /** The control address of a sink that runs as another process; instead of everything else. */
    control?: string;
    /** "none" offers no STARTTLS, "starttls" offers it, "required" refuses MAIL without, "tls" begins with it. */
    tls?: "none" | "starttls" | "required" | "tls";
    cert?: string;
    key?: string;
    /** Asks clients for a certificate of this authority. */
    clientCa?: string;
    /** Demanded from clients before MAIL. */
    auth?: { mechanisms: AuthMechanism[]; user: string; password?: string; token?: string };
    maxSessions?: number;
    /** Octets. */
    maxSize?: number;
    /** Extensions that are not offered. */
    withhold?: Array<"PIPELINING" | "CHUNKING" | "8BITMIME" | "SMTPUTF8" | "DSN" | "REQUIRETLS" | "SIZE">;
    limits?: Limit[];
    faults?: Fault[];
  }

  export interface Collected {
    accepted: number;
    delivered: number;
    lost: number;
    duplicated: number;
    /** Milliseconds that collect() waited for messages under way. */
    drained: number;
  }

  /** A server that takes messages, counts them and tells when they came. */
  export class Sink {
    constructor(options: SinkOptions);
    /** Starts it; in setup(). `ca` is the PEM certificate that a client needs. */
    start(): { host: string; port: number; ca: string };
    /** Replaces limits and faults; their time begins now. */
    plan(plan: { limits?: Limit[]; faults?: Fault[] }): void;
    /**
     * Waits until everything that was accepted has arrived, at most `drain` (default 30 s), and emits `smtp_e2e_*`.
     * In teardown(); `teardownTimeout` must be longer.
     */
    collect(options?: { drain?: Duration }): Collected;
    /** The sink's own report (README). */
    report(): unknown;
    stop(): void;
  }

  /** Everything that this process has measured, as JSON text (README). For handleSummary(). */
  export function report(): string;
}
