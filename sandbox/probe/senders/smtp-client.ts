import { connect as connectSocket, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";

export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A reply that did not come: closed, reset, too late, unreadable. */
export class NoReply extends Error {}

/** The little of an SMTP client that the controls and the checks of receiving servers need. Sends what it is told. */
export class SmtpClient {
  private socket: Socket | TLSSocket;
  private input = "";
  private failure: string | undefined;
  private wake: () => void = () => undefined;

  private constructor(socket: Socket | TLSSocket) {
    this.socket = socket;
    this.attach(socket);
  }

  /** @throws NoReply */
  static async open(host: string, port: number, timeoutMs: number): Promise<SmtpClient> {
    const socket = connectSocket({ host, port });
    await settled(socket, "connect", timeoutMs);
    return new SmtpClient(socket);
  }

  /** @throws NoReply */
  static async openTls(
    host: string,
    port: number,
    options: ConnectionOptions,
    timeoutMs: number,
  ): Promise<SmtpClient> {
    const socket = connectTls({ host, port, ...options });
    await settled(socket, "secureConnect", timeoutMs);
    return new SmtpClient(socket);
  }

  get tls(): TLSSocket | undefined {
    return "getCipher" in this.socket ? this.socket : undefined;
  }

  /** What was received and not read yet. */
  get pending(): string {
    return this.input;
  }

  /** Begins TLS on the open connection. What was received before stays readable unless it is dropped. @throws NoReply */
  async upgrade(options: ConnectionOptions, timeoutMs: number, dropPending = true): Promise<void> {
    if (dropPending) this.input = "";
    this.socket.removeAllListeners("data");
    const secure = connectTls({ ...options, socket: this.socket });
    await settled(secure, "secureConnect", timeoutMs);
    this.socket = secure;
    this.attach(secure);
  }

  /** Gives the plain socket away; the client is of no use afterwards. */
  release(): Socket {
    this.socket.removeAllListeners();
    return this.socket;
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends a line and reads the answer. @throws NoReply */
  async ask(line: string, timeoutMs: number): Promise<Reply> {
    this.write(`${line}\r\n`);
    return await this.reply(timeoutMs);
  }

  /** The next answer, of at most `largest` lines. @throws NoReply */
  async reply(timeoutMs: number, largest = Number.POSITIVE_INFINITY): Promise<Reply> {
    const end = Date.now() + timeoutMs;
    const lines: string[] = [];
    for (;;) {
      const line = await this.line(end);
      lines.push(line.slice(4));
      if (lines.length > largest) throw new NoReply("the answer does not end");
      if (!/^\d{3}([ -]|$)/.test(line)) throw new NoReply("the answer is no SMTP");
      if (line[3] !== "-") return { code: Number(line.slice(0, 3)), lines };
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async line(end: number): Promise<string> {
    for (;;) {
      const at = this.input.indexOf("\n");
      if (at !== -1) {
        const line = this.input.slice(0, at).replace(/\r$/, "");
        this.input = this.input.slice(at + 1);
        return line;
      }
      if (this.failure !== undefined) throw new NoReply(this.failure);
      const left = end - Date.now();
      if (left <= 0) throw new NoReply("no answer in time");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private attach(socket: Socket | TLSSocket): void {
    socket.on("data", (bytes: Buffer) => {
      this.input += bytes.toString("latin1");
      this.wake();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure = error.code ?? error.message;
      this.wake();
    });
    socket.on("close", () => {
      this.failure ??= "the connection was closed";
      this.wake();
    });
  }
}

function settled(
  socket: Socket | TLSSocket,
  event: "connect" | "secureConnect",
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new NoReply(why));
    };
    const timer = setTimeout(() => fail("no answer in time"), timeoutMs);
    const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
    const onClose = (): void => fail("the connection was closed");
    socket.on("error", onError);
    socket.once("close", onClose);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("close", onClose);
      resolve();
    });
  });
}
