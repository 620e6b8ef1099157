import { startOfFile } from "#base/location.ts";
import { known, unknown, type Value } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import { recordKinds } from "#facts/compliance-file.ts";
import type { Fact } from "#facts/fact.ts";
import { daysBetween } from "./days.ts";
import { heldInView } from "./held.ts";
import type { Part } from "./parts.ts";

/** Every record of a `compliance.yaml` with what it includes, and one that is missing for each kind without any. */
export function recordFacts(parts: readonly Part[], host: CollectHost, today: string): Fact[] {
  const written = parts.flatMap((part) => recordsOf(part, host, today));
  const kinds = new Set(
    written.map(({ attributes }) => (attributes.kind?.state === "known" ? attributes.kind.value : "")),
  );
  const [own] = parts;
  if (own === undefined || !parts.some(({ content }) => content.records !== undefined)) return written;
  const location =
    own.content.records === undefined ? startOfFile(own.file) : own.document.locateKey(["records"]);
  const missing = recordKinds
    .filter((kind) => !kinds.has(kind))
    .map((kind): Fact => {
      const attributes = { kind: known(kind, location), present: known(false, location) };
      return { kind: "record", id: kind, location, origin: { evidence: "record" }, attributes };
    });
  return [...written, ...missing];
}

function recordsOf(part: Part, host: CollectHost, today: string): Fact[] {
  const { document, content } = part;
  return (content.records ?? []).flatMap((written, index): Fact[] => {
    if (written === undefined) return [];
    const at = (key: string) => document.locate(["records", index, key]);
    const days = (key: "date" | "nextDue", count: number | undefined): Value =>
      count === undefined
        ? unknown(`${written[key]} is no day of the calendar`, at(key))
        : known(count, at(key));
    const inView = heldInView(part, written.held, ["records", index, "held"], host);
    return [
      {
        kind: "record",
        id: written.id,
        location: at("id"),
        origin: { evidence: "record" },
        attributes: {
          kind: known(written.kind, at("kind")),
          present: known(true, at("id")),
          title: known(written.title, at("title")),
          date: known(written.date, at("date")),
          owner: known(written.owner, at("owner")),
          ageDays: days("date", daysBetween(written.date, today)),
          daysUntilDue: days("nextDue", daysBetween(today, written.nextDue)),
          held: known(written.held, at("held")),
          ...(inView === undefined ? {} : { heldInView: inView }),
        },
      },
    ];
  });
}
