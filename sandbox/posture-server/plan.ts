import type { CertificateName } from "../pki/certificate.ts";
import type { Phase } from "../wire/record.ts";

/** What follows when a sender asks for TLS, or where TLS begins with the connection. */
export const upgrades = [
  "handshake",
  "garbage",
  "reset",
  "reset-after-client-hello",
  "reset-after-server-hello",
  "alert-handshake-failure",
  "alert-protocol-version",
  "alert-internal-error",
] as const;

export type Upgrade = (typeof upgrades)[number];

export interface TlsPlan {
  /** Default `good`. */
  readonly certificate?: CertificateName;
  /** Default TLSv1.2. */
  readonly minimum?: TlsProtocol;
  /** Default TLSv1.3. */
  readonly maximum?: TlsProtocol;
  /** OpenSSL's list, with `@SECLEVEL=0` where old things are meant. */
  readonly ciphers?: string;
  readonly clientCertificate?: "requested";
}

export type TlsProtocol = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

export interface Disconnect {
  /** The connection ends when this arrives; `message`: in the middle of it; `final-dot`: after the whole of it. */
  readonly at: Phase | "final-dot";
  readonly in: "clear" | "tls";
  readonly how: "reset" | "close";
  /** How often; afterwards the server behaves. Default: always. */
  readonly times?: number;
}

/**
 * How a server departs from a good one. Whatever is not said is as a good server does it, except that every server
 * of the sandbox takes mail and passwords in clear text too: what a sender is ready to show must be seen.
 */
export interface ServerPlan {
  /** One for each connection, the last for all further ones; `accept` is the good one. */
  readonly greeting?: readonly string[];
  /** Lines of the greeting. */
  readonly greetingLines?: number;
  /** Lines after the first in the answer to EHLO, in clear text. */
  readonly capabilities?: readonly string[];
  readonly capabilitiesInTls?: readonly string[];
  /** By command. One for each time that the command comes, over all connections; `accept` is the good one. */
  readonly replies?: {
    readonly inClear?: Readonly<Record<string, readonly string[]>>;
    readonly inTls?: Readonly<Record<string, readonly string[]>>;
  };
  readonly upgrade?: Upgrade;
  readonly tls?: TlsPlan;
  readonly disconnect?: Disconnect;
  /** The first bytes of the greeting come one by one. */
  readonly slowGreeting?: { readonly bytes: number; readonly everyMs: number };
  /** Weaknesses that a receiving server can have; for the control of the checks of receiving servers. */
  readonly weaknesses?: {
    /** Clear text that came together with STARTTLS is obeyed after the handshake. */
    readonly keepsInputAcrossTls?: true;
    /** Dots between bare line feeds or carriage returns end a message. */
    readonly endsAtBareDot?: true;
    /** VRFY and EXPN tell who exists. */
    readonly tellsUsers?: true;
  };
}

export const acceptReply = "accept";

/** Capabilities of a good server before TLS. */
export const goodCapabilities = ["8BITMIME", "SIZE 26214400", "STARTTLS"] as const;

/** Capabilities of a good server under TLS. */
export const goodCapabilitiesInTls = ["8BITMIME", "SIZE 26214400", "AUTH PLAIN LOGIN"] as const;
