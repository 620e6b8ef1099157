import { defaulted, known, mapValue, oneOf, unknown } from "#base/value.ts";
import type { Module, Resource } from "../../resource.ts";
import { type KeyOwner, keyOwner } from "../shared/kms.ts";
import { flag, folded, inBlock, isWritten, text } from "../shared/reading.ts";
import { anyOf, type Truth } from "../shared/three-valued.ts";
import { backedUp, backedUpByPlan } from "./backup-plan.ts";
import {
  always,
  argumentFlag,
  argumentKey,
  keyWhere,
  policyReadings,
  type Reading,
  type StoreType,
} from "./store-reading.ts";

/**
 * A volume is encrypted when it says so, when the account encrypts every volume of the region, or when its snapshot is.
 * The account's setting counts only where it is declared here; without it, nothing tells.
 */
const volumeEncrypted: Reading<boolean> = ({ body }, module) => {
  if (body.attribute("encrypted").state !== "absent") {
    const own = flag(body, "encrypted", false);
    return anyOf([own, ...accountDefaults(module)], own);
  }
  const account = accountDefaults(module);
  const on = anyOf(account, defaulted(false, body.location));
  if (on.state === "known" && on.value) return on;
  const snapshot = isWritten(body, "snapshot_id");
  if (snapshot.state === "known" && !snapshot.value) return on;
  return unknown("encrypted is not written, so the snapshot decides", snapshot.location, snapshot.chain);
};

function accountDefaults(module: Module): Truth[] {
  return module.ofType("aws_ebs_encryption_by_default").map((resource) => {
    const enabled = flag(resource.body, "enabled", true);
    const doubt = resource.uncertainExistence;
    if (doubt === undefined) return enabled;
    return oneOf(
      [enabled, known(false)],
      doubt.reason,
      doubt.location ?? resource.body.location,
      doubt.chain,
    );
  });
}

/** The volume's own key, else the account's default key for volumes. */
const volumeKey: Reading<KeyOwner> = ({ body }, module) => {
  const own = keyOwner(module, body, "kms_key_id", "provider-managed");
  const [account] = module.ofType("aws_ebs_default_kms_key");
  if (body.attribute("kms_key_id").state !== "absent" || account === undefined) return own;
  return keyOwner(module, account.body, "key_arn", "provider-managed");
};

const fileSystemEncrypted = argumentFlag("encrypted", false);

const fileSystemPolicy = policyReadings("elasticfilesystem", {
  type: "aws_efs_file_system_policy",
  argument: "file_system_id",
  targetArgument: "id",
});

/** Automatic backups of EFS are kept for 35 days; One Zone file systems have them unless switched off. */
const fileSystemDays: Reading<number> = (fileSystem, module) => {
  const { body } = fileSystem;
  const oneZone = isWritten(body, "availability_zone_name");
  const unset = oneZone.state === "known" && !oneZone.value ? 0 : 35;
  const link = { type: "aws_efs_backup_policy", argument: "file_system_id", targetArgument: "id" };
  const read = (helper: Resource) =>
    inBlock<number>(
      helper.body,
      "backup_policy",
      (block) =>
        mapValue(text(block, "status"), (status) => ({
          ...status,
          value: status.value === "ENABLED" ? 35 : 0,
        })),
      defaulted(0, helper.body.location),
    );
  return folded<number>(module, fileSystem, link, read, defaulted(unset, body.location));
};

/** Snapshot policies choose volumes by tags that may come from anywhere, so that one in view leaves the question open. */
const volumeDays: Reading<number> = (volume, module) => {
  const [policy] = module.ofType("aws_dlm_lifecycle_policy");
  const planned = backedUpByPlan()(volume, module);
  if (policy === undefined || planned.state !== "known" || planned.value > 0) return planned;
  return unknown(
    `${policy.address} takes snapshots of the volumes that its tags choose`,
    policy.body.location,
  );
};

/** Volumes, file systems and backup vaults. */
export const volumeStores: readonly StoreType[] = [
  {
    type: "aws_ebs_volume",
    category: "block",
    attributes: {
      "encryption.atRest": volumeEncrypted,
      "encryption.key": keyWhere(volumeEncrypted, volumeKey),
      "backup.retentionDays": volumeDays,
    },
  },
  {
    type: "aws_efs_file_system",
    category: "file",
    attributes: {
      "encryption.atRest": fileSystemEncrypted,
      "encryption.key": keyWhere(fileSystemEncrypted, argumentKey("kms_key_id", "provider-managed")),
      "encryption.inTransitRequired": fileSystemPolicy.inTransitRequired,
      "backup.retentionDays": backedUp(fileSystemDays),
      "availability.multiZone": ({ body }) =>
        mapValue(isWritten(body, "availability_zone_name"), (oneZone) => ({
          ...oneZone,
          value: !oneZone.value,
        })),
    },
  },
  {
    type: "aws_backup_vault",
    category: "backup",
    attributes: {
      "encryption.atRest": always(true),
      "encryption.key": argumentKey("kms_key_arn", "provider-managed"),
      "deletion.protected": (vault, module) =>
        folded<boolean>(
          module,
          vault,
          {
            type: "aws_backup_vault_lock_configuration",
            argument: "backup_vault_name",
            targetArgument: "name",
          },
          (lock) => known(true, lock.body.location),
          defaulted(false, vault.body.location),
        ),
    },
  },
];
