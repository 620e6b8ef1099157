import { messageOf, SandboxError } from "../../error.ts";
import { checkTarget } from "../../resources/owned-target.ts";
import type { SendContext, Sender, SendOrder, SendOutcome } from "../sender.ts";
import { Application } from "./application.ts";
import { nameOf } from "./name.ts";

export interface HttpSenderOptions {
  /** The application's own address that causes a mail. */
  readonly url: string;
  /** Default POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text with `{from}`, `{to}`, `{subject}` and `{body}`, filled in as JSON strings without quotes. Default: a JSON object of the four. */
  readonly body?: string;
  /** Command that starts the application, run by the shell; left out for one that runs already. */
  readonly start?: string;
  /** The port at which the application finds its mail server. */
  readonly smtpPort: number;
  /** What the application was told to log in with. */
  readonly user: string;
  readonly password: string;
  /** Hosts beside loopback that the user has listed as owned. */
  readonly owned?: readonly string[];
}

const defaultBody = '{"from":"{from}","to":"{to}","subject":"{subject}","body":"{body}"}';

function fill(template: string, { message }: SendOrder): string {
  const values: Readonly<Record<string, string>> = {
    from: message.from,
    to: message.to,
    subject: message.subject,
    body: message.body,
  };
  return template.replace(/\{(from|to|subject|body)\}/g, (_, name: string) =>
    JSON.stringify(values[name] ?? "").slice(1, -1),
  );
}

/** An application that sends mail when it is asked to over HTTP. Whether it keeps what it could not send is not seen. */
export function httpSender(options: HttpSenderOptions): Sender {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const text = `${nameOf(options.url)} is no address of an application: write http://host:port/path`;
    throw new SandboxError("usage", "bad-url", text);
  }
  const application = new Application();
  const requireOwned = async (): Promise<string> => {
    const target = await checkTarget(url.hostname.replace(/^\[|\]$/g, ""), options.owned);
    if (!target.owned) throw new SandboxError("usage", "target-not-owned", target.reason);
    return target.address;
  };
  return {
    kind: "http",
    name: nameOf(options.url),
    fixedPort: options.smtpPort,
    fixedLogIn: { user: options.user, password: options.password },
    async prepare(relay, signal) {
      const host = await requireOwned();
      const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
      if (options.start !== undefined) await application.start(options.start, relay, { host, port }, signal);
    },
    async send(order, context: SendContext): Promise<SendOutcome> {
      await requireOwned();
      const method = options.method ?? "POST";
      try {
        const response = await fetch(url, {
          method,
          headers: { "content-type": "application/json", ...options.headers },
          ...(method === "GET" || method === "HEAD"
            ? {}
            : { body: fill(options.body ?? defaultBody, order) }),
          redirect: "manual",
          signal: AbortSignal.any([context.signal, AbortSignal.timeout(context.timeoutMs)]),
        });
        const log = (await response.text()).slice(0, 256 * 1024);
        if (response.ok) return { ended: "unreported", reason: "", log };
        return { ended: "failed", reason: `the application answered HTTP ${response.status}`, log };
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const late = error instanceof Error && error.name === "TimeoutError";
        if (late)
          return {
            ended: "stopped",
            reason: `the application did not answer within ${context.timeoutMs / 1000} s`,
            log: "",
          };
        return {
          ended: "not-started",
          reason: `the application cannot be asked: ${messageOf(cause)}`,
          log: "",
        };
      }
    },
    ...(options.start === undefined ? {} : { logs: async () => application.log }),
    [Symbol.asyncDispose]: () => application[Symbol.asyncDispose](),
  };
}
