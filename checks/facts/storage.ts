import type { FactKind } from "./fact.ts";

export const storage: FactKind = {
  kind: "storage",
  title: "Store that can hold health data",
  doc: "One store: an object bucket, a block volume, a file system, a database, a queue, a topic, a cache, a table. What other resources add to it (the encryption, versioning or public-access resource of a bucket) is folded in, because the question is about the store.",
  attributes: {
    service: {
      doc: "The product's own name for it: `aws_s3_bucket`, `aws_db_instance`.",
      schema: { type: "string" },
    },
    category: {
      doc: "What kind of store it is.",
      schema: {
        type: "string",
        enum: [
          "object",
          "block",
          "file",
          "database",
          "cache",
          "queue",
          "topic",
          "search",
          "stream",
          "backup",
        ],
      },
    },
    "encryption.atRest": {
      doc: "What is written is encrypted by the store.",
      schema: { type: "boolean" },
    },
    "encryption.key": {
      doc: "Whose key encrypts: `customer-managed` (a key of the account with a policy of its own), `provider-managed` (a key in the key service that the provider owns), `provider-owned` (no key in view, such as SSE-S3).",
      schema: { type: "string", enum: ["customer-managed", "provider-managed", "provider-owned"] },
    },
    "encryption.inTransitRequired": {
      doc: "Requests over clear text are refused.",
      schema: { type: "boolean" },
    },
    public: {
      doc: "Anyone on the internet can read, write or reach it.",
      schema: { type: "boolean" },
    },
    "public.blocked": {
      doc: "A switch above the store refuses to make it public (S3 Block Public Access with all four settings).",
      schema: { type: "boolean" },
    },
    versioned: { doc: "Overwritten and deleted objects are kept.", schema: { type: "boolean" } },
    "backup.retentionDays": {
      doc: "For how many days automatic backups are kept; 0 when there are none.",
      schema: { type: "number" },
    },
    "backup.pointInTime": {
      doc: "The store can be restored to a point in time.",
      schema: { type: "boolean" },
    },
    "availability.multiZone": {
      doc: "The store survives the loss of one zone.",
      schema: { type: "boolean" },
    },
    "deletion.protected": {
      doc: "Deleting the store is refused while the protection is on.",
      schema: { type: "boolean" },
    },
    "logs.exported": {
      doc: "The store's own audit or access log is kept.",
      schema: { type: "boolean" },
    },
  },
};
