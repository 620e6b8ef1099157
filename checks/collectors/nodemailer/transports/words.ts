import type { Location } from "#base/location.ts";
import { type Step, type Unknown as UnknownValue, unknown } from "#base/value.ts";
import { rootsOf, type Unknown } from "../evaluate/datum.ts";
import type { Run } from "../evaluate/run.ts";

/** Why something cannot be told: each cause by its name. Variables of the environment are listed together. */
export function reasonOf(unknowns: readonly Unknown[]): string {
  const roots = causesOf(unknowns);
  const byReason = Map.groupBy(roots, ({ reason }) => reason);
  return [...byReason]
    .map(([reason, group]) => {
      const names = [...new Set(group.map(({ name }) => name))];
      const subject = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
      return `${subject} ${names.length === 1 ? reason : plural(reason)}`;
    })
    .join("; ");
}

function plural(reason: string): string {
  return reason
    .replace(/^is /, "are ")
    .replace(/^comes /, "come ")
    .replace(/^depends /, "depend ");
}

/** The value of an attribute that an unknown of the program decides. */
export function undecided(cause: Unknown, location: Location, run: Run): UnknownValue<never> {
  run.blames(cause);
  return unknown(reasonOf([cause]), location, stepsOf([cause]));
}

/** Where each cause stands. */
export function stepsOf(unknowns: readonly Unknown[]): Step[] {
  return causesOf(unknowns).flatMap((root) => [
    ...root.chain,
    { location: root.location, text: `${root.name} ${root.reason}` },
  ]);
}

function causesOf(unknowns: readonly Unknown[]): Unknown[] {
  return [...new Map(unknowns.flatMap(rootsOf).map((root) => [root.key, root])).values()];
}
