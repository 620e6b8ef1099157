import { readFileSync } from "node:fs";
import { UsageError } from "#cli/errors.ts";
import type { TlsMode } from "#loadtests/index.ts";

const modes: Readonly<Record<string, { readonly tls: TlsMode; readonly port: number }>> = {
  "smtp:": { tls: "none", port: 25 },
  "smtp+starttls:": { tls: "starttls", port: 587 },
  "smtps:": { tls: "tls", port: 465 },
};

/**
 * The server that --smtp names.
 * @throws UsageError for an address that is none, or holds a password
 */
export function parseServer(text: string): {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
} {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(
      `--smtp ${text}: this is no address. Write smtp+starttls://HOST:PORT or smtps://HOST:PORT.`,
    );
  }
  const mode = modes[url.protocol];
  if (mode === undefined) {
    throw new UsageError(
      `--smtp ${text}: write smtp+starttls://, smtps:// or smtp:// (clear text, loopback only).`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--smtp: an argument is seen by everybody on the machine. Put user and password into HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD.",
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? mode.port : Number(url.port), tls: mode.tls };
}

/**
 * The application's address that --http names.
 * @throws UsageError for an address that is none, or holds a password
 */
export function parseApi(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`--http ${text}: this is no address. Write http://HOST:PORT/PATH.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--http: an argument is seen by everybody on the machine. Put user and password into a variable, and name it: --http-header Authorization=VARIABLE.",
    );
  }
  return url;
}

/** @throws UsageError */
export function readFile(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${flag} ${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
