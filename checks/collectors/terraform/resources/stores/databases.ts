import { defaulted, known, mapValue, type Value } from "#base/value.ts";
import type { Body } from "../../resource.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { flag, folded, hasBlock, inBlock, number, text, withDefault } from "../shared/reading.ts";
import { allOf, anyOf, choose, negate, type Truth } from "../shared/three-valued.ts";
import { backedUp } from "./backup-plan.ts";
import { offValues, tlsDemanded } from "./parameter-group.ts";
import { twoInstances } from "./rds.ts";
import {
  always,
  argumentFlag,
  argumentKey,
  argumentList,
  argumentNumber,
  blockFlag,
  blockKey,
  changedDefault,
  isPositive,
  keyWhere,
  type Reading,
  type StoreType,
} from "./store-reading.ts";

/** DocumentDB and Neptune share one control plane, and with it arguments and defaults. */
function clusterStore(family: "docdb" | "neptune", parameter: string, logs: string): StoreType {
  const encrypted = argumentFlag("storage_encrypted", false);
  const retention = argumentNumber("backup_retention_period", 1);
  const key = family === "docdb" ? "kms_key_id" : "kms_key_arn";
  return {
    type: `aws_${family}_cluster`,
    category: "database",
    attributes: {
      "encryption.atRest": encrypted,
      "encryption.key": keyWhere(encrypted, argumentKey(key, "provider-managed")),
      "encryption.inTransitRequired": tlsDemanded({
        argument:
          family === "docdb" ? "db_cluster_parameter_group_name" : "neptune_cluster_parameter_group_name",
        groupType: `aws_${family}_cluster_parameter_group`,
        names: [parameter],
        off: offValues,
        unset: () => true,
      }),
      public: always(false),
      "backup.retentionDays": backedUp(retention),
      "backup.pointInTime": isPositive(retention),
      "availability.multiZone": (cluster, module) =>
        twoInstances(
          module,
          module.pointingAt(
            `aws_${family}_cluster_instance`,
            "cluster_identifier",
            cluster,
            "cluster_identifier",
          ),
          cluster,
        ),
      "deletion.protected": argumentFlag("deletion_protection", false),
      "logs.exported": argumentList(logs),
    },
  };
}

/** DynamoDB is always encrypted; `server_side_encryption` chooses between its own key and one in KMS. */
const dynamoKey: Reading<KeyOwner> = ({ body }, module) => {
  const owned = defaulted<KeyOwner>("provider-owned", body.location);
  return inBlock(
    body,
    "server_side_encryption",
    (block) => {
      const inKms = flag(block, "enabled", false);
      return choose(
        inKms,
        () => keyOwner(module, block, "kms_key_arn", "provider-managed"),
        () => known<KeyOwner>("provider-owned", inKms.location),
      );
    },
    owned,
  );
};

/** Backups of a table go back as far as point-in-time recovery does: 35 days unless told otherwise. */
const dynamoDays: Reading<number> = ({ body }) =>
  inBlock<number>(
    body,
    "point_in_time_recovery",
    (block) => {
      const enabled = flag(block, "enabled", false);
      return choose<number>(
        enabled,
        () => withDefault(number(block, "recovery_period_in_days"), 35),
        () => known(0, enabled.location, enabled.chain),
      );
    },
    defaulted(0, body.location),
  );

/** Redis keeps data in clear unless told so, Valkey does not (registry.terraform.io, aws_elasticache_replication_group). */
const cacheEncrypted: Reading<boolean> = ({ body }) => {
  const written = body.attribute("at_rest_encryption_enabled");
  if (written.state !== "absent") return flag(body, "at_rest_encryption_enabled", false);
  return mapValue(withDefault(text(body, "engine"), "redis"), (engine) =>
    defaulted(engine.value === "valkey", body.location, engine.chain),
  );
};

/** `transit_encryption_mode = "preferred"` lets clients in without TLS. */
const cacheTransit: Reading<boolean> = ({ body }) => {
  const enabled = flag(body, "transit_encryption_enabled", false);
  const mode = text(body, "transit_encryption_mode");
  const preferred: Truth = withDefault(
    mapValue(mode, (value): Truth => ({ ...value, value: value.value === "preferred" })),
    false,
  );
  return allOf([enabled, negate(preferred)], enabled);
};

const searchEncrypted = blockFlag("encrypt_at_rest", "enabled", { withoutBlock: false, inBlock: false });

