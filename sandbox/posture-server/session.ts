import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { SecureContext, TLSSocket } from "node:tls";
import { looksLikeTls } from "../wire/client-hello.ts";
import type { ConnectionRecord, Phase } from "../wire/record.ts";
import { answerCommand, answerLogIn, type Dialogue, greet, newDialogue, takeMessage } from "./dialogue.ts";
import { findEndOfMessage } from "./message-end.ts";
import type { Disconnect, ServerPlan } from "./plan.ts";
import { startTls } from "./upgrade.ts";

/** Counts that last over all connections of one server. */
export class ServerCounts {
  private readonly counts = new Map<string, number>();

  /** How often the key was asked for before. */
  next(key: string): number {
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    return count;
  }
}

/** A posture's own code; every hook is optional and sees one session. */
export interface SessionHooks {
  /** True when it answered the command itself. */
  command?(session: Session, verb: string, argument: string): boolean | Promise<boolean>;
  /** Called when the first TLS message of the sender is known. True when it took the connection over. */
  clientHello?(session: Session): boolean;
}

export interface SessionOptions {
  readonly plan: ServerPlan;
  readonly hooks: SessionHooks;
  readonly counts: ServerCounts;
  readonly record: ConnectionRecord;
  readonly context: SecureContext;
  /** TLS begins with the connection. */
  readonly implicitTls: boolean;
}

const longestLine = 64 * 1024;
const handshakeRecord = 22;

/** One connection of a posture server: reads, records and answers. */
export class Session {
  readonly plan: ServerPlan;
  readonly record: ConnectionRecord;
  readonly hooks: SessionHooks;
  readonly counts: ServerCounts;
  readonly context: SecureContext;
  readonly implicitTls: boolean;
  readonly dialogue: Dialogue = newDialogue();
  readonly socket: Socket;
  /** Set once TLS has begun; what the socket brings then goes here and no longer to `consume`. */
  records: ((bytes: Buffer) => void) | undefined;
  secure: TLSSocket | undefined;
  private input = Buffer.alloc(0);
  private reading = false;
  private more = false;
  private ended = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.socket = socket;
    this.plan = options.plan;
    this.record = options.record;
    this.hooks = options.hooks;
    this.counts = options.counts;
    this.context = options.context;
    this.implicitTls = options.implicitTls;
    socket.on("data", (bytes: Buffer) => {
      if (this.records === undefined) this.consume(bytes);
      else this.records(bytes);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => this.record.note(`connection error: ${error.code}`));
    socket.on("end", () => this.socket.end());
    socket.on("close", () => this.close());
  }

  async start(): Promise<void> {
    if (this.implicitTls) startTls(this);
    else await greet(this);
  }

  get layer(): "clear" | "tls" {
    return this.secure === undefined ? "clear" : "tls";
  }

  /** Bytes of the sender that wait to be read. */
  get pendingInput(): number {
    return this.input.length;
  }

  /** Takes decrypted bytes, or those of the socket before TLS. */
  consume(bytes: Buffer): void {
    this.input = Buffer.concat([this.input, bytes]);
    this.more = true;
    void this.read();
  }

  /** Records what was read but not obeyed, and forgets it. Gives what it was. */
  discardInput(): Buffer {
    const rest = this.input;
    this.record.segment("in", this.layer, "other", rest);
    this.input = Buffer.alloc(0);
    return rest;
  }

  /** Sends an answer; several lines are given as one text with `\r\n` between them. */
  async send(text: string, phase: Phase): Promise<void> {
    const bytes = Buffer.from(`${text}\r\n`, "latin1");
    this.record.segment("out", this.layer, phase, bytes);
    const slow = phase === "greeting" ? this.plan.slowGreeting : undefined;
    let sent = 0;
    if (slow !== undefined) {
      this.record.meet(`the greeting came byte by byte, one every ${slow.everyMs} ms`);
      for (; sent < Math.min(slow.bytes, bytes.length) && !this.ended; sent++) {
        this.write(bytes.subarray(sent, sent + 1));
        await pause(slow.everyMs);
      }
    }
    this.write(bytes.subarray(sent));
  }

