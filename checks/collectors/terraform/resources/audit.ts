import type { ResourceReader } from "../resource.ts";
import { keyOwner } from "./shared/kms.ts";
import { flag, resourceFact, serviceOf } from "./shared/reading.ts";

/** CloudTrail trails. Without a key the log files are encrypted by S3 with a key that S3 owns. */
export const readAudit: ResourceReader = (module) => ({
  facts: module.ofType("aws_cloudtrail").map((trail) =>
    resourceFact("audit.trail", trail, {
      service: serviceOf(trail),
      enabled: flag(trail.body, "enable_logging", true),
      allRegions: flag(trail.body, "is_multi_region_trail", false),
      "integrity.validated": flag(trail.body, "enable_log_file_validation", false),
      "encryption.key": keyOwner(module, trail.body, "kms_key_id", "provider-owned"),
    }),
  ),
  diagnostics: [],
});
