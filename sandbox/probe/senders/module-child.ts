import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../error.ts";

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

interface Transport {
  sendMail(message: object): Promise<unknown>;
  close?(): void;
}

type Send = (order: ModuleOrder) => unknown;

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

/** What the module offers to send with. */
function senderIn(module: Record<string, unknown>): Transport | Send | undefined {
  const fallback = module.default as Record<string, unknown> | undefined;
  const found = [module.send, module.transport, fallback, fallback?.send, fallback?.transport];
  return found.find((value) => typeof value === "function" || isTransport(value)) as
    | Transport
    | Send
    | undefined;
}

/** Loads a user's module and sends one message with it. Gives the exit status: 0 when the module reports success. */
export async function sendByModule(file: string): Promise<number> {
  try {
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const sender = senderIn(module);
    if (sender === undefined) {
      process.stderr.write(
        "error: the module exports neither a nodemailer transport nor a function `send`\n",
      );
      return 127;
    }
    const order = await readOrder();
    if (typeof sender === "function") {
      await sender(order);
      return 0;
    }
    const { from, to, subject, body, headers, attachments } = order;
    await sender.sendMail({ from, to, subject, text: body, headers, attachments });
    sender.close?.();
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return 1;
  }
}
