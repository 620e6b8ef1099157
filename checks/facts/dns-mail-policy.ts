import type { FactKind } from "./fact.ts";

export const dnsMailPolicy: FactKind = {
  kind: "dns.mail-policy",
  title: "Mail policy that a domain publishes",
  doc: "What one domain publishes about its mail, gathered from the records in view: one fact for each domain and mechanism (SPF, DMARC, MTA-STS, TLS-RPT, DKIM).",
  attributes: {
    mechanism: {
      doc: "Which mechanism the fact is about.",
      schema: { type: "string", enum: ["spf", "dmarc", "mta-sts", "tls-rpt", "dkim"] },
    },
    domain: { doc: "The domain without a final dot.", schema: { type: "string" } },
    records: { doc: "How many records of the mechanism stand at the name.", schema: { type: "number" } },
    valid: { doc: "The record can be read by the mechanism's own grammar.", schema: { type: "boolean" } },
    policy: {
      doc: "SPF: the qualifier of `all` (`fail`, `softfail`, `neutral`, `pass`, `missing`). DMARC: `none`, `quarantine`, `reject`. MTA-STS: `none`, `testing`, `enforce`.",
      schema: { type: "string" },
    },
    reports: { doc: "Aggregate reports are collected.", schema: { type: "boolean" } },
    testing: { doc: "The record marks itself as a test.", schema: { type: "boolean" } },
    keyBits: { doc: "Bits of a DKIM RSA key.", schema: { type: "number" } },
  },
};
