import type { FactKind } from "./fact.ts";

const text = { type: "string" } as const;

export const vendor: FactKind = {
  kind: "vendor",
  title: "Vendor in the register",
  doc: "One vendor that touches protected health information, with its business associate contract, as `compliance.yaml` states it.",
  attributes: {
    name: { doc: "The vendor.", schema: text },
    services: { doc: "Services that the contract covers.", schema: { type: "array", items: text } },
    "agreement.present": { doc: "There is a signed contract.", schema: { type: "boolean" } },
    "agreement.daysUntilExpiry": {
      doc: "Days until the contract ends; negative when it has. Absent where it has no end.",
      schema: { type: "number" },
    },
    "agreement.daysSinceSigned": {
      doc: "Days since the contract was signed; negative for a day to come.",
      schema: { type: "number" },
    },
    "agreement.heldInView": {
      doc: "The file that holds the contract is there and not empty. Absent for a link, which is not followed.",
      schema: { type: "boolean" },
    },
    "agreement.held": { doc: "The file or link that holds the contract.", schema: text },
    "agreement.breachNoticeDays": {
      doc: "Days within which the vendor reports a breach.",
      schema: { type: "number" },
    },
    "agreement.subcontractorsBound": {
      doc: "Subcontractors are bound by contracts of their own.",
      schema: { type: "boolean" },
    },
    verifiedDaysAgo: {
      doc: "Days since the vendor last confirmed its safeguards in writing.",
      schema: { type: "number" },
    },
  },
};
