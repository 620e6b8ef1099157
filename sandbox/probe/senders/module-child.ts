import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../error.ts";
import { connectToLoopbackOnly } from "./loopback-only.ts";
import { pointTransport, type Transport } from "./transport.ts";

/** What the `send` function of a user's module is given. */
export interface ModuleOrder {
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    /** The certificate authority to trust, PEM. */
    readonly ca: string;
  };
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly filename: string; readonly content: string }[];
  /** File with the ready message. */
  readonly message: string;
}

type Send = (order: ModuleOrder) => unknown;

/** The exit status by which a shell says that it found no such program. */
const notStarted = 127;

function variable(name: string): string {
  return process.env[`HIPAA_CHECK_${name}`] ?? "";
}

async function readOrder(): Promise<ModuleOrder> {
  const { headers, attachment } = JSON.parse(variable("EXTRAS")) as {
    headers: Record<string, string>;
    attachment: { name: string; content: string };
  };
  return {
    smtp: {
      host: variable("SMTP_HOST"),
      port: Number(variable("SMTP_PORT")),
      user: variable("SMTP_USER"),
      password: variable("SMTP_PASSWORD"),
      ca: await readFile(variable("SMTP_CA"), "utf8"),
    },
    from: variable("FROM"),
    to: variable("TO"),
    subject: variable("SUBJECT"),
    body: variable("BODY"),
    headers,
    attachments: [{ filename: attachment.name, content: attachment.content }],
    message: variable("MESSAGE"),
  };
}

function isTransport(value: unknown): value is Transport {
  return typeof value === "object" && value !== null && typeof (value as Transport).sendMail === "function";
}

/**
 * What the module offers to send with: `send`, `transport`, the default export, or the one transport that it exports
 * under a name of its own.
 * @throws Error when there is none, or more than one
 */
function senderIn(module: Record<string, unknown>): Transport | Send {
  const fallback = module.default as Record<string, unknown> | undefined;
  const found = [module.send, module.transport, fallback, fallback?.send, fallback?.transport];
  const sender = found.find((value) => typeof value === "function" || isTransport(value));
  if (sender !== undefined) return sender as Transport | Send;
  const names = Object.keys(module).filter((name) => isTransport(module[name]));
  const [name, ...more] = names;
  if (name === undefined)
    throw new Error("the module exports neither a nodemailer transport nor a function `send`");
  if (more.length > 0)
    throw new Error(
      `the module exports several transports, ${names.join(" and ")}: give one that exports the one to test as \`transport\``,
    );
  return module[name] as Transport;
}

/** Loads a user's module and sends one message with it. Gives the exit status: 0 when the module reports success. */
export async function sendByModule(file: string): Promise<number> {
  let sender: Transport | Send;
  connectToLoopbackOnly();
  try {
    sender = senderIn((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return notStarted;
  }
  try {
    const order = await readOrder();
    if (typeof sender === "function") {
      await sender(order);
      return 0;
    }
    pointTransport(sender, order.smtp);
    const { from, to, subject, body, headers, attachments } = order;
    await sender.sendMail({ from, to, subject, text: body, headers, attachments });
    sender.close?.();
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return 1;
  }
}
