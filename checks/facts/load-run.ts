import type { FactKind } from "./fact.ts";

const figures = { type: "array", items: { type: ["number", "null"] } } as const;

export const loadRun: FactKind = {
  kind: "load.run",
  title: "Load run of a send path",
  doc: "One run of a load profile against a send path: whether its figures can be trusted, and what they are. Written by `loadtest run`; the id names the profile and the target.",
  attributes: {
    profile: { doc: "The id of the profile: `transactional`.", schema: { type: "string" } },
    target: { doc: "What was loaded: `sandbox (containers)`, an address.", schema: { type: "string" } },
    valid: {
      doc: "Every validity gate held. Figures of an invalid run decide nothing.",
      schema: { type: "boolean" },
    },
    requirements: {
      doc: "Ids of the requirements that the profile is about.",
      schema: { type: "array", items: { type: "string" } },
    },
    "rate.offered": { doc: "Messages a second that were offered.", schema: { type: "number" } },
    "rate.accepted": { doc: "Messages a second that were accepted.", schema: { type: "number" } },
    "rate.delivered": {
      doc: "Messages a second that arrived. Unknown where the mailbox was not in view.",
      schema: { type: "number" },
    },
    "messages.attempted": { doc: "Messages tried, warm-up included.", schema: { type: "number" } },
    "messages.refused": { doc: "Messages that were not accepted.", schema: { type: "number" } },
    "messages.lost": {
      doc: "Messages that were accepted and did not arrive. Unknown where the mailbox was not in view.",
      schema: { type: "number" },
    },
    "messages.duplicated": { doc: "Deliveries beyond the first.", schema: { type: "number" } },
    "messages.plaintext": { doc: "Messages whose content went without TLS.", schema: { type: "number" } },
    "tls.oldestVersion": {
      doc: "The oldest protocol version that was negotiated.",
      schema: { type: "string", enum: ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"] },
    },
    latency: {
      doc: "Milliseconds by scenario, measure (`submit`, `accept`, `delivery`, `endToEnd`) and percentile (`p50` to `p99.9`); null where so many messages were lost that it was never reached. Measures that have no figures are left out, and so are scenarios that are a background to others.",
      schema: {
        type: "object",
        additionalProperties: {
          type: "object",
          additionalProperties: {
            type: "object",
            additionalProperties: { type: ["number", "null"] },
          },
        },
      },
    },
    timeline: {
      doc: "The run over time, for pictures: `second` and figures at that second, in lists of one length. Rates are messages a second, `backlog` is messages, percentiles are milliseconds; null where nothing was counted. Long runs have fewer points than seconds: rates by their mean, the rest by the worst.",
      schema: {
        type: "object",
        properties: {
          warmupSeconds: { type: "number" },
          second: { type: "array", items: { type: "number" } },
          offered: figures,
          accepted: figures,
          delivered: figures,
          backlog: figures,
          submitP50: figures,
          submitP99: figures,
          endToEndP50: figures,
          endToEndP99: figures,
        },
      },
    },
  },
};
