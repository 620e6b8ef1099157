import { posix } from "node:path";
import { startOfFile } from "#base/location.ts";
import { known, unknown, type Value } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import { recordKinds } from "#facts/compliance-file.ts";
import type { Fact } from "#facts/fact.ts";
import { daysBetween } from "./days.ts";
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

function recordsOf({ file, document, content }: Part, host: CollectHost, today: string): Fact[] {
  return (content.records ?? []).map((written, index): Fact => {
    const at = (key: string) => document.locate(["records", index, key]);
    const days = (key: "date" | "nextDue", count: number | undefined): Value =>
      count === undefined
        ? unknown(`${written[key]} is no day of the calendar`, at(key))
        : known(count, at(key));
    const isLink = /^[a-z][a-z0-9+.-]*:/i.test(written.held);
    const held = posix.join(posix.dirname(file), written.held);
    return {
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
        ...(isLink
          ? {}
          : { heldInView: known(host.list(posix.dirname(held)).includes(posix.basename(held)), at("held")) }),
      },
    };
  });
}
