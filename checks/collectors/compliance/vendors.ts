import { absent, type Json, known, unknown, type Value } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { daysBetween } from "./days.ts";
import { heldInView } from "./held.ts";
import type { Part } from "./parts.ts";

/** Each vendor of the register, as a fact on its own line. */
export function vendorFacts(part: Part, host: CollectHost, today: string): Fact[] {
  const { document, content } = part;
  return (content.vendors ?? []).flatMap((written, index): Fact[] => {
    if (written === undefined) return [];
    const path = ["vendors", index] as const;
    const at = (...keys: string[]) => document.locate([...path, ...keys]);
    const stated = (value: Json | undefined, ...keys: string[]): Value =>
      value === undefined ? absent(at()) : known(value, at(...keys));
    const days = (
      text: string | undefined,
      count: (day: string) => number | undefined,
      ...keys: string[]
    ): Value => {
      if (text === undefined) return absent(at());
      const value = count(text);
      return value === undefined
        ? unknown(`${text} is no day of the calendar`, at(...keys))
        : known(value, at(...keys));
    };
    const { agreement } = written;
    const inView =
      agreement === undefined
        ? undefined
        : heldInView(part, agreement.held, [...path, "agreement", "held"], host);
    return [
      {
        kind: "vendor",
        id: written.name,
        location: at("name"),
        origin: { evidence: "record" },
        attributes: {
          name: known(written.name, at("name")),
          services: stated(written.services, "services"),
          "agreement.present": known(
            agreement !== undefined,
            agreement === undefined ? at("name") : at("agreement"),
          ),
          "agreement.daysSinceSigned": days(
            agreement?.signed,
            (day) => daysBetween(day, today),
            "agreement",
            "signed",
          ),
          ...(inView === undefined ? {} : { "agreement.heldInView": inView }),
          "agreement.daysUntilExpiry": days(
            agreement?.expires,
            (day) => daysBetween(today, day),
            "agreement",
            "expires",
          ),
          "agreement.held": stated(agreement?.held, "agreement", "held"),
          "agreement.breachNoticeDays": stated(agreement?.breachNoticeDays, "agreement", "breachNoticeDays"),
          "agreement.subcontractorsBound": stated(
            agreement?.subcontractorsBound,
            "agreement",
            "subcontractorsBound",
          ),
          verifiedDaysAgo: days(written.verified, (day) => daysBetween(day, today), "verified"),
        },
      },
    ];
  });
}
