import { absent, defaulted, known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { readMtaStsPolicy } from "#syntax/tagvalue/mta-sts.ts";
import { readSpf, type SpfRecord } from "#syntax/tagvalue/spf.ts";
import type { Module, Resource, ResourceReader } from "../../resource.ts";
import { inBlock, resourceFact, text } from "../shared/reading.ts";
import { duePolicies } from "./due.ts";
import { type Mechanism, type PublishedPolicy, publishedFact } from "./published.ts";
import { type ZoneRecord, zoneRecords } from "./records.ts";

/** Records of Route 53 that say how a domain's mail is to be treated, and those that are due and missing. */
export const readDns: ResourceReader = (module) => {
  const records = zoneRecords(module);
  const view = spfView(records);
  const mode = mtaStsMode(module);
  const policies = records.flatMap((record) => publishedBy(record, records));
  const merged = policies.filter(
    (policy, index) => !policies.slice(0, index).some((other) => isSame(policy, other)),
  );
  const facts: Fact[] = merged.map((policy) => publishedFact(policy, view, mode));
  facts.push(...records.flatMap((record) => serviceKey(module, record)));
  facts.push(...duePolicies(module, records, policies));
  return { facts, diagnostics: [] };
};

/** Two record sets at one name (weighted ones, say) are one publication. */
function isSame(a: PublishedPolicy, b: PublishedPolicy): boolean {
  return (
    a.mechanism === b.mechanism &&
    a.name.state === "known" &&
    b.name.state === "known" &&
    a.name.value === b.name.value
  );
}

function isType(record: ZoneRecord, type: string): boolean {
  return record.type.state === "known" && record.type.value === type;
}

function spfView(records: readonly ZoneRecord[]): ReadonlyMap<string, SpfRecord> {
  const view = new Map<string, SpfRecord>();
  for (const { name, values } of records.filter((record) => isType(record, "TXT"))) {
    if (name.state !== "known") continue;
    for (const value of values) {
      const record = value.state === "known" ? readSpf(value.value) : undefined;
      if (record !== undefined) view.set(name.value, record);
    }
  }
  return view;
}

/** What a TXT record, or a CNAME at a name where one is looked for, publishes. */
function publishedBy(record: ZoneRecord, records: readonly ZoneRecord[]): PublishedPolicy[] {
  const { name, resource } = record;
  if (isType(record, "CNAME")) {
    const place = name.state === "known" ? placeOf(name.value) : undefined;
    if (place === undefined || isServiceKey(record)) return [];
    return [
      {
        mechanism: place.mechanism,
        domain: domainOf(record, place.domain),
        name,
        resource,
        values: target(record, records),
      },
    ];
  }
  if (!isType(record, "TXT") && !isType(record, "SPF")) return [];
  const values =
    name.state === "known" ? sameName(records, name.value).flatMap((other) => other.values) : record.values;
  if (name.state !== "known") {
    const mechanism = mechanismByText(values);
    return mechanism === undefined ? [] : [{ mechanism, domain: name, name, resource, values }];
  }
  const place = placeOf(name.value);
  if (place !== undefined) {
    return [{ mechanism: place.mechanism, domain: domainOf(record, place.domain), name, resource, values }];
  }
  if (mechanismByText(values) !== "spf") return [];
  return [{ mechanism: "spf", domain: domainOf(record, name.value), name, resource, values }];
}

function sameName(records: readonly ZoneRecord[], name: string): readonly ZoneRecord[] {
  return records.filter(
    (other) => isType(other, "TXT") && other.name.state === "known" && other.name.value === name,
  );
}

/** The texts behind a CNAME, where they are in view. */
function target(record: ZoneRecord, records: readonly ZoneRecord[]): readonly Value<string>[] {
  const [value] = record.values;
  if (value === undefined) return [unknown("the CNAME has no value", record.resource.body.location)];
  if (value.state !== "known") return [value];
  const found = sameName(records, value.value.toLowerCase().replace(/\.$/, "")).flatMap(
    (other) => other.values,
  );
  if (found.length > 0) return found;
  return [
    unknown(`the name is an alias of ${value.value}, which is not in view`, value.location, value.chain),
  ];
}

/** Which mechanism looks at a name, and for which domain. */
function placeOf(name: string): { mechanism: Mechanism; domain: string } | undefined {
  const prefixes: readonly (readonly [string, Mechanism])[] = [
    ["_dmarc", "dmarc"],
    ["_mta-sts", "mta-sts"],
    ["_smtp._tls", "tls-rpt"],
  ];
  for (const [prefix, mechanism] of prefixes) {
    if (name === prefix) return { mechanism, domain: "" };
    if (name.startsWith(`${prefix}.`)) return { mechanism, domain: name.slice(prefix.length + 1) };
  }
  const match = /^(?:.+\.)?_domainkey(?:\.(.*))?$/.exec(name);
  return match === null ? undefined : { mechanism: "dkim", domain: match[1] ?? "" };
}

/** Without the zone's name, a name of one label or none may stand below any domain. */
function domainOf(record: ZoneRecord, domain: string): Value<string> {
  const { location, chain } = record.name;
  if (record.zone !== undefined || domain.includes(".")) return known(domain, location, chain);
  return unknown(
    "the name of the hosted zone is not known",
    record.resource.body.attribute("zone_id").location ?? location,
  );
}

const signs: readonly (readonly [RegExp, Mechanism])[] = [
  [/^v=spf1(?: |$)/i, "spf"],
  [/^v=DMARC1\b/i, "dmarc"],
  [/^v=DKIM1\b/, "dkim"],
  [/^v=STSv1\b/, "mta-sts"],
  [/^v=TLSRPTv1\b/, "tls-rpt"],
];

function mechanismByText(values: readonly Value<string>[]): Mechanism | undefined {
  const texts = values.flatMap((value) => (value.state === "known" ? [value.value] : []));
  return signs.find(([sign]) => texts.some((value) => sign.test(value)))?.[1];
}

const keySources = ["aws_ses_domain_dkim", "aws_sesv2_email_identity"] as const;

/** A CNAME to a key that Amazon SES holds and rotates. */
function isServiceKey(record: ZoneRecord): boolean {
  if (!isType(record, "CNAME")) return false;
  const literal = record.values.some(
    (value) => value.state === "known" && /\.dkim\.amazonses\.com\.?$/i.test(value.value),
  );
  const references = record.resource.body.references("records");
  return literal || references.some((address) => keySources.some((type) => address.startsWith(`${type}.`)));
}

function serviceKey(module: Module, record: ZoneRecord): Fact[] {
  if (!isServiceKey(record)) return [];
  const { resource, name } = record;
  const place = name.state === "known" ? placeOf(name.value) : undefined;
  const at = resource.body.location;
  return [
    resourceFact("dns.mail-policy", resource, {
      mechanism: known("dkim", at),
      domain:
        place === undefined
          ? record.zone === undefined
            ? unknownName(name)
            : known(record.zone.name, name.location)
          : domainOf(record, place.domain),
      records: known(1, at),
      valid: defaulted(true, at),
      testing: defaulted(false, at),
      keyType: defaulted("rsa", at),
      keyBits: serviceKeyBits(module, resource),
    }),
  ];
}

function unknownName(name: Value<string>): Value<string> {
  return name.state === "unknown" ? unknown(name.reason, name.location, name.chain) : absent(name.location);
}

/** SES tells the length only where somebody asked for one. */
function serviceKeyBits(module: Module, record: Resource): Value<number> {
  const identity = record.body
    .references("records")
    .map((address) => module.find(address))
    .find((resource) => resource?.type === "aws_sesv2_email_identity");
  const untold = unknown(
    "Amazon SES holds the key, and nobody writes how long it is",
    record.body.attribute("records").location,
  );
  if (identity === undefined) return untold;
  return inBlock<number>(
    identity.body,
    "dkim_signing_attributes",
    (block) => {
      const length = text(block, "next_signing_key_length");
      if (length.state === "absent") return untold;
      return mapValue(length, (word): Value<number> => {
        const bits = /^RSA_(\d+)_BIT$/.exec(word.value)?.[1];
        return bits === undefined ? untold : { ...word, value: Number(bits) };
      });
    },
    untold,
  );
}

/** The mode of the one policy file that the module uploads, if it does. */
function mtaStsMode(module: Module): Value<string> {
  const files = ["aws_s3_object", "aws_s3_bucket_object"]
    .flatMap((type) => module.ofType(type))
    .filter((file) => {
      const key = text(file.body, "key");
      return key.state === "known" && /(?:^|\/)\.well-known\/mta-sts\.txt$/.test(key.value);
    });
  const [file] = files;
  if (file === undefined || files.length > 1) {
    return unknown("the policy file that the domain serves at /.well-known/mta-sts.txt is not in view");
  }
  const content = text(file.body, "content");
  if (content.state === "absent")
    return unknown(`the content of ${file.address} is not in view`, file.body.location);
  return mapValue(content, (written): Value<string> => {
    const mode = readMtaStsPolicy(written.value).mode;
    return mode === undefined
      ? unknown("the policy file has no valid mode", written.location, written.chain)
      : { ...written, value: mode };
  });
}
