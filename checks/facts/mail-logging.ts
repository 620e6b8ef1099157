import type { FactKind } from "./fact.ts";

export const mailLogging: FactKind = {
  kind: "mail.logging",
  title: "What a mail program logs",
  doc: "What one mail program writes to its logs while it sends or receives: one fact for a Postfix instance and one for each transport made in code.",
  attributes: {
    product: { doc: "What logs: `postfix`, `nodemailer`.", schema: { type: "string" } },
    "content.logged": {
      doc: "Subjects, bodies, attachment names or whole protocol transcripts reach the log.",
      schema: { type: "boolean" },
      ranking: [[true], [false]],
    },
    "recipients.logged": {
      doc: "Recipient addresses reach a log other than the audit trail of the mail server.",
      schema: { type: "boolean" },
    },
    "delivery.logged": {
      doc: "The log names sender, recipient, time and outcome of each delivery.",
      schema: { type: "boolean" },
    },
    "tls.logged": {
      doc: "The log of each delivery says whether and how the connection was encrypted.",
      schema: { type: "boolean" },
    },
  },
};
