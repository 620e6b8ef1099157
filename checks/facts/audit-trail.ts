import type { FactKind } from "./fact.ts";

export const auditTrail: FactKind = {
  kind: "audit.trail",
  title: "Audit trail",
  doc: "One recorder of who did what with the infrastructure, such as a CloudTrail trail.",
  attributes: {
    service: { doc: "The product's own name for it: `aws_cloudtrail`.", schema: { type: "string" } },
    enabled: { doc: "It records.", schema: { type: "boolean" } },
    allRegions: { doc: "It records in every region.", schema: { type: "boolean" } },
    "integrity.validated": {
      doc: "Its files can be shown to be unchanged (digest files).",
      schema: { type: "boolean" },
    },
    "encryption.key": {
      doc: "Whose key encrypts: `customer-managed`, `provider-managed`, `provider-owned`.",
      schema: { type: "string", enum: ["customer-managed", "provider-managed", "provider-owned"] },
    },
  },
};
