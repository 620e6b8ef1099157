import { isIP, Socket } from "node:net";
import { isLoopback } from "../../resources/owned-target.ts";

/** What `connectToLoopbackOnly` does, for the report. */
export const refused = "connections of the module to other machines are refused";

interface Destination {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  /** A socket of this machine. */
  readonly path?: string | undefined;
}

/** Reads what `Socket.connect` was called with; Node itself puts the words of a caller into a list of their own. */
function destinationOf(words: readonly unknown[]): Destination {
  const [first, second] = (Array.isArray(words[0]) ? words[0] : words) as readonly unknown[];
  if (typeof first === "object" && first !== null) return first;
  if (typeof first === "string" && !/^\d+$/.test(first)) return { path: first };
  return { port: first as number | string, host: typeof second === "string" ? second : undefined };
}

function staysHere({ host = "localhost", path }: Destination): boolean {
  if (path !== undefined || host.toLowerCase() === "localhost") return true;
  return isIP(host) !== 0 && isLoopback(host);
}

/**
 * From here on this process opens connections to the loopback interface only; any other fails with the reason. A module
 * under test brings the addresses of real servers along, and what a probe sends must not get there.
 */
export function connectToLoopbackOnly(): void {
  const connect = Socket.prototype.connect as (...words: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...words: unknown[]): Socket {
    const destination = destinationOf(words);
    if (staysHere(destination)) return connect.apply(this, words);
    const address = [destination.host, destination.port].filter((part) => part !== undefined).join(":");
    const error = new Error(
      `a connection to ${address} was refused: what a probe sends stays on this machine. Send to order.smtp.host, or to HIPAA_CHECK_SMTP_HOST`,
    );
    process.nextTick(() => this.destroy(error));
    return this;
  };
}
