export type DriverName = "containers" | "in-process";

export interface Endpoint {
  /** An address or `localhost`; it stands in the server's certificate. */
  readonly host: string;
  readonly port: number;
}

export interface AuthenticatedEndpoint extends Endpoint {
  readonly user: string;
  readonly password: string;
}

/** How a sandbox is reached: what `sandbox up --json` prints. */
export interface Connection {
  readonly driver: DriverName;
  /** Mail from applications: STARTTLS required, then AUTH. */
  readonly submission: AuthenticatedEndpoint;
  /** The same under implicit TLS. */
  readonly smtps: AuthenticatedEndpoint;
  /** Mail from other servers: STARTTLS offered, reserved domains only. */
  readonly mx: Endpoint;
  /** File with the certificate authority to trust, PEM. */
  readonly ca: string;
  /** MailHog's API. */
  readonly mailbox: { readonly url: string };
}

/** What `sandbox status --json` prints. */
export interface Status {
  readonly running: boolean;
  readonly driver: DriverName | null;
  /** ISO 8601; null when nothing runs. */
  readonly since: string | null;
}

/** The same for a shell or an `.env` file: what `sandbox up --env` prints, one variable a line. */
export function environmentOf(connection: Connection): Record<string, string> {
  const { submission, smtps, mx, ca, mailbox } = connection;
  return {
    HIPAA_CHECK_SMTP_HOST: submission.host,
    HIPAA_CHECK_SMTP_PORT: String(submission.port),
    HIPAA_CHECK_SMTP_USER: submission.user,
    HIPAA_CHECK_SMTP_PASSWORD: submission.password,
    HIPAA_CHECK_SMTP_CA: ca,
    HIPAA_CHECK_SMTPS_HOST: smtps.host,
    HIPAA_CHECK_SMTPS_PORT: String(smtps.port),
    HIPAA_CHECK_MX_HOST: mx.host,
    HIPAA_CHECK_MX_PORT: String(mx.port),
    HIPAA_CHECK_MAILBOX_URL: mailbox.url,
  };
}