  write(bytes: Buffer): void {
    const stream = this.secure ?? this.socket;
    if (stream.writable) stream.write(bytes);
  }

  /** Ends the connection: `close` in good order, `reset` without. */
  cut(how: Disconnect["how"]): void {
    if (this.ended) return;
    if (how === "reset") {
      this.record.note("the server reset the connection");
      this.socket.resetAndDestroy();
      return;
    }
    this.record.note("the server closed the connection");
    (this.secure ?? this.socket).end();
  }

  /** True when the plan ends the connection here; it is then ended. */
  disconnects(at: Disconnect["at"]): boolean {
    const { disconnect } = this.plan;
    if (disconnect === undefined || disconnect.at !== at || disconnect.in !== this.layer) return false;
    if (this.counts.next(`disconnect ${at}`) >= (disconnect.times ?? Number.POSITIVE_INFINITY)) return false;
    this.record.meet(`the connection ended at ${at} (${disconnect.how})`);
    this.cut(disconnect.how);
    return true;
  }

  private async read(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      // What comes while a step waits for nothing more is not to wait in turn.
      while (this.more) {
        this.more = false;
        while (!this.ended && (await this.step()));
      }
    } finally {
      this.reading = false;
    }
  }

  /** Reads one line, one TLS record or one message; false when more input is needed. */
  private async step(): Promise<boolean> {
    if (this.input.length === 0) return false;
    if (this.dialogue.state === "message") return await this.readMessage();
    if (this.layer === "clear" && looksLikeTls(this.input)) return await this.skipRecord();
    const end = this.input.indexOf(10);
    if (end === -1) {
      if (this.input.length > longestLine) this.cut("close");
      return false;
    }
    const line = this.take(end + 1);
    const text = line.toString("latin1").replace(/\r?\n$/, "");
    if (this.dialogue.state === "log-in") {
      this.record.segment("in", this.layer, "AUTH", line);
      await answerLogIn(this, text);
    } else {
      await answerCommand(this, text, line);
    }
    return true;
  }

  private take(count: number): Buffer {
    const taken = this.input.subarray(0, count);
    this.input = this.input.subarray(count);
    return taken;
  }

  /** TLS where clear text is spoken: recorded, and answered as a server does that expects lines. */
  private async skipRecord(): Promise<boolean> {
    if (this.input.length < 5) return false;
    const length = 5 + this.input.readUInt16BE(3);
    if (this.input.length < length) return false;
    const bytes = this.take(length);
    this.record.segment("in", "clear", "handshake", bytes);
    if (this.dialogue.commands === 0) this.record.meet(strayTls);
    if (bytes[0] === handshakeRecord) await this.send("500 5.5.2 Error: bad syntax", "other");
    return true;
  }

  private async readMessage(): Promise<boolean> {
    if (this.plan.disconnect?.at === "message" && this.disconnects("message")) {
      this.record.segment("in", this.layer, "message", this.take(this.input.length));
      return false;
    }
    const end = findEndOfMessage(this.input, this.plan.weaknesses?.endsAtBareDot === true);
    if (end === undefined) {
      if (this.input.length > 30 * 1024 * 1024) this.cut("close");
      return false;
    }
    const whole = this.take(end.next);
    this.record.segment("in", this.layer, "message", whole);
    await takeMessage(this, whole.subarray(0, end.content));
    return true;
  }

  private close(): void {
    if (this.ended) return;
    this.ended = true;
    const phase =
      this.dialogue.state === "message" ? "message" : this.dialogue.state === "log-in" ? "AUTH" : "other";
    this.record.segment("in", this.layer, phase, this.input);
    this.input = Buffer.alloc(0);
    this.record.closedAt = Date.now();
    this.secure?.destroy();
  }
}

/** The deviation that a sender meets which speaks TLS to a server that speaks clear text. */
export const strayTls = "clear text where the sender expected TLS";
