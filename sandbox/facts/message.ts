import type { StatedFact } from "#facts/facts-file.ts";
import type { MessageClass } from "#facts/probe-message.ts";
import { headerFields } from "../mailbox/trace.ts";
import type { ProbeOutcome } from "../probe/probe.ts";

interface DkimSignature {
  readonly algorithm: string;
  /** Of RSA keys: a signature is as long as its key. */
  readonly keyBits: number | undefined;
}

function dkimSignature(field: string): DkimSignature {
  const value = field.slice(field.indexOf(":") + 1).replace(/\s+/g, "");
  const tag = (name: string): string | undefined => new RegExp(`(?:^|;)${name}=([^;]*)`).exec(value)?.[1];
  const algorithm = tag("a") ?? "unknown";
  const bytes = Buffer.from(tag("b") ?? "", "base64").length;
  return { algorithm, keyBits: algorithm.startsWith("rsa-") && bytes > 0 ? bytes * 8 : undefined };
}

/** True for a name that reverse DNS could agree with: not an address, not a name of this machine only. */
function isQualified(name: string): boolean {
  return (
    /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/i.test(name) &&
    !/\.(local|localdomain|localhost)$/i.test(name)
  );
}

/**
 * What the first message that a good server got from the sender carried.
 * @param messageClass what the sender sends, as the user states it
 */
export function messageFact(
  { report, observations }: ProbeOutcome,
  messageClass: MessageClass | undefined,
): StatedFact | undefined {
  const control = observations.find(
    ({ posture, accepted }) => posture.startsWith("control ") && accepted !== undefined,
  );
  if (control?.accepted === undefined) return undefined;
  const { connection, message, arrival } = control.accepted;
  const fields = headerFields(message.content);
  const field = (name: string): string[] =>
    fields.filter((line) => line.toLowerCase().startsWith(`${name}:`));
  const type = field("content-type").join(" ");
  const signed = /pkcs7/i.test(type) ? "smime" : /pgp-(signature|encrypted)/i.test(type) ? "pgp" : "none";
  const signatures = field("dkim-signature").map(dkimSignature);
  const keyBits = signatures.map((signature) => signature.keyBits).filter((bits) => bits !== undefined);
  const oneClick =
    /https:/i.test(field("list-unsubscribe").join()) &&
    /one-click/i.test(field("list-unsubscribe-post").join());
  const { heloName, parts, exposed } = arrival;
  return {
    kind: "probe.message",
    id: report.sender.name,
    attributes: {
      sender: { value: report.sender.name },
      "sender.kind": { value: report.sender.kind },
      class: messageClass === undefined ? undefined : { value: messageClass },
      "content.parts": { value: [...parts] },
      "content.exposed": parts.includes("body")
        ? { value: [...exposed] }
        : { unknown: "the message did not carry the body that the sender was told to send" },
      "signature.dkim": { value: signatures.length > 0 },
      "signature.dkimAlgorithms": { value: signatures.map(({ algorithm }) => algorithm) },
      "signature.dkimKeyBits": keyBits.length === 0 ? undefined : { value: Math.min(...keyBits) },
      "signature.content": { value: signed },
      "unsubscribe.offered": { value: field("list-unsubscribe").length > 0 },
      "unsubscribe.oneClick": { value: oneClick },
      "recipients.unexpected": {
        value: message.to.filter((address) => address.toLowerCase() !== control.recipient.toLowerCase())
          .length,
      },
      copies: { value: control.judgement.copies },
      "tls.version": connection.tls === undefined ? undefined : { value: connection.tls.version },
      "helo.name": heloName === undefined ? undefined : { value: heloName },
      "helo.qualified": heloName === undefined ? undefined : { value: isQualified(heloName) },
    },
  };
}
