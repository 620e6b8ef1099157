import { timingSafeEqual } from "node:crypto";
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerOptions,
  type SMTPServerSession,
} from "smtp-server";
import { writeTrace } from "../mailbox/trace.ts";
import type { Credential } from "../pki/authority.ts";
import { loopbackAddress, portError } from "../resources/listen.ts";

/** The three services of a mail server. */
export type Service = "submission" | "smtps" | "mx";

export interface MailServerOptions {
  readonly service: Service;
  readonly credential: Credential;
  readonly user: string;
  readonly password: string;
  /** Takes over what was accepted. */
  readonly store: {
    add(mail: { readonly from: string; readonly to: readonly string[]; readonly raw: Buffer }): {
      readonly id: string;
    };
  };
  /** Default: a free one. */
  readonly port?: number;
}

export interface MailServer extends AsyncDisposable {
  readonly port: number;
}

const hostName = "localhost";
const largestMessage = 25 * 1024 * 1024;

/** Domains that nobody owns (RFC 2606, RFC 6761); `invalid` is left to those who look for an open relay. */
const ownDomains = /(^|\.)(example|test|localhost)$|(^|\.)example\.(com|net|org)$/i;

class Refusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function trace(session: SMTPServerSession, recipients: readonly string[]): string {
  const cipher = session.tlsOptions;
  return writeTrace({
    helo: session.hostNameAppearsAs || "unknown",
    address: session.remoteAddress,
    tls: cipher === false || !session.secure ? null : { version: cipher.version, cipher: cipher.name },
    auth: typeof session.user === "string" ? { user: session.user } : null,
    protocol: session.transmissionType,
    host: hostName,
    id: session.id,
    recipients,
  });
}

function optionsFor(options: MailServerOptions): SMTPServerOptions {
  const { service, credential, store } = options;
  return {
    secure: service === "smtps",
    name: hostName,
    banner: "hipaa-check sandbox",
    size: largestMessage,
    rejectOversized: true,
    logger: false,
    disableReverseLookup: true,
    cert: credential.certificate,
    key: credential.key,
    minVersion: "TLSv1.2",
    closeTimeout: 200,
    authOptional: service === "mx",
    authMethods: ["PLAIN", "LOGIN"],
    onConnect(session, callback) {
      // The library offers a log-in before TLS, which it then refuses: too late for the password.
      session.disabledCommands = session.secure && service !== "mx" ? [] : ["AUTH"];
      callback();
    },
    onSecure(_socket, session, callback) {
      session.disabledCommands = service === "mx" ? ["AUTH"] : [];
      callback();
    },
    onMailFrom(_address, session, callback) {
      const early = service !== "mx" && !session.secure;
      callback(early ? new Refusal(530, "5.7.0 Must issue a STARTTLS command first") : null);
    },
    onAuth(auth, _session, callback) {
      const right = same(auth.username ?? "", options.user) && same(auth.password ?? "", options.password);
      if (right) callback(null, { user: options.user });
      else
        callback(
          new Refusal(535, "5.7.8 Authentication failed: use the user and password that the sandbox printed"),
        );
    },
    onRcptTo(address: SMTPServerAddress, _session, callback) {
      const domain = address.address.slice(address.address.lastIndexOf("@") + 1);
      const relayed = service === "mx" && !ownDomains.test(domain);
      callback(
        relayed
          ? new Refusal(554, "5.7.1 Relay access denied: the sandbox takes mail for reserved domains only")
          : null,
      );
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", callback);
      stream.on("end", () => {
        if (stream.sizeExceeded) return callback(new Refusal(552, "5.3.4 Message too big"));
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const from = mailFrom === false ? "" : mailFrom.address;
        const mail = store.add({
          from,
          to,
          raw: Buffer.concat([Buffer.from(trace(session, to)), ...chunks]),
        });
        return callback(null, `2.0.0 Ok: queued as ${mail.id}`);
      });
    },
  };
}

/** Starts one service on the loopback address. @throws SandboxError when the port cannot be used */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const server = new SMTPServer(optionsFor(options));
  const wanted = options.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => reject(portError(error, loopbackAddress, wanted));
    server.once("error", fail);
    server.listen({ host: loopbackAddress, port: wanted, exclusive: true }, () => {
      server.off("error", fail);
      // What goes wrong on one connection is that client's affair.
      server.on("error", () => undefined);
      resolve();
    });
  });
  const address = server.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : wanted,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
