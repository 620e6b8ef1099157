import { parseDuration } from "#base/duration.ts";
import { known, unknown } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Part } from "./parts.ts";

/** Each service level that is stated, as a fact on its own line. */
export function demandFacts({ document, content }: Part): Fact[] {
  return Object.entries(content.serviceLevels ?? {}).flatMap(([profile, measures]) =>
    Object.entries(measures).flatMap(([measure, limits]) =>
      Object.entries(limits).map(([percentile, text]): Fact => {
        const at = document.locate(["serviceLevels", profile, measure, percentile]);
        const seconds = parseDuration(text);
        return {
          kind: "load.demand",
          id: `${profile} ${measure} ${percentile}`,
          location: at,
          origin: { evidence: "record" },
          attributes: {
            profile: known(profile, at),
            measure: known(measure, at),
            percentile: known(Number(percentile.slice(1)), at),
            maximum:
              seconds === undefined ? unknown(`${text} is no duration`, at) : known(seconds * 1000, at),
          },
        };
      }),
    ),
  );
}
