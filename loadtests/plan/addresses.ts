import { usage } from "../error.ts";

/** Domains that nobody owns (RFC 2606, RFC 6761). */
const reserved = /(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org)$/i;

export function isReservedDomain(domain: string): boolean {
  return reserved.test(domain);
}

/** Where synthetic mail goes. */
export interface Addresses {
  readonly from: string;
  /** Recipients are made up under this domain, or taken from a list. */
  readonly recipientDomain: string;
  readonly recipients?: readonly string[];
}

export const defaultAddresses: Addresses = {
  from: "load@sender.example",
  recipientDomain: "recipient.example",
};

/**
 * Holds addresses against the rule that synthetic mail goes to reserved domains only.
 * @param allowed the caller says that the addresses are its own
 * @throws LoadTestError for the first address elsewhere
 */
export function requireSynthetic(addresses: Addresses, allowed: boolean): void {
  if (allowed) return;
  const domains = [addresses.recipientDomain, ...(addresses.recipients ?? []).map(domainOf)];
  const foreign = domains.find((domain) => !isReservedDomain(domain));
  if (foreign === undefined) return;
  throw usage(
    "recipient-not-reserved",
    `recipients at ${foreign} may be real: use a reserved domain (.example, .test, .invalid), or say with --own-recipients that they are yours`,
  );
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
