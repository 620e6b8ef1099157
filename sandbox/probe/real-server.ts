import type { Sandbox } from "../driver.ts";
import type { TemporaryFolder } from "../resources/temporary-folder.ts";
import type { Canaries } from "./canary.ts";
import { makeMessage } from "./message.ts";
import type { SendContext, Sender, TlsStart } from "./sender.ts";

/** For a message to get from the mail server to its mailbox. */
const arrivalMs = 5000;

export interface RealServerContext extends Pick<SendContext, "signal" | "timeoutMs"> {
  readonly canaries: Canaries;
  readonly folder: TemporaryFolder;
}

/**
 * Has a sender send a message to a real mail server: first where applications log in, then, for one that does not log
 * in, where other servers come.
 * @returns why none arrived; undefined where one did
 */
export async function refusedByRealServer(
  sandbox: Sandbox,
  sender: Sender,
  tls: TlsStart,
  { canaries, folder, signal, timeoutMs }: RealServerContext,
): Promise<string | undefined> {
  const { submission, smtps, mx, ca } = sandbox.connection;
  const { user, password } = submission;
  const services = tls === "implicit" ? [smtps] : [submission, mx];
  let complaint = "";
  for (const { host, port } of services) {
    if (signal.aborted) return "interrupted";
    const message = makeMessage(canaries, "control at a real server");
    const messageFile = await folder.write(`real-server-${port}.eml`, message.raw);
    const order = { host, port, user, password, ca, message, before: [], via: undefined, messageFile, tls };
    // No connection of a server in a container is seen; only a sender of a fixed port asks for it.
    const served = (): Promise<boolean> => Promise.resolve(false);
    const { ended, reason } = await sender.send(order, { timeoutMs, signal, served });
    const waiting = { timeoutMs: ended === "failed" ? 0 : arrivalMs, signal };
    const arrived = await sandbox.mailbox.wait({ to: message.to }, waiting).then(
      () => true,
      () => false,
    );
    if (arrived) return undefined;
    if (complaint === "") complaint = reason;
  }
  return `no message arrived${complaint === "" ? "" : `: ${complaint}`}`;
}
