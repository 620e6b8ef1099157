import { known, mapValue } from "#base/value.ts";
import type { Resource, ResourceReader } from "../resource.ts";
import { flag, number, resourceFact, serviceOf, text, withDefault } from "./shared/reading.ts";
import { allOf, type Truth } from "./shared/three-valued.ts";

/** The longest period that still counts as a yearly rotation. */
const longestYear = 366;

/** Keys of the key service. */
export const readKeys: ResourceReader = (module) => ({
  facts: module.ofType("aws_kms_key").map((key) =>
    resourceFact("encryption.key", key, {
      service: serviceOf(key),
      symmetric: symmetric(key),
      rotated: rotated(key),
      enabled: flag(key.body, "is_enabled", true),
      deletionWindowDays: withDefault(number(key.body, "deletion_window_in_days"), 30),
    }),
  ),
  diagnostics: [],
});

function symmetric({ body }: Resource): Truth {
  const spec = withDefault(text(body, "customer_master_key_spec"), "SYMMETRIC_DEFAULT");
  const usage = withDefault(text(body, "key_usage"), "ENCRYPT_DECRYPT");
  const isSymmetric = mapValue(
    spec,
    (name): Truth => ({ ...name, value: name.value === "SYMMETRIC_DEFAULT" }),
  );
  const encrypts = mapValue(usage, (name): Truth => ({ ...name, value: name.value === "ENCRYPT_DECRYPT" }));
  return allOf([isSymmetric, encrypts], isSymmetric);
}

/** The yearly period is the default where rotation is on. */
function rotated({ body }: Resource): Truth {
  const enabled = flag(body, "enable_key_rotation", false);
  const yearly = mapValue(
    number(body, "rotation_period_in_days"),
    (days): Truth => ({ ...days, value: days.value <= longestYear }),
  );
  return allOf([enabled, yearly.state === "absent" ? known(true, yearly.location) : yearly], enabled);
}
