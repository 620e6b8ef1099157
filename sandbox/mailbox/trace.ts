/** The TLS state of the connection that brought a message. */
export interface MailTls {
  /** As OpenSSL writes it: `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
}

/** Who logged in to send a message. */
export interface MailAuthentication {
  readonly user: string;
}

export interface Trace {
  readonly tls: MailTls | null;
  readonly auth: MailAuthentication | null;
}

/** What a server knows of a connection when it accepts a message. */
export interface TraceSource extends Trace {
  readonly helo: string;
  readonly address: string;
  /** `ESMTPSA` and its like (RFC 3848). */
  readonly protocol: string;
  readonly host: string;
  readonly id: string;
  readonly recipients: readonly string[];
}

function clean(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?").slice(0, 255);
}

/** The `Received` header of an accepted message, in the form that Postfix writes; ends with a line break. */
export function writeTrace(source: TraceSource): string {
  const { tls, auth, recipients } = source;
  const [only, ...more] = recipients;
  return [
    `Received: from ${clean(source.helo)} ([${source.address}])`,
    ...(tls === null ? [] : [`\t(using ${tls.version} with cipher ${tls.cipher})`]),
    ...(auth === null ? [] : [`\t(Authenticated sender: ${clean(auth.user)})`]),
    `\tby ${source.host} (hipaa-check sandbox) with ${source.protocol} id ${source.id}`,
    ...(only === undefined || more.length > 0 ? [] : [`\tfor <${clean(only)}>`]),
  ]
    .join("\r\n")
    .concat(`; ${new Date().toUTCString().replace("GMT", "+0000")}\r\n`);
}

/** The header of a message with folded lines joined, one field each. */
export function headerFields(raw: Buffer): string[] {
  const end = raw.indexOf("\r\n\r\n");
  const head = (end === -1 ? raw : raw.subarray(0, end)).toString("latin1");
  return head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
}

/**
 * TLS and log-in state from the first `Received` header that a real MTA wrote. The ones below it were written by
 * the sender and prove nothing; the one that Mailpit puts on top tells of its own hop.
 */
export function readTrace(raw: Buffer): Trace {
  const field = headerFields(raw).find((line) => /^received:/i.test(line) && !/\(Mailpit\)/.test(line)) ?? "";
  const tls = /\(using (\S+) with cipher ([^\s)]+)/.exec(field);
  const auth = /\(Authenticated sender: ([^)]*)\)/.exec(field);
  return {
    tls: tls === null ? null : { version: tls[1] ?? "", cipher: tls[2] ?? "" },
    auth: auth === null ? null : { user: auth[1] ?? "" },
  };
}
