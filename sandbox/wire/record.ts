import type { CertificateName } from "../pki/certificate.ts";
import type { ClientHello } from "./client-hello.ts";

/** Where in the dialogue bytes were sent. `message` is the content between DATA and the final dot. */
export const phases = [
  "greeting",
  "EHLO",
  "STARTTLS",
  "handshake",
  "AUTH",
  "MAIL",
  "RCPT",
  "DATA",
  "message",
  "RSET",
  "QUIT",
  "other",
] as const;

export type Phase = (typeof phases)[number];

/**
 * Through what bytes went: `clear` text on the socket, `tls` (decrypted by the server), or `record` (the TLS records
 * themselves as they were on the socket).
 */
export type Layer = "clear" | "tls" | "record";

export interface Segment {
  readonly kind: "segment";
  /** Milliseconds since the connection was opened. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly layer: Layer;
  readonly phase: Phase;
  readonly bytes: Buffer;
}

/** Something that happened and is no bytes: a completed handshake, a reset. */
export interface WireNote {
  readonly kind: "note";
  readonly at: number;
  readonly text: string;
}

/** The TLS session that was agreed on. */
export interface TlsSession {
  readonly version: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** What the server showed; null for anonymous suites. */
  readonly certificate: CertificateName | null;
  readonly clientCertificateRequested: boolean;
}

/** A message as the server got it. */
export interface ReceivedMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly layer: "clear" | "tls";
  /** Without the final dot, dots unstuffed. */
  readonly content: Buffer;
  /** The server said that it took the message over. */
  readonly accepted: boolean;
}

/** Everything that one connection showed. Filled while it lasts. */
export class ConnectionRecord {
  readonly id: number;
  /** The server's own address on which it came in. */
  readonly address: string;
  readonly openedAt = Date.now();
  readonly entries: (Segment | WireNote)[] = [];
  readonly messages: ReceivedMessage[] = [];
  closedAt: number | undefined;
  lastAt = this.openedAt;
  tls: TlsSession | undefined;
  clientHello: ClientHello | undefined;
  /** Data of an AUTH exchange arrived, in whichever layer. */
  authentication: string | undefined;
  /** Why this connection cannot decide the posture, where it cannot. */
  undecided: string | undefined;
  /** More arrived than is recorded. */
  truncated = false;
  /** How the server departed from a good one, in the order in which the sender met it. */
  readonly met: string[] = [];
  /** What a posture's own code found on the wire: what makes the delivery unsafe although it was encrypted. */
  readonly findings: string[] = [];
  private size = 0;

  constructor(id: number, address: string) {
    this.id = id;
    this.address = address;
  }

  segment(direction: Segment["direction"], layer: Layer, phase: Phase, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.lastAt = Date.now();
    this.size += bytes.length;
    if (this.size > largestRecord) {
      this.truncated = true;
      return;
    }
    this.entries.push({ kind: "segment", at: this.lastAt - this.openedAt, direction, layer, phase, bytes });
  }

  note(text: string): void {
    this.lastAt = Date.now();
    this.entries.push({ kind: "note", at: this.lastAt - this.openedAt, text });
  }

  meet(deviation: string): void {
    if (!this.met.includes(deviation)) this.met.push(deviation);
  }

  /** What the sender sent in one layer, in order. */
  received(layer: Layer): Segment[] {
    return this.entries.filter(
      (entry): entry is Segment =>
        entry.kind === "segment" && entry.direction === "in" && entry.layer === layer,
    );
  }
}

/** Bytes that are recorded of one connection. */
export const largestRecord = 32 * 1024 * 1024;
