import type { StoredMail } from "./mail-store.ts";

/** One part of a message as MailHog's API writes it. */
interface MailHogContent {
  readonly Headers: Readonly<Record<string, readonly string[]>>;
  readonly Body: string;
  readonly Size: number;
  readonly MIME: null;
}

interface MailHogPath {
  readonly Relays: null;
  readonly Mailbox: string;
  readonly Domain: string;
  readonly Params: "";
}

/** One message as MailHog's version 2 API writes it. */
export interface MailHogMessage {
  readonly ID: string;
  readonly From: MailHogPath;
  readonly To: readonly MailHogPath[];
  readonly Content: MailHogContent;
  readonly Created: string;
  readonly MIME: { readonly Parts: readonly MailHogContent[] } | null;
  readonly Raw: {
    readonly From: string;
    readonly To: readonly string[];
    readonly Data: string;
    readonly Helo: string;
  };
}

function path(address: string): MailHogPath {
  const at = address.lastIndexOf("@");
  return {
    Relays: null,
    Mailbox: at === -1 ? address : address.slice(0, at),
    Domain: at === -1 ? "" : address.slice(at + 1),
    Params: "",
  };
}

function split(text: string): MailHogContent {
  const end = text.indexOf("\r\n\r\n");
  const head = end === -1 ? text : text.slice(0, end);
  const headers: Record<string, string[]> = {};
  for (const field of head.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = field.indexOf(":");
    if (colon < 1) continue;
    const name = field
      .slice(0, colon)
      .replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
    headers[name] = [...(headers[name] ?? []), field.slice(colon + 1).trim()];
  }
  return {
    Headers: headers,
    Body: end === -1 ? "" : text.slice(end + 4),
    Size: Buffer.byteLength(text),
    MIME: null,
  };
}

/** The parts of a multipart message, those of nested multiparts in their place. */
function parts(content: MailHogContent): MailHogContent[] {
  const boundary = /^multipart\/.*\bboundary="?([^";]+)"?/i.exec(
    content.Headers["Content-Type"]?.[0] ?? "",
  )?.[1];
  if (boundary === undefined) return [];
  const [, ...pieces] = `\r\n${content.Body}`.split(`\r\n--${boundary}`);
  return pieces
    .filter((piece) => !piece.startsWith("--"))
    .flatMap((piece) => {
      const part = split(piece.replace(/^[ \t]*\r\n/, ""));
      const nested = parts(part);
      return nested.length === 0 ? [part] : nested;
    });
}

/** Writes a message as MailHog's API does, so that its client reads the in-process mailbox too. */
export function toMailHog(mail: StoredMail): MailHogMessage {
  const data = mail.raw.toString("utf8");
  const content = split(data);
  const found = parts(content);
  return {
    ID: mail.id,
    From: path(mail.from),
    To: mail.to.map(path),
    Content: content,
    Created: mail.receivedAt,
    MIME: found.length === 0 ? null : { Parts: found },
    Raw: { From: mail.from, To: mail.to, Data: data, Helo: "" },
  };
}
