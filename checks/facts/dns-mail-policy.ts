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
    subdomainPolicy: {
      doc: "DMARC: the policy for subdomains that publish none of their own (`sp`, or else `p`).",
      schema: { type: "string", enum: ["none", "quarantine", "reject"] },
    },
    percentage: {
      doc: "DMARC: the share of failing mail that the policy applies to (`pct` of RFC 7489; RFC 9989 dropped it).",
      schema: { type: "number" },
    },
    lookups: {
      doc: "SPF: DNS look-ups that the record costs; more than 10 make it an error. Unknown where an `include` leads out of view.",
      schema: { type: "number" },
    },
    includes: {
      doc: "SPF: domains that the record includes, which is who may send in the domain's name.",
      schema: { type: "array", items: { type: "string" } },
    },
    ignoredTerms: {
      doc: "SPF: terms behind `all`, which no receiver looks at. Empty when none.",
      schema: { type: "array", items: { type: "string" } },
    },
    keyType: {
      doc: "DKIM: `rsa`, `ed25519`, `revoked` (an empty key, which is deliberate), `unusable`.",
      schema: { type: "string", enum: ["rsa", "ed25519", "revoked", "unusable"] },
    },
    reports: { doc: "Aggregate reports are collected.", schema: { type: "boolean" } },
    testing: { doc: "The record marks itself as a test.", schema: { type: "boolean" } },
    keyBits: { doc: "Bits of a DKIM RSA key.", schema: { type: "number" } },
  },
};
