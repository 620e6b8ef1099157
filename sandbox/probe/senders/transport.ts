/** A nodemailer transporter, as far as it is used here. */
export interface Transport {
  sendMail(message: object): Promise<unknown>;
  close?(): void;
  /** What sends; its options are read anew for each connection. */
  readonly transporter?: {
    readonly name?: string;
    readonly options?: Record<string, unknown>;
    auth?: unknown;
    getAuth?(message: object): unknown;
  };
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The certificate authority to trust, PEM. */
  readonly ca: string;
}

/** What `pointTransport` changes, for the report. */
export const pointed =
  "a nodemailer transport that the module exports is pointed at the sandbox: host, port, user, password, server name and trusted authority";

/** The port at which nodemailer begins TLS with the connection, unless it is told otherwise. */
const submissionsPort = 465;

/**
 * Has a transport that was made for some server send to another one. When it encrypts, what it demands of TLS and whether
 * it logs in stays as it is.
 * @throws Error when it does not speak SMTP
 */
export function pointTransport(transport: Transport, { host, port, user, password, ca }: Destination): void {
  const { transporter } = transport;
  const options = transporter?.options;
  if (options === undefined || transporter?.name?.startsWith("SMTP") !== true)
    throw new Error("the transport does not send by SMTP: export a function `send` in its place");
  options.secure ??= Number(options.port) === submissionsPort;
  Object.assign(options, { host, port });
  delete options.servername;
  options.tls = { ...(options.tls as object | undefined), ca, servername: undefined };
  const auth = options.auth as Record<string, unknown> | undefined;
  if (auth === undefined) return;
  options.auth = { ...auth, user, pass: password };
  transporter.auth = transporter.getAuth?.({});
}
