import { absent, mapValue, type Value } from "#base/value.ts";
import type { Resource, ResourceReader } from "../resource.ts";
import { keyOwner } from "./shared/kms.ts";
import { flag, number, resourceFact, serviceOf } from "./shared/reading.ts";

/** CloudWatch log groups. CloudWatch encrypts every group with a key of its own where none is named. */
export const readLogs: ResourceReader = (module) => ({
  facts: module.ofType("aws_cloudwatch_log_group").map((group) =>
    resourceFact("log.store", group, {
      service: serviceOf(group),
      retentionDays: retention(group),
      "encryption.key": keyOwner(module, group.body, "kms_key_id", "provider-owned"),
      "deletion.protected": flag(group.body, "skip_destroy", false),
    }),
  ),
  diagnostics: [],
});

/** Both an unwritten `retention_in_days` and `0` keep records until somebody decides. */
function retention({ body }: Resource): Value<number> {
  const days = number(body, "retention_in_days");
  if (days.state === "absent") {
    const text = "without retention_in_days the group keeps records until somebody decides";
    return absent(days.location, [...days.chain, { location: days.location ?? body.location, text }]);
  }
  return mapValue(days, (count) => {
    if (count.value !== 0) return count;
    const text = "retention_in_days = 0 keeps records until somebody decides";
    return absent(count.location, [...count.chain, { location: count.location ?? body.location, text }]);
  });
}
