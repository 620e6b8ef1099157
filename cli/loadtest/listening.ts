import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type HttpTarget, targetUnusable } from "#loadtests/index.ts";

const longestMs = 10_000;

/**
 * Opens one connection to an API and closes it, so that what cannot be reached is said before anything is measured. No request
 * is sent: it would cause mail.
 * @throws LoadTestError
 */
export async function requireListening(
  { url, ca }: HttpTarget,
  { host, address, port }: { readonly host: string; readonly address: string; readonly port: number },
): Promise<void> {
  const isTls = new URL(url).protocol === "https:";
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(targetUnusable(`${url}: ${why}`));
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket: Socket = isTls
      ? connectTls({ host: address, port, ...servername, ...(ca === undefined ? {} : { ca }) })
      : connectTcp({ host: address, port });
    socket.setTimeout(longestMs, () => {
      fail(`no answer within ${longestMs / 1000} seconds`);
      socket.destroy();
    });
    socket.on("error", ({ message }) => fail(message));
    socket.on(isTls ? "secureConnect" : "connect", () => {
      resolve();
      socket.destroy();
    });
  });
}
