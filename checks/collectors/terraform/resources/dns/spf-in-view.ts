import { absent, mapValue, type Step, unknown, type Value } from "#base/value.ts";
import { maximumSpfLookups, readSpf, type SpfRecord } from "#syntax/tagvalue/spf.ts";

/** The SPF records of the module by domain, for `include:` and `redirect=` that stay inside it. */
export type SpfView = ReadonlyMap<string, SpfRecord>;

/** The attributes of an SPF record, as far as it can be told without asking the DNS. */
export function spfAttributes(value: Value<string>, view: SpfView): Record<string, Value> {
  const ask = <T>(
    question: (record: SpfRecord, at: Value<string> & { state: "known" }) => Value<T>,
  ): Value<T> =>
    mapValue(value, (text): Value<T> => {
      const record = readSpf(text.value);
      return record === undefined ? absent(text.location, text.chain) : question(record, text);
    });
  return {
    valid: ask<boolean>((record, at) => {
      const { location } = at;
      const steps: Step[] = location === undefined ? [] : record.problems.map((text) => ({ location, text }));
      return { ...at, value: record.problems.length === 0, chain: [...at.chain, ...steps] };
    }),
    policy: ask<string>((record, at) => {
      const end = followRedirect(record, view, new Set());
      if (typeof end === "string") return unknown(end, at.location, at.chain);
      return { ...at, value: end.policy };
    }),
    lookups: ask<number>((record, at) => {
      const { count, unseen } = lookups(record, view, new Set());
      if (unseen === undefined || count > maximumSpfLookups) return { ...at, value: count };
      const reason = `the record costs ${count} ${count === 1 ? "look-up" : "look-ups"} before those of ${unseen}, which is not in view`;
      return unknown(reason, at.location, at.chain);
    }),
    includes: ask<readonly string[]>((record, at) => ({ ...at, value: record.includes })),
    ignoredTerms: ask<readonly string[]>((record, at) => ({ ...at, value: record.ignoredTerms })),
  };
}

/** The record that decides about `all`; the reason where it is out of view. */
function followRedirect(record: SpfRecord, view: SpfView, seen: ReadonlySet<string>): SpfRecord | string {
  const { redirect } = record;
  if (record.policy !== "missing" || redirect === undefined) return record;
  const target = view.get(redirect.toLowerCase());
  if (target === undefined || seen.has(redirect))
    return `the record leads to ${redirect}, which is not in view`;
  return followRedirect(target, view, new Set([...seen, redirect]));
}

/** Look-ups of a record and of all it leads to; `unseen` is the first domain whose record is not in view. */
function lookups(
  record: SpfRecord,
  view: SpfView,
  seen: ReadonlySet<string>,
): { count: number; unseen: string | undefined } {
  const followed = record.policy === "missing" && record.redirect !== undefined ? [record.redirect] : [];
  let count = record.ownLookups;
  let unseen: string | undefined;
  for (const domain of [...record.includes, ...followed]) {
    const target = view.get(domain.toLowerCase());
    if (target === undefined || seen.has(domain)) {
      unseen ??= domain;
      continue;
    }
    const inner = lookups(target, view, new Set([...seen, domain]));
    count += inner.count;
    unseen ??= inner.unseen;
  }
  return { count, unseen };
}
