import { absent, type Known, known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { readDkim } from "#syntax/tagvalue/dkim.ts";
import { isDmarc, readDmarc } from "#syntax/tagvalue/dmarc.ts";
import { readMtaStsRecord, readTlsReporting } from "#syntax/tagvalue/mta-sts.ts";
import { isSpf } from "#syntax/tagvalue/spf.ts";
import type { Resource } from "../../resource.ts";
import { resourceFact } from "../shared/reading.ts";
import { type SpfView, spfAttributes } from "./spf-in-view.ts";

export type Mechanism = "spf" | "dmarc" | "mta-sts" | "tls-rpt" | "dkim";

/** The TXT values at one name that may be a mechanism's record. */
export interface PublishedPolicy {
  readonly mechanism: Mechanism;
  readonly domain: Value<string>;
  /** The name that the values stand at. */
  readonly name: Value<string>;
  /** The resource that publishes it, or that makes it due. */
  readonly resource: Resource;
  /** Every TXT value at the name. */
  readonly values: readonly Value<string>[];
}

const recognise: Readonly<Record<Mechanism, (text: string) => boolean>> = {
  spf: isSpf,
  dmarc: isDmarc,
  "mta-sts": (text) => readMtaStsRecord(text) !== undefined,
  "tls-rpt": (text) => readTlsReporting(text) !== undefined,
  dkim: (text) => readDkim(text) !== undefined,
};

/** What a receiver sees at a name, as a fact. */
export function publishedFact(policy: PublishedPolicy, spf: SpfView, stsMode: Value<string>): Fact {
  const { mechanism, resource, domain } = policy;
  const at = resource.body.location;
  const { records, single, multiple } = candidates(policy);
  const attributes: Record<string, Value> = { mechanism: known(mechanism, at), domain, records };
  if (multiple !== undefined) {
    // Receivers then act as if there were none (RFC 7208 section 4.5, RFC 7489 section 6.6.3, RFC 8461 section 3.1).
    const step = {
      location: multiple.location ?? at,
      text: `several ${mechanism} records cancel each other`,
    };
    attributes.valid = known(false, multiple.location, [...multiple.chain, step]);
  } else if (single !== undefined) {
    Object.assign(attributes, read(mechanism, single, spf, stsMode));
  }
  return resourceFact("dns.mail-policy", resource, attributes);
}

function candidates({ mechanism, values, resource }: PublishedPolicy): {
  records: Value<number>;
  single: Value<string> | undefined;
  multiple: Known<string> | undefined;
} {
  const matching = values.filter((value) => value.state === "known" && recognise[mechanism](value.value));
  const hidden = values.find((value) => value.state === "unknown");
  const [first, second] = matching;
  const location = first?.location ?? values[0]?.location ?? resource.body.location;
  const onlyHidden =
    first === undefined && mechanism !== "spf" && values.length === 1 && hidden !== undefined;
  const records: Value<number> = onlyHidden
    ? known(1, location)
    : hidden === undefined
      ? known(matching.length, location)
      : unknown(hidden.state === "unknown" ? hidden.reason : "", hidden.location, hidden.chain);
  return {
    records,
    single:
      second === undefined ? (first ?? hidden ?? (mechanism === "spf" ? undefined : values[0])) : undefined,
    multiple: second?.state === "known" ? second : undefined,
  };
}

function read(
  mechanism: Mechanism,
  value: Value<string>,
  spf: SpfView,
  stsMode: Value<string>,
): Record<string, Value> {
  switch (mechanism) {
    case "spf":
      return spfAttributes(value, spf);
    case "dmarc":
      return each(value, readDmarc, {
        policy: (record) => record.policy,
        subdomainPolicy: (record) => record.subdomainPolicy,
        reports: (record) => record.reports,
        testing: (record) => record.testing,
        percentage: (record) => record.percentage,
      });
    case "mta-sts":
      return { ...each(value, readMtaStsRecord, {}), policy: stsMode };
    case "tls-rpt":
      return each(value, readTlsReporting, { reports: (record) => record.reports });
    case "dkim":
      return each(value, readDkim, {
        keyType: (record) => record.keyType,
        keyBits: (record) => record.keyBits,
        testing: (record) => record.testing,
      });
  }
}

/** One attribute for each question about a record, and whether it can be read at all. */
function each<R extends { readonly problems: readonly string[] }>(
  value: Value<string>,
  parse: (text: string) => R | undefined,
  questions: Readonly<Record<string, (record: R) => string | number | boolean | undefined>>,
): Record<string, Value> {
  const valid = mapValue(value, (text): Value<boolean> => {
    const record = parse(text.value);
    const problems = record?.problems ?? ["receivers do not take the text for such a record"];
    const steps = problems.map((problem) => ({ location: text.location, text: problem })).flatMap(located);
    return { ...text, value: problems.length === 0, chain: [...text.chain, ...steps] };
  });
  const answers = Object.entries(questions).map(([name, ask]): [string, Value] => [
    name,
    mapValue(value, (text): Value<string | number | boolean> => {
      const record = parse(text.value);
      const answer = record === undefined ? undefined : ask(record);
      return answer === undefined ? absent(text.location, text.chain) : { ...text, value: answer };
    }),
  ]);
  return { valid, ...Object.fromEntries(answers) };
}

function located<T extends { location: Known["location"] | undefined; text: string }>(
  step: T,
): { location: NonNullable<T["location"]>; text: string }[] {
  return step.location === undefined ? [] : [{ location: step.location, text: step.text }];
}
