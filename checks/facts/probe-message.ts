import type { FactKind } from "./fact.ts";

export const probeMessage: FactKind = {
  kind: "probe.message",
  title: "Message as it arrived at the sandbox",
  doc: "What one message that a sender delivered to a good server of the sandbox carried: signatures, ways to unsubscribe, recipients. Written by `sandbox probe`.",
  attributes: {
    sender: {
      doc: "How the sender was run: a command, a module, an address, a Postfix folder.",
      schema: { type: "string" },
    },
    "signature.dkim": { doc: "It carries a DKIM signature.", schema: { type: "boolean" } },
    "signature.dkimAlgorithms": {
      doc: "Algorithms of its DKIM signatures: `rsa-sha256`, `ed25519-sha256`.",
      schema: { type: "array", items: { type: "string" } },
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
    "tls.version": { doc: "What it came over.", schema: { type: "string" } },
  },
};
