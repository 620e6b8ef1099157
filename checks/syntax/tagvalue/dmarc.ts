import { parseTagList } from "./tag-list.ts";

export type DmarcPolicy = "none" | "quarantine" | "reject";

/** A DMARC record (RFC 7489, and RFC 9989 where they differ). */
export interface DmarcRecord {
  /** What breaks the grammar, in plain words. Empty when it can be read. */
  readonly problems: readonly string[];
  /** What receivers are asked to do; `none` also where the tag is missing (both RFCs end there). */
  readonly policy: DmarcPolicy;
  /** The same for subdomains that publish none of their own: `sp`, or else `p`. */
  readonly subdomainPolicy: DmarcPolicy;
  /** `rua` names at least one address that can take reports. */
  readonly reports: boolean;
  /** `t=y` (RFC 9989): receivers act one step milder than the policy says. */
  readonly testing: boolean;
  /** The share of failing mail that `pct` applies the policy to. RFC 9989 has no such tag: its receivers apply it to all. */
  readonly percentage: number;
}

/** Whether receivers take the text for a DMARC record: `v=DMARC1`, exactly so, comes first. */
export function isDmarc(text: string): boolean {
  return /^\s*v\s*=\s*DMARC1\s*(?:;|$)/.test(text);
}

/** Reads a DMARC record. Undefined when the text is none. Unknown tags are ignored, as both RFCs say. */
export function readDmarc(text: string): DmarcRecord | undefined {
  if (!isDmarc(text)) return undefined;
  const list = parseTagList(text);
  const problems = [...list.problems];
  const read = (name: string): DmarcPolicy | undefined => {
    const value = list.get(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === "none" || value === "quarantine" || value === "reject") return value;
    problems.push(`${name}=${value} is neither none, quarantine nor reject`);
    return undefined;
  };
  const policy = read("p") ?? "none";
  const percentage = list.get("pct") ?? "100";
  if (!/^\d{1,3}$/.test(percentage) || Number(percentage) > 100)
    problems.push("pct is no number from 0 to 100");
  return {
    policy,
    subdomainPolicy: read("sp") ?? policy,
    reports: isReportAddressList(list.get("rua") ?? ""),
    testing: list.get("t")?.toLowerCase() === "y",
    percentage: Math.min(100, Number.parseInt(percentage, 10) || 0),
    problems,
  };
}

/** At least one `mailto:` address or `https:` address in a comma-separated list, each with an optional `!10m` size. */
export function isReportAddressList(text: string): boolean {
  return text
    .split(",")
    .map((address) => address.trim().replace(/![0-9]+[kmgt]?$/i, ""))
    .some(
      (address) => /^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/i.test(address) || /^https:\/\/[^\s/]+/i.test(address),
    );
}
