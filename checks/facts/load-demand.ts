import type { FactKind } from "./fact.ts";

export const loadDemand: FactKind = {
  kind: "load.demand",
  title: "Service level that an organisation states",
  doc: "The slowest that is acceptable, from `serviceLevels` of `compliance.yaml`. Each run of the profile that is given beside it is held against it; the id names profile, measure and percentile.",
  attributes: {
    profile: { doc: "The id of the load profile: `transactional`.", schema: { type: "string" } },
    measure: {
      doc: "What is measured.",
      schema: { type: "string", enum: ["submit", "accept", "delivery", "endToEnd"] },
    },
    percentile: { doc: "`99` of `p99`.", schema: { type: "number" } },
    maximum: { doc: "Milliseconds.", schema: { type: "number" } },
  },
};
