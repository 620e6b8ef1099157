import { known, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Module, Resource } from "../../resource.ts";
import { resourceFact, text } from "../shared/reading.ts";
import { bare } from "../shared/three-valued.ts";
import type { Mechanism, PublishedPolicy } from "./published.ts";
import { type ZoneRecord, zonesOf } from "./records.ts";

/** A domain that has to do with mail, and what makes that visible. */
interface MailDomain {
  readonly domain: string;
  readonly resource: Resource;
  readonly mechanisms: readonly Mechanism[];
}

const placeOf: Readonly<Record<string, string>> = {
  spf: "",
  dmarc: "_dmarc.",
  "mta-sts": "_mta-sts.",
  "tls-rpt": "_smtp._tls.",
};

/**
 * Policies that are due and that the module does not publish: a domain with an MX record is to have all four, one that
 * sends (an SPF record, an SES identity) a DMARC record. They stand at the record that makes them due, under the name
 * where they would be.
 */
export function duePolicies(
  module: Module,
  records: readonly ZoneRecord[],
  published: readonly PublishedPolicy[],
): Fact[] {
  const facts = new Map<string, Fact>();
  for (const { domain, resource, mechanisms } of mailDomains(module, records, published)) {
    for (const mechanism of mechanisms) {
      if (isPublished(mechanism, domain, published)) continue;
      const id = `${placeOf[mechanism] ?? ""}${domain}`;
      if (facts.has(`${mechanism} ${id}`)) continue;
      const { location } = resource.body;
      const fact = resourceFact("dns.mail-policy", resource, {
        mechanism: known(mechanism, location),
        domain: known(domain, location),
        records: missing(module, records, mechanism, domain, resource),
      });
      facts.set(`${mechanism} ${id}`, { ...fact, id });
    }
  }
  return [...facts.values()];
}

function mailDomains(
  module: Module,
  records: readonly ZoneRecord[],
  published: readonly PublishedPolicy[],
): MailDomain[] {
  const domains: MailDomain[] = [];
  for (const { name, type, values, resource } of records) {
    if (type.state !== "known" || type.value !== "MX" || name.state !== "known") continue;
    if (values.some((value) => value.state === "known" && /^0\s+\.$/.test(value.value.trim()))) continue;
    domains.push({ domain: name.value, resource, mechanisms: ["spf", "dmarc", "mta-sts", "tls-rpt"] });
  }
  for (const { mechanism, domain, resource } of published) {
    if (mechanism === "spf" && domain.state === "known")
      domains.push({ domain: domain.value, resource, mechanisms: ["dmarc"] });
  }
  const identities = [
    ...module
      .ofType("aws_ses_domain_identity")
      .map((resource) => ({ resource, name: text(resource.body, "domain") })),
    ...module
      .ofType("aws_sesv2_email_identity")
      .map((resource) => ({ resource, name: text(resource.body, "email_identity") })),
  ];
  for (const { resource, name } of identities) {
    if (name.state !== "known" || name.value.includes("@") || managedZone(module, name.value) === undefined)
      continue;
    domains.push({ domain: name.value.toLowerCase(), resource, mechanisms: ["dmarc"] });
  }
  return domains;
}

/** A domain without a DMARC record of its own comes under that of a parent. */
function isPublished(mechanism: Mechanism, domain: string, published: readonly PublishedPolicy[]): boolean {
  return published.some(
    (policy) =>
      policy.mechanism === mechanism &&
      policy.domain.state === "known" &&
      (policy.domain.value === domain ||
        (mechanism === "dmarc" && domain.endsWith(`.${policy.domain.value}`))),
  );
}

function managedZone(module: Module, domain: string): Resource | undefined {
  return zonesOf(module).find(
    ({ name, resource }) => resource.mode === "managed" && (domain === name || domain.endsWith(`.${name}`)),
  )?.resource;
}

/** None, where the whole zone is in view and each of its records can be read. */
function missing(
  module: Module,
  records: readonly ZoneRecord[],
  mechanism: Mechanism,
  domain: string,
  resource: Resource,
): Value<number> {
  const { location } = resource.body;
  if (module.incomplete !== undefined) return bare(module.incomplete);
  if (managedZone(module, domain) === undefined) {
    return unknown(
      `the hosted zone of ${domain} is not declared here, so the record may be made elsewhere`,
      location,
    );
  }
  for (const record of records) {
    const mayBeText =
      record.type.state !== "known" || record.type.value === "TXT" || record.type.value === "CNAME";
    if (!mayBeText) continue;
    const { name } = record;
    if (name.state === "unknown" && !isElsewhere(record))
      return unknown(name.reason, name.location, name.chain);
    const hidden = record.values.find((value) => value.state === "unknown");
    if (
      mechanism === "spf" &&
      name.state === "known" &&
      name.value === domain &&
      hidden?.state === "unknown"
    ) {
      return unknown(hidden.reason, hidden.location, hidden.chain);
    }
  }
  return known(0, location);
}

/** A CNAME to a DKIM key is none of the four. */
function isElsewhere(record: ZoneRecord): boolean {
  return record.resource.body.references("records").some((address) => /^aws_ses(?:v2)?_/.test(address));
}
