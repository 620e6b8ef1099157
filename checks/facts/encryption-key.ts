import type { FactKind } from "./fact.ts";

export const encryptionKey: FactKind = {
  kind: "encryption.key",
  title: "Key in a key service",
  doc: "One key that encrypts stored data, such as a KMS key.",
  attributes: {
    service: { doc: "The product's own name for it: `aws_kms_key`.", schema: { type: "string" } },
    symmetric: {
      doc: "It is a symmetric encryption key (only those rotate by themselves).",
      schema: { type: "boolean" },
    },
    rotated: { doc: "The key material changes by itself at least yearly.", schema: { type: "boolean" } },
    enabled: { doc: "It can be used.", schema: { type: "boolean" } },
    deletionWindowDays: {
      doc: "Days between a request to delete the key and its end.",
      schema: { type: "number" },
    },
  },
};
