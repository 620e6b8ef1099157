/** How a session with the target is protected. No mode falls back to clear text. */
export type TlsMode = "none" | "starttls" | "tls";

export interface SmtpTarget {
  readonly kind: "smtp";
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** PEM certificates to trust in place of the system's. */
  readonly ca?: string;
  /** The name that the server's certificate must carry; default the host. */
  readonly serverName?: string;
  readonly user?: string;
  readonly password?: string;
}

/** An application's own API that causes a mail. */
export interface HttpTarget {
  readonly kind: "http";
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text with `{{recipient}}`, `{{sequence}}`, `{{size}}`. */
  readonly body: string;
  /** PEM certificates to trust. */
  readonly ca?: string;
}

export type Target = SmtpTarget | HttpTarget;

/** What a run can do to the path on purpose, beside what the sink does. */
export interface MtaControl {
  /** Kills the MTA without a warning, and starts it again after a while. */
  restart(afterMs: number): Promise<void>;
}

/** What is loaded. */
export interface SendPath {
  /** As reports name it: `sandbox (containers)`, `smtps://mail.example:465`. */
  readonly name: string;
  readonly target: Target;
  /** Where the path's mail ends up, where that is in view: without it only submit and accept can be measured. */
  readonly sink?: { readonly control: string };
  readonly mta?: MtaControl;
  /** What reports say of the path: driver, versions, settings that matter. */
  readonly environment: Readonly<Record<string, string>>;
}
