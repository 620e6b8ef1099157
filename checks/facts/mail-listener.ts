import { tlsVersions } from "#base/tls-version.ts";
import type { FactKind } from "./fact.ts";

export const mailListener: FactKind = {
  kind: "mail.listener",
  title: "Inbound mail service",
  doc: "One service that accepts mail: a Postfix smtpd service of master.cf with its overrides applied, an SES receipt rule. Services are judged one by one, not files: a weak default in main.cf may be mended for each service, or a strong one undone.",
  attributes: {
    product: { doc: "What listens: `postfix`, `amazon-ses`.", schema: { type: "string" } },
    purpose: {
      doc: "`relay` takes mail from other servers (port 25), `submission` takes mail from users and applications (587), `submissions` the same under implicit TLS (465).",
      schema: { type: "string", enum: ["relay", "submission", "submissions"] },
      distinguishes: true,
    },
    loopback: {
      doc: "The service listens on a loopback address or a local socket only.",
      schema: { type: "boolean" },
    },
    "tls.mode": {
      doc: "`none`: TLS is not offered, or is offered and then refused for want of a certificate. `opportunistic`: offered. `required`: demanded, or implicit.",
      schema: { type: "string", enum: ["none", "opportunistic", "required"] },
      ranking: [["none"], ["opportunistic"], ["required"]],
    },
    "tls.minimumVersion": {
      doc: "The oldest protocol version that the service negotiates.",
      schema: { type: "string", enum: tlsVersions },
      ranking: tlsVersions.map((version) => [version]),
    },
    "tls.weakCiphers": {
      doc: "Families of cipher suites that stay enabled although no published profile allows them. Empty when none.",
      schema: { type: "array", items: { type: "string" } },
    },
    "authentication.offered": {
      doc: "The service lets clients log in (SASL).",
      schema: { type: "boolean" },
    },
    "authentication.cleartextAllowed": {
      doc: "A client can log in on a connection without TLS.",
      schema: { type: "boolean" },
      ranking: [[true], [false]],
    },
    "audit.tlsRecorded": {
      doc: "Each accepted message carries or logs the TLS state of the connection that brought it.",
      schema: { type: "boolean" },
    },
  },
};