/** A domain outside a VPC has an endpoint on the internet. */
const searchPublic: Reading<boolean> = ({ body }) => negate(hasBlock(body, "vpc_options"));

const searchLogs: Reading<boolean> = ({ body }) =>
  anyOf(
    body.blocks("log_publishing_options").map((block) => {
      const audit = isAuditLog(block);
      return allOf([audit, flag(block, "enabled", true)], audit);
    }),
    inBlock(
      body,
      "log_publishing_options",
      (block) => known(false, block.location),
      defaulted(false, body.location),
    ),
  );

function isAuditLog(block: Body): Truth {
  return mapValue(text(block, "log_type"), (type) => ({ ...type, value: type.value === "AUDIT_LOGS" }));
}

const versionSix = "its default changed with version 6 of the AWS provider";

/** Version 6 of the provider, and the service since January 2025, turned both defaults round. */
function redshiftFlag(name: string): Reading<boolean> {
  return ({ body }) =>
    body.attribute(name).state === "absent"
      ? changedDefault(body, `${name} is not written, and ${versionSix}`, [true, false])
      : flag(body, name, false);
}

const redshiftEncrypted = redshiftFlag("encrypted");

const redshiftLogs: Reading<boolean> = (cluster, module) => {
  const { body } = cluster;
  const inline = inBlock(
    body,
    "logging",
    (block) => flag(block, "enable", false),
    defaulted(false, body.location),
  );
  const link = {
    type: "aws_redshift_logging",
    argument: "cluster_identifier",
    targetArgument: "cluster_identifier",
  };
  return folded(module, cluster, link, (helper): Value<boolean> => known(true, helper.body.location), inline);
};

const dynamoPointInTime = blockFlag("point_in_time_recovery", "enabled", {
  withoutBlock: false,
  inBlock: false,
});

/** Databases, caches and search domains other than RDS. */
export const databaseStores: readonly StoreType[] = [
  clusterStore("docdb", "tls", "enabled_cloudwatch_logs_exports"),
  clusterStore("neptune", "neptune_enforce_ssl", "enable_cloudwatch_logs_exports"),
  {
    type: "aws_dynamodb_table",
    category: "database",
    attributes: {
      "encryption.atRest": always(true),
      "encryption.key": dynamoKey,
      "backup.retentionDays": backedUp(dynamoDays),
      "backup.pointInTime": dynamoPointInTime,
      "deletion.protected": argumentFlag("deletion_protection_enabled", false),
    },
  },
  {
    type: "aws_elasticache_replication_group",
    category: "cache",
    attributes: {
      "encryption.atRest": cacheEncrypted,
      "encryption.key": keyWhere(cacheEncrypted, argumentKey("kms_key_id", "provider-owned")),
      "encryption.inTransitRequired": cacheTransit,
      public: always(false),
      "backup.retentionDays": argumentNumber("snapshot_retention_limit", 0),
      "availability.multiZone": argumentFlag("multi_az_enabled", false),
    },
  },
  {
    type: "aws_opensearch_domain",
    category: "search",
    attributes: {
      "encryption.atRest": searchEncrypted,
      "encryption.key": keyWhere(
        searchEncrypted,
        blockKey("encrypt_at_rest", "kms_key_id", "provider-managed"),
      ),
      "encryption.inTransitRequired": blockFlag("domain_endpoint_options", "enforce_https", {
        withoutBlock: false,
        inBlock: true,
      }),
      public: searchPublic,
      "backup.retentionDays": always(14),
      "availability.multiZone": blockFlag("cluster_config", "zone_awareness_enabled", {
        withoutBlock: false,
        inBlock: false,
      }),
      "logs.exported": searchLogs,
    },
  },
  {
    type: "aws_redshift_cluster",
    category: "database",
    attributes: {
      "encryption.atRest": redshiftEncrypted,
      "encryption.key": keyWhere(redshiftEncrypted, argumentKey("kms_key_id", "provider-managed")),
      "encryption.inTransitRequired": tlsDemanded({
        argument: "cluster_parameter_group_name",
        groupType: "aws_redshift_parameter_group",
        names: ["require_ssl"],
        off: offValues,
        unset: (family) => (family === "redshift-2.0" ? true : family === "redshift-1.0" ? false : "changed"),
      }),
      public: redshiftFlag("publicly_accessible"),
      "backup.retentionDays": backedUp(argumentNumber("automated_snapshot_retention_period", 1)),
      "availability.multiZone": argumentFlag("multi_az", false),
      "logs.exported": redshiftLogs,
    },
  },
];
