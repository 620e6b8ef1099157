import { createConnection, type Socket } from "node:net";
import type { AttachedProcess } from "../containers/container.ts";
import { SandboxError } from "../error.ts";

/** Where on this machine a connection is led to. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

const headerSize = 9;

/** Kinds of frames; `sandbox/images/network/tunnel` has the other end. */
const kinds = {
  listen: "L",
  listening: "l",
  refused: "x",
  opened: "O",
  data: "D",
  end: "E",
  reset: "R",
} as const;

/** Where connections go now; undefined: nowhere, and they are reset. */
export type Lead = () => TunnelTarget | undefined;

interface Listener {
  readonly lead: Lead;
  readonly settle: (result: number | SandboxError) => void;
}

/**
 * Leads connections out of a network that has no way out: the program in the network accepts them, this end opens
 * one for each to a server on this machine. How a connection ends, in good order or by a reset, is passed on.
 */
export class Tunnel {
  private readonly process: AttachedProcess;
  private readonly listeners = new Map<number, Listener>();
  private readonly sockets = new Map<number, Socket>();
  private nextListener = 0;
  private input = Buffer.alloc(0);

  /** @param process the tunnel program, just started */
  constructor(process: AttachedProcess) {
    this.process = process;
    process.output.on("data", (chunk: Buffer) => this.take(chunk));
    void process.ended.then(() => this.fail());
  }

  /**
   * Accepts connections at an address of the network, for as long as it lasts.
   * @returns the port, a free one
   * @throws SandboxError when the network refuses
   */
  async accept(address: string, lead: Lead): Promise<number> {
    const id = ++this.nextListener;
    const where = address.includes(":") ? `[${address}]:0` : `${address}:0`;
    return await new Promise((resolve, reject) => {
      const settle: Listener["settle"] = (result) =>
        typeof result === "number" ? resolve(result) : reject(result);
      this.listeners.set(id, { lead, settle });
      this.send(kinds.listen, id, Buffer.from(where));
    });
  }

  /** Resets every connection that is open. */
  cut(): void {
    for (const [id, socket] of this.sockets) {
      this.send(kinds.reset, id);
      socket.resetAndDestroy();
    }
  }

  private send(kind: string, id: number, content: Buffer = Buffer.alloc(0)): void {
    const header = Buffer.alloc(headerSize);
    header.write(kind, 0, "latin1");
    header.writeUInt32BE(id, 1);
    header.writeUInt32BE(content.length, 5);
    if (this.process.input.writable) this.process.input.write(Buffer.concat([header, content]));
  }

  private take(chunk: Buffer): void {
    this.input = Buffer.concat([this.input, chunk]);
    while (this.input.length >= headerSize) {
      const size = headerSize + this.input.readUInt32BE(5);
      if (this.input.length < size) return;
      const kind = this.input.toString("latin1", 0, 1);
      const id = this.input.readUInt32BE(1);
      const content = Buffer.from(this.input.subarray(headerSize, size));
      this.input = this.input.subarray(size);
      this.obey(kind, id, content);
    }
  }

  private obey(kind: string, id: number, content: Buffer): void {
    const socket = this.sockets.get(id);
    if (kind === kinds.listening)
      this.listeners.get(id)?.settle(Number(/\d+$/.exec(content.toString())?.[0]));
    else if (kind === kinds.refused) {
      const text = `the network of the run refuses to listen: ${content.toString()}`;
      this.listeners.get(id)?.settle(new SandboxError("environment", "network-failed", text));
      this.listeners.delete(id);
    } else if (kind === kinds.opened) {
      const target = this.listeners.get(content.readUInt32BE(0))?.lead();
      if (target === undefined) this.send(kinds.reset, id);
      else this.open(id, target);
    } else if (kind === kinds.data) socket?.write(content);
    else if (kind === kinds.end) socket?.end();
    else if (kind === kinds.reset) socket?.resetAndDestroy();
  }

  private open(id: number, target: TunnelTarget): void {
    const socket = createConnection({ ...target, allowHalfOpen: true, noDelay: true });
    this.sockets.set(id, socket);
    socket.on("data", (bytes: Buffer) => this.send(kinds.data, id, bytes));
    socket.on("end", () => this.send(kinds.end, id));
    socket.on("close", (failed) => {
      this.sockets.delete(id);
      this.send(failed ? kinds.reset : kinds.end, id);
    });
    socket.on("error", () => undefined);
  }

  /** The network is gone. */
  private fail(): void {
    const failure = new SandboxError("environment", "network-failed", "the network of the run has ended");
    for (const { settle } of this.listeners.values()) settle(failure);
    for (const socket of this.sockets.values()) socket.destroy();
  }
}
