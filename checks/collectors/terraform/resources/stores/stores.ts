import { known, type Value } from "#base/value.ts";
import type { ResourceReader } from "../../resource.ts";
import { resourceFact, serviceOf } from "../shared/reading.ts";
import { databaseStores } from "./databases.ts";
import { messageStores } from "./messages.ts";
import { rdsStores } from "./rds.ts";
import type { StoreType } from "./store-reading.ts";
import { volumeStores } from "./volumes.ts";

const storeTypes: readonly StoreType[] = [...rdsStores, ...databaseStores, ...messageStores, ...volumeStores];

/** Every store that one resource declares by itself; what each argument means stands in the tables. */
export const readStores: ResourceReader = (module) => ({
  facts: storeTypes.flatMap(({ type, category, attributes }) =>
    module.ofType(type).map((resource) => {
      const read = Object.entries(attributes).map(([name, reading]): [string, Value] => [
        name,
        reading(resource, module),
      ]);
      const { location } = resource.body;
      return resourceFact("storage", resource, {
        service: serviceOf(resource),
        category: known(category, location),
        ...Object.fromEntries(read),
      });
    }),
  ),
  diagnostics: [],
});
