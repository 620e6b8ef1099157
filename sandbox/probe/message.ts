import { randomBytes } from "node:crypto";
import type { Canaries } from "./canary.ts";

/** The message of one posture, in parts and ready made. All of it is synthetic. */
export interface ProbeMessage {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachment: { readonly name: string; readonly content: string };
  /** The whole message as it would be sent, lines ending in CRLF unless the posture wants otherwise. */
  readonly raw: Buffer;
}

export interface MessageOptions {
  /** Added to the header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the body as it stands, line ends included. */
  readonly payload?: string;
  /** Of the recipient. */
  readonly domain?: string | undefined;
}

export const senderDomain = "sender.test";
export const recipientDomain = "clinic.test";

function encodedWord(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
}

/** Quoted-printable in which every character is written out, so that nothing of it is seen undecoded. */
function quotedPrintable(text: string): string {
  return (Buffer.from(text).toString("hex").toUpperCase().match(/../g) ?? [])
    .map((hex) => `=${hex}`)
    .join("")
    .replace(/(.{72})/g, "$1=\r\n");
}

/** Makes the message of a posture, with a canary of its own in every part and encoding. */
export function makeMessage(canaries: Canaries, posture: string, options: MessageOptions = {}): ProbeMessage {
  const from = `clinic-${canaries.make(posture, "address")}@${senderDomain}`;
  const to = `patient-${canaries.make(posture, "address")}@${options.domain ?? recipientDomain}`;
  const subject = `Test result ${canaries.make(posture, "subject")}`;
  const body = `Synthetic findings: ${canaries.make(posture, "body")}\r\n${options.payload ?? ""}`;
  const headers = {
    "X-HIPAA-Check-Note": `note ${canaries.make(posture, "header")}`,
    ...options.headers,
  };
  const attachment = {
    name: `report-${canaries.make(posture, "attachment")}.txt`,
    content: `Synthetic report: ${canaries.make(posture, "attachment", "base64")}\r\n`,
  };
  const boundary = `part-${randomBytes(8).toString("hex")}`;
  const lines = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${randomBytes(12).toString("hex")}@${senderDomain}>`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `X-HIPAA-Check-Encoded: ${encodedWord(`note ${canaries.make(posture, "header", "base64")}`)}`,
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    body,
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    quotedPrintable(`Further findings: ${canaries.make(posture, "body", "quoted-printable")}`),
    `--${boundary}`,
    `Content-Type: text/plain; charset=utf-8; name="${attachment.name}"`,
    `Content-Disposition: attachment; filename="${attachment.name}"`,
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from(attachment.content).toString("base64"),
    `--${boundary}--`,
    "",
  ];
  return { from, to, subject, body, headers, attachment, raw: Buffer.from(lines.join("\r\n")) };
}
