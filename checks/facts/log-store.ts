import type { FactKind } from "./fact.ts";

export const logStore: FactKind = {
  kind: "log.store",
  title: "Place where logs are kept",
  doc: "One place that keeps log records, such as a CloudWatch log group.",
  attributes: {
    service: {
      doc: "The product's own name for it: `aws_cloudwatch_log_group`.",
      schema: { type: "string" },
    },
    retentionDays: {
      doc: "For how many days records are kept. Absent when nobody decided and the product keeps them until somebody does.",
      schema: { type: "number" },
    },
    "encryption.key": {
      doc: "Whose key encrypts: `customer-managed`, `provider-managed`, `provider-owned`.",
      schema: { type: "string", enum: ["customer-managed", "provider-managed", "provider-owned"] },
    },
    "deletion.protected": {
      doc: "The records outlive the removal of the resource from the configuration.",
      schema: { type: "boolean" },
    },
  },
};
