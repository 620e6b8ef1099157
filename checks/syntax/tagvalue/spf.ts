import { isIPv4, isIPv6 } from "node:net";

/** What `all` does with every sender that no mechanism before it named; `missing` when there is no `all`. */
export type SpfPolicy = "fail" | "softfail" | "neutral" | "pass" | "missing";

/** An SPF record as it stands, without any look-up (RFC 7208). */
export interface SpfRecord {
  /** What breaks the grammar, in plain words: every receiver then answers "permerror". Empty when it can be read. */
  readonly problems: readonly string[];
  readonly policy: SpfPolicy;
  /** Where `redirect=` leads; it counts only where there is no `all`. */
  readonly redirect?: string;
  /** Domains of `include:` before `all`, in order. */
  readonly includes: readonly string[];
  /** Look-ups that the record's own terms cost; what lies behind `include:` and `redirect=` comes on top. */
  readonly ownLookups: number;
  /** Terms after `all`, which no receiver looks at. */
  readonly ignoredTerms: readonly string[];
}

/** More look-ups than this end in "permerror" (RFC 7208 section 4.6.4). */
export const maximumSpfLookups = 10;

const policies: Readonly<Record<string, SpfPolicy>> = {
  "+": "pass",
  "-": "fail",
  "~": "softfail",
  "?": "neutral",
};

const needsLookup: ReadonlySet<string> = new Set(["include", "a", "mx", "ptr", "exists"]);

/** Whether receivers take the text for an SPF record: `v=spf1` and then a space or the end. */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Reads an SPF record. Undefined when the text is none. */
export function readSpf(text: string): SpfRecord | undefined {
  if (!isSpf(text)) return undefined;
  const problems: string[] = [];
  const includes: string[] = [];
  const ignoredTerms: string[] = [];
  const modifiers = new Set<string>();
  let policy: SpfPolicy = "missing";
  let redirect: string | undefined;
  let ownLookups = 0;
  for (const term of text.slice("v=spf1".length).split(" ").filter(Boolean)) {
    const modifier = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/.exec(term);
    if (modifier !== null) {
      const name = (modifier[1] ?? "").toLowerCase();
      const value = modifier[2] ?? "";
      if (name !== "redirect" && name !== "exp") continue;
      if (modifiers.has(name)) problems.push(`${name}= stands twice`);
      modifiers.add(name);
      if (!isDomainSpec(value)) problems.push(`"${term}" names no domain`);
      if (name === "redirect") redirect = value;
      continue;
    }
    if (policy !== "missing") {
      ignoredTerms.push(term);
      if (readMechanism(term) === undefined) problems.push(`"${term}" is no SPF term`);
      continue;
    }
    const mechanism = readMechanism(term);
    if (mechanism === undefined) {
      problems.push(`"${term}" is no SPF term`);
      continue;
    }
    if (mechanism.name === "all") policy = policies[mechanism.qualifier] ?? "missing";
    if (mechanism.name === "include") includes.push(mechanism.argument);
    if (needsLookup.has(mechanism.name)) ownLookups++;
  }
  if (redirect !== undefined && policy === "missing") ownLookups++;
  const record = { problems, policy, includes, ownLookups, ignoredTerms };
  return redirect === undefined ? record : { ...record, redirect };
}

interface Mechanism {
  readonly qualifier: string;
  readonly name: string;
  readonly argument: string;
}

function readMechanism(term: string): Mechanism | undefined {
  const match = /^([+\-~?]?)([A-Za-z0-9]+)(?::([^/]*))?((?:\/.*)?)$/.exec(term);
  if (match === null) return undefined;
  const qualifier = match[1] === "" ? "+" : (match[1] ?? "+");
  const name = (match[2] ?? "").toLowerCase();
  const argument = match[3];
  const prefix = match[4] ?? "";
  const found = { qualifier, name, argument: argument ?? "" };
  switch (name) {
    case "all":
      return argument === undefined && prefix === "" ? found : undefined;
    case "include":
    case "exists":
      return argument !== undefined && prefix === "" && isDomainSpec(argument) ? found : undefined;
    case "ptr":
      return prefix === "" && (argument === undefined || isDomainSpec(argument)) ? found : undefined;
    case "a":
    case "mx":
      return isDualPrefix(prefix) && (argument === undefined || isDomainSpec(argument)) ? found : undefined;
    case "ip4":
      return argument !== undefined && isIPv4(argument) && isPrefix(prefix, 32) ? found : undefined;
    case "ip6":
      return argument !== undefined && isIPv6(argument) && isPrefix(prefix, 128) ? found : undefined;
    default:
      return undefined;
  }
}

function isPrefix(text: string, longest: number): boolean {
  return text === "" || (/^\/\d{1,3}$/.test(text) && Number(text.slice(1)) <= longest);
}

function isDualPrefix(text: string): boolean {
  const match = /^(\/\d{1,3})?(?:\/(\/\d{1,3}))?$/.exec(text);
  return match !== null && isPrefix(match[1] ?? "", 32) && isPrefix(match[2] ?? "", 128);
}

/** A domain name that ends in a top-level label or a macro (RFC 7208 section 7.1). */
function isDomainSpec(text: string): boolean {
  const macro = /%\{[slodiphcrtv]\d*r?[.\-+,/_=]*\}/gi;
  const plain = text.replace(macro, "").replace(/%%|%_|%-/g, "");
  if (plain.includes("%") || !/^[\x21-\x7e]*$/.test(plain)) return false;
  return /\}$/.test(text) || /\.(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]*\.?$/.test(plain);
}
