import type { FactKind } from "./fact.ts";

/** What messages are for; it decides what they may hold and what they must carry. */
export const messageClasses = ["record", "portal-notice", "transactional", "marketing"] as const;
export type MessageClass = (typeof messageClasses)[number];

export const probeMessage: FactKind = {
  kind: "probe.message",
  title: "Message as it arrived at the sandbox",
  doc: "What one message that a sender delivered to a good server of the sandbox carried: signatures, ways to unsubscribe, recipients. Written by `sandbox probe`.",
  attributes: {
    sender: {
      doc: "How the sender was run: a command, a module, an address, a Postfix folder.",
      schema: { type: "string" },
    },
    "sender.kind": {
      doc: "`exec`, `module`, `http`, `smtp`, `postfix`.",
      schema: { type: "string", enum: ["exec", "module", "http", "smtp", "postfix"] },
    },
    class: {
      doc: "What the sender sends, as the user stated it: `record` (health records), `portal-notice` (a hint that something lies in a portal), `transactional`, `marketing`. Absent where nothing was stated.",
      schema: { type: "string", enum: messageClasses },
    },
    "content.parts": {
      doc: "What arrived of what the sender was told to send: `subject`, `header`, `body`, `attachment`, `address`.",
      schema: { type: "array", items: { type: "string" } },
    },
    "content.exposed": {
      doc: "Where the text of the body or of the attachment stood outside of them: `subject`, `header`, `address`, `file-name`. Empty where nowhere.",
      schema: { type: "array", items: { type: "string" } },
    },
    "signature.dkim": { doc: "It carries a DKIM signature.", schema: { type: "boolean" } },
    "signature.dkimAlgorithms": {
      doc: "Algorithms of its DKIM signatures: `rsa-sha256`, `ed25519-sha256`.",
      schema: { type: "array", items: { type: "string" } },
    },
    "signature.dkimKeyBits": {
      doc: "Length of the shortest RSA key that signed; a signature is as long as its key.",
      schema: { type: "number" },
    },
    "signature.content": {
      doc: "How the content itself is signed or encrypted: `none`, `smime`, `pgp`.",
      schema: { type: "string", enum: ["none", "smime", "pgp"] },
    },
    "unsubscribe.offered": { doc: "It has a List-Unsubscribe header.", schema: { type: "boolean" } },
    "unsubscribe.oneClick": {
      doc: "It offers to unsubscribe with one click over HTTPS (RFC 8058).",
      schema: { type: "boolean" },
    },
    "recipients.unexpected": {
      doc: "Envelope recipients that nobody asked for: copies, archives, a wrong address.",
      schema: { type: "number" },
    },
    copies: { doc: "How often the message arrived.", schema: { type: "number" } },
    "helo.name": { doc: "The name by which the sender introduced itself.", schema: { type: "string" } },
    "helo.qualified": {
      doc: "That name has a domain, so that reverse DNS can agree with it.",
      schema: { type: "boolean" },
    },
    "tls.version": { doc: "What it came over.", schema: { type: "string" } },
  },
};
