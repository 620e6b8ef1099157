import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/**
 * Stands between a socket and the TLS engine, so that every record is seen on its way. The engine works on this
 * stream; what arrives on the socket is handed in with `feed`.
 */
export class TlsBridge extends Duplex {
  private readonly socket: Socket;
  private readonly seen: (bytes: Buffer) => void;

  /** @param seen is called with what the engine sends, before it is sent */
  constructor(socket: Socket, seen: (bytes: Buffer) => void) {
    super({ allowHalfOpen: true });
    this.socket = socket;
    this.seen = seen;
  }

  feed(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }

  /** The other side sends nothing more. */
  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    // Data comes when the socket has some.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.seen(bytes);
    if (this.socket.writable) this.socket.write(bytes, () => done());
    else done();
  }

  override _final(done: () => void): void {
    this.socket.end(() => done());
  }
}
