import { hasLoopback6 } from "../../resources/listen.ts";
import type { SendContext, Sender, SendOrder, SendOutcome } from "../sender.ts";
import { NoReply, type Reply, SmtpClient } from "./smtp-client.ts";

/** Milliseconds for an answer in the first try, and in the fall-back to clear text. */
const hurry = 2000;
const leisure = 10_000;
const longestGreeting = 50;

/** What a careless client accepts of TLS: everything. */
const anyTls = {
  rejectUnauthorized: false,
  checkServerIdentity: () => undefined,
  minVersion: "TLSv1",
  ciphers: "ALL:eNULL:aNULL:@SECLEVEL=0",
} as const;

class Refused extends Error {
  readonly code: number;

  constructor(reply: Reply) {
    super(`${reply.code} ${reply.lines[0] ?? ""}`);
    this.code = reply.code;
  }
}

async function expectOk(reply: Reply | Promise<Reply>): Promise<Reply> {
  const answer = await reply;
  if (answer.code >= 400) throw new Refused(answer);
  return answer;
}

function secret({ user, password }: SendOrder): string {
  return Buffer.from(`\0${user}\0${password}`).toString("base64");
}

async function hello(client: SmtpClient, patience: number): Promise<Reply> {
  const reply = await client.ask("EHLO careless.sender.test", patience);
  return reply.code < 400 ? reply : await expectOk(client.ask("HELO careless.sender.test", patience));
}

/** Begins TLS where it is plainly offered; goes on in clear text where it is refused. */
async function tryTls(client: SmtpClient, capabilities: Reply): Promise<void> {
  if (!capabilities.lines.includes("STARTTLS")) return;
  const answer = await client.ask("STARTTLS", hurry);
  if (answer.code !== 220) return;
  // What came with the answer is kept, as if it had come under TLS.
  await client.upgrade(anyTls, hurry, false);
  await hello(client, hurry);
}

async function deliver(
  client: SmtpClient,
  { from, to, message }: { readonly from: string; readonly to: string; readonly message: Buffer },
  patience: number,
): Promise<void> {
  await expectOk(client.ask(`MAIL FROM:<${from}>`, patience));
  await expectOk(client.ask(`RCPT TO:<${to}>`, patience));
  await expectOk(client.ask("DATA", patience));
  client.write(message);
  await expectOk(client.ask("\r\n.", patience));
}

/** One try. In the fall-back nothing is asked about TLS. */
async function attempt(order: SendOrder, host: string, fallBack: boolean): Promise<void> {
  const patience = fallBack ? leisure : hurry;
  const implicit = order.tls === "implicit" && !fallBack;
  const client = implicit
    ? await SmtpClient.openTls(host, order.port, anyTls, patience)
    : await SmtpClient.open(host, order.port, patience);
  try {
    await expectOk(client.reply(patience, fallBack ? undefined : longestGreeting));
    const capabilities = await hello(client, patience);
    const logsIn = capabilities.lines.some((line) => line.startsWith("AUTH"));
    if (logsIn || fallBack) await client.ask(`AUTH PLAIN ${secret(order)}`, patience);
    if (!fallBack && !implicit) await tryTls(client, capabilities);
    if (client.tls !== undefined && !implicit) await client.ask(`AUTH PLAIN ${secret(order)}`, patience);
    const { from, to, raw } = order.message;
    await deliver(client, { from, to, message: raw }, patience);
    await client.ask("QUIT", patience);
  } finally {
    client.close();
  }
}

/** Tells the sender of a refused message about it, with all of it, in clear text. */
async function bounce(order: SendOrder, host: string): Promise<void> {
  const client = await SmtpClient.open(host, order.port, hurry);
  try {
    await client.reply(hurry);
    await hello(client, hurry);
    const report = `From: <>\r\nSubject: Undelivered mail\r\n\r\n${order.message.raw.toString("latin1")}`;
    await deliver(
      client,
      { from: "", to: order.message.from, message: Buffer.from(report, "latin1") },
      hurry,
    );
  } finally {
    client.close();
  }
}

/**
 * The sender that every negative control uses. It wants TLS where it is offered, believes everything, and falls back
 * to clear text at the least trouble. A posture in which it is not caught proves nothing.
 */
export class CarelessSender implements Sender {
  readonly kind = "smtp";
  readonly name = "the careless sender of the controls";

  async send(order: SendOrder, { signal }: SendContext): Promise<SendOutcome> {
    const hosts = order.host === "localhost" && hasLoopback6() ? ["::1", "127.0.0.1"] : [order.host];
    let reason = "";
    for (const host of hosts) {
      for (const fallBack of [false, true]) {
        if (signal.aborted) return { ended: "stopped", reason: "interrupted", log: "" };
        try {
          await attempt(order, host, fallBack);
          return { ended: "sent", reason: "", log: "" };
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
          if (error instanceof Refused && error.code >= 500) await bounce(order, host).catch(() => undefined);
          else if (!(error instanceof NoReply) && !(error instanceof Refused)) throw error;
        }
      }
    }
    return { ended: "failed", reason, log: "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}
