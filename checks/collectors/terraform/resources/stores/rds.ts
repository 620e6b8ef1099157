import { defaulted, known, unknown, type Value } from "#base/value.ts";
import type { Module, Resource } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { flag, hasBlock, isWritten, text } from "../shared/reading.ts";
import { anyOf, bare, choose, either, type Truth } from "../shared/three-valued.ts";
import { backedUp } from "./backup-plan.ts";
import { forcesTls, offValues, tlsDemanded } from "./parameter-group.ts";
import {
  argumentFlag,
  argumentKey,
  argumentList,
  argumentNumber,
  changedDefault,
  isPositive,
  keyWhere,
  namesKey,
  type Reading,
  type StoreType,
} from "./store-reading.ts";

/** From whatever a database is made, it takes the encryption of that; only what is written overrides it. */
const origins = [
  "snapshot_identifier",
  "replicate_source_db",
  "replication_source_identifier",
  "global_cluster_identifier",
];

function madeFromAnother({ body }: Resource): Truth {
  const named = origins.map((name) => isWritten(body, name));
  return anyOf([...named, hasBlock(body, "restore_to_point_in_time")], known(false, body.location));
}

/** `storage_encrypted` as written, or else what `fresh` says of a database that is made from nothing. */
function storageEncrypted(fresh: Reading<boolean>): Reading<boolean> {
  return (resource, module) => {
    const { body } = resource;
    if (body.attribute("storage_encrypted").state !== "absent") return flag(body, "storage_encrypted", false);
    const origin = madeFromAnother(resource);
    const inherited = (): Truth => {
      const source = sourceOf(module, resource);
      if (source !== undefined && source !== resource) return storageEncrypted(fresh)(source, module);
      const key = namesKey("kms_key_id")(resource, module);
      if (key.state === "known" && key.value) return key;
      const reason = "storage_encrypted is not written, so what the database is made from decides";
      return unknown(reason, origin.location ?? body.location);
    };
    if (origin.state === "unknown" && origin.alternatives === undefined) {
      return either(bare(origin), [inherited(), fresh(resource, module)], body.location);
    }
    return choose(origin, inherited, () => fresh(resource, module));
  };
}

/** The instance that a read replica follows, where it is declared here and follows none itself. */
function sourceOf(module: Module, replica: Resource): Resource | undefined {
  const source = text(replica.body, "replicate_source_db");
  return module.ofType(replica.type).find((candidate) => {
    if (candidate.body.attribute("replicate_source_db").state !== "absent") return false;
    const identifier = text(candidate.body, "identifier");
    if (source.state === "known") return identifier.state === "known" && identifier.value === source.value;
    return source.state === "unknown" && comesFrom(source, candidate.address);
  });
}

const auroraDate = "18 February 2026";

/**
 * Serverless v1 clusters are always encrypted, Multi-AZ DB clusters (`mysql`, `postgres`) are not unless told so.
 * Aurora encrypts clusters made since February 2026 by default (docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide,
 * Overview.Encryption); when a cluster was made does not stand in the files.
 */
function freshCluster({ body }: Resource): Truth {
  const mode = text(body, "engine_mode");
  if (mode.state === "known" && mode.value === "serverless") return { ...mode, value: true };
  const engine = text(body, "engine");
  if (engine.state === "known" && !engine.value.startsWith("aurora")) return defaulted(false, body.location);
  const reason = `storage_encrypted is not written: Aurora encrypts clusters made since ${auroraDate} by default and did not before`;
  return changedDefault(body, reason, [true, false]);
}

/** What Aurora encrypts unasked it encrypts with a key that it owns. */
function clusterKey(cluster: Resource, module: Module): Value<KeyOwner> {
  const asked = cluster.body.attribute("storage_encrypted").state !== "absent";
  return keyOwner(module, cluster.body, "kms_key_id", asked ? "provider-managed" : "provider-owned");
}

function instancesOf(module: Module, cluster: Resource): readonly Resource[] {
  return module.pointingAt("aws_rds_cluster_instance", "cluster_identifier", cluster, "cluster_identifier");
}

function clusterIsPublic(cluster: Resource, module: Module): Truth {
  const each = instancesOf(module, cluster).map((instance) =>
    flag(instance.body, "publicly_accessible", false),
  );
  return anyOf(each, defaulted(false, cluster.body.location));
}

/** A Multi-AZ DB cluster spans three zones; an Aurora cluster survives a zone when a second instance can take over. */
function clusterIsMultiZone(cluster: Resource, module: Module): Truth {
  const { body } = cluster;
  const engine = text(body, "engine");
  if (engine.state === "known" && !engine.value.startsWith("aurora")) return { ...engine, value: true };
  return twoInstances(module, instancesOf(module, cluster), cluster);
}

/** Whether at least two instances serve a cluster; `count` and `for_each` that are not known leave it open. */
export function twoInstances(module: Module, instances: readonly Resource[], cluster: Resource): Truth {
  const { location } = cluster.body;
  const open = instances.find((instance) => instance.uncertainExistence !== undefined);
  const certain = instances.filter((instance) => instance.uncertainExistence === undefined);
  if (certain.length >= 2) return known(true, certain[1]?.body.location);
  if (open?.uncertainExistence !== undefined) return bare(open.uncertainExistence);
  if (module.incomplete !== undefined) return bare(module.incomplete);
  if (certain.length === 0) return unknown(`no instance of ${cluster.address} is in view`, location);
  return known(false, certain[0]?.body.location);
}

const instanceEncrypted = storageEncrypted(({ body }) => defaulted(false, body.location));
const clusterEncrypted = storageEncrypted(freshCluster);

export const rdsStores: readonly StoreType[] = [
  {
    type: "aws_db_instance",
    category: "database",
    attributes: {
      "encryption.atRest": instanceEncrypted,
      "encryption.key": keyWhere(instanceEncrypted, argumentKey("kms_key_id", "provider-managed")),
      "encryption.inTransitRequired": tlsDemanded({
        argument: "parameter_group_name",
        groupType: "aws_db_parameter_group",
        names: ["rds.force_ssl", "require_secure_transport"],
        off: offValues,
        unset: forcesTls,
      }),
      public: argumentFlag("publicly_accessible", false),
      "backup.retentionDays": backedUp(argumentNumber("backup_retention_period", 0)),
      "backup.pointInTime": isPositive(argumentNumber("backup_retention_period", 0)),
      "availability.multiZone": argumentFlag("multi_az", false),
      "deletion.protected": argumentFlag("deletion_protection", false),
      "logs.exported": argumentList("enabled_cloudwatch_logs_exports"),
    },
  },
  {
    type: "aws_rds_cluster",
    category: "database",
    attributes: {
      "encryption.atRest": clusterEncrypted,
      "encryption.key": keyWhere(clusterEncrypted, clusterKey),
      "encryption.inTransitRequired": tlsDemanded({
        argument: "db_cluster_parameter_group_name",
        groupType: "aws_rds_cluster_parameter_group",
        names: ["rds.force_ssl", "require_secure_transport"],
        off: offValues,
        unset: forcesTls,
      }),
      public: clusterIsPublic,
      "backup.retentionDays": backedUp(argumentNumber("backup_retention_period", 1)),
      "backup.pointInTime": isPositive(argumentNumber("backup_retention_period", 1)),
      "availability.multiZone": clusterIsMultiZone,
      "deletion.protected": argumentFlag("deletion_protection", false),
      "logs.exported": argumentList("enabled_cloudwatch_logs_exports"),
    },
  },
];
