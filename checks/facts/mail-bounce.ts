import type { FactKind } from "./fact.ts";

export const mailBounce: FactKind = {
  kind: "mail.bounce",
  title: "Bounces and notices of a mail server",
  doc: "What a mail server returns or copies when a message cannot be delivered: one fact for each Postfix instance.",
  attributes: {
    product: { doc: "What bounces: `postfix`.", schema: { type: "string" } },
    "content.returned": {
      doc: "The bounce holds the original message or the first part of its body (headers alone do not count here).",
      schema: { type: "boolean" },
      ranking: [[true], [false]],
    },
    "postmaster.transcripts": {
      doc: "Notices to the postmaster hold SMTP transcripts or message content (notify_classes with bounce, 2bounce, delay, policy or protocol).",
      schema: { type: "boolean" },
    },
  },
};
