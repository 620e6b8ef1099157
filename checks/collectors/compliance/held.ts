import { posix } from "node:path";
import { known, unknown, type Value } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { Part } from "./parts.ts";

/**
 * Whether the file that holds something is there and not empty. Undefined for a link, which is not followed.
 * @param held the file, relative to the one that names it, or the link
 */
export function heldInView(
  { file, document }: Part,
  held: string,
  path: readonly (string | number)[],
  host: CollectHost,
): Value | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(held) && URL.canParse(held)) return undefined;
  const at = document.locate([...path]);
  const inView = host.holds(posix.join(posix.dirname(file), held));
  return inView === undefined ? unknown(`${held} could not be read`, at) : known(inView, at);
}
