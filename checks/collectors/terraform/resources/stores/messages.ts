import { defaulted, known, mapValue } from "#base/value.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { flag, hasBlock, inBlock, text, withDefault } from "../shared/reading.ts";
import { anyOf, choose, type Truth } from "../shared/three-valued.ts";
import {
  always,
  argumentFlag,
  argumentKey,
  keyWhere,
  namesKey,
  policyReadings,
  type Reading,
  type StoreType,
} from "./store-reading.ts";

const queuePolicy = policyReadings("sqs", {
  type: "aws_sqs_queue_policy",
  argument: "queue_url",
  targetArgument: "url",
});

const topicPolicy = policyReadings("sns", {
  type: "aws_sns_topic_policy",
  argument: "arn",
  targetArgument: "arn",
});

const queueKeyNamed = namesKey("kms_master_key_id");

/** SQS encrypts with its own key since October 2022 unless `sqs_managed_sse_enabled` is written `false`. */
const queueEncrypted: Reading<boolean> = (queue, module) => {
  const managed = argumentFlag("sqs_managed_sse_enabled", true)(queue, module);
  return anyOf([queueKeyNamed(queue, module), managed], managed);
};

const queueKey: Reading<KeyOwner> = (queue, module) => {
  const { body } = queue;
  return keyOwner(module, body, "kms_master_key_id", "provider-owned");
};

/** A topic is encrypted only where a key is named. */
const topicEncrypted = namesKey("kms_master_key_id");

/** Any other `encryption_type` than `KMS` (the default is `NONE`) leaves records in clear. */
const streamEncrypted: Reading<boolean> = ({ body }) =>
  withDefault(
    mapValue(text(body, "encryption_type"), (type): Truth => ({ ...type, value: type.value === "KMS" })),
    false,
  );

/** A delivery stream that reads from a Kinesis stream or from Kafka stores nothing of its own. */
const deliveryEncrypted: Reading<boolean> = ({ body }) => {
  const elsewhere = anyOf(
    [hasBlock(body, "kinesis_source_configuration"), hasBlock(body, "msk_source_configuration")],
    known(false, body.location),
  );
  const own = inBlock(
    body,
    "server_side_encryption",
    (block) => flag(block, "enabled", false),
    defaulted(false, body.location),
  );
  return anyOf([own, elsewhere], own);
};

const deliveryKey: Reading<KeyOwner> = ({ body }, module) =>
  inBlock<KeyOwner>(
    body,
    "server_side_encryption",
    (block) => {
      const type = withDefault(text(block, "key_type"), "AWS_OWNED_CMK");
      const customer = mapValue(
        type,
        (name): Truth => ({ ...name, value: name.value === "CUSTOMER_MANAGED_CMK" }),
      );
      return choose<KeyOwner>(
        customer,
        () => keyOwner(module, block, "key_arn", "provider-managed"),
        () => known("provider-owned", type.location, type.chain),
      );
    },
    defaulted("provider-owned", body.location),
  );

/** Queues, topics and streams. */
export const messageStores: readonly StoreType[] = [
  {
    type: "aws_sqs_queue",
    category: "queue",
    attributes: {
      "encryption.atRest": queueEncrypted,
      "encryption.key": keyWhere(queueEncrypted, queueKey),
      "encryption.inTransitRequired": queuePolicy.inTransitRequired,
      public: queuePolicy.public,
    },
  },
  {
    type: "aws_sns_topic",
    category: "topic",
    attributes: {
      "encryption.atRest": topicEncrypted,
      "encryption.key": keyWhere(topicEncrypted, argumentKey("kms_master_key_id", "provider-managed")),
      "encryption.inTransitRequired": topicPolicy.inTransitRequired,
      public: topicPolicy.public,
    },
  },
  {
    type: "aws_kinesis_stream",
    category: "stream",
    attributes: {
      "encryption.atRest": streamEncrypted,
      "encryption.key": keyWhere(streamEncrypted, argumentKey("kms_key_id", "provider-managed")),
      public: always(false),
    },
  },
  {
    type: "aws_kinesis_firehose_delivery_stream",
    category: "stream",
    attributes: {
      "encryption.atRest": deliveryEncrypted,
      "encryption.key": keyWhere(deliveryEncrypted, deliveryKey),
      public: always(false),
    },
  },
];
