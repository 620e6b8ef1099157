import type { Location } from "#base/location.ts";
import { known, type Step, unknown, type Value } from "#base/value.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { PatternEntry } from "#syntax/conf/table-file.ts";
import type { Instance } from "../instance.ts";
import { insideBraces, mapReferences, splitList } from "../maps/reference.ts";
import type { Table } from "../maps/tables.ts";
import { findPlaceholder } from "../parameters/placeholders.ts";
import { type Client, isLevel, type Level } from "../tls/level.ts";
import type { Policy } from "../tls/policy.ts";
import { isDomain } from "./next-hop.ts";

/** What one entry of a policy table says of the destinations that meet it. */
export interface PolicyEntry {
  readonly key: string;
  readonly policy: Policy;
  readonly location: Location;
  /** The parameter that names the table. */
  readonly parameter: string;
}

/** The answer of all policy tables of a service for one destination. */
export type Answer =
  | { readonly kind: "entry"; readonly entry: PolicyEntry }
  /** No entry: the level of the service counts. */
  | { readonly kind: "none" }
  /** A table that is not in view is asked before anything that is. */
  | {
      readonly kind: "unseen";
      readonly reason: string;
      readonly location: Location;
      readonly answersAll: boolean;
    };

interface OpenTable {
  readonly table: Table;
  readonly location: Location;
}

/** The policy tables of one client service: `…_tls_policy_maps`, or `…_tls_per_site` where there are none. */
export class PolicyTables {
  readonly parameter: string;
  private readonly tables: readonly OpenTable[];
  private readonly perSite: boolean;
  private readonly level: Value<Level>;
  private seen: readonly PolicyEntry[] | undefined;

  constructor(instance: Instance, client: Client, service: Service | undefined, level: Value<Level>) {
    const policies = readTables(instance, `${client}_tls_policy_maps`, service);
    const sites = policies.length === 0 ? readTables(instance, `${client}_tls_per_site`, service) : [];
    this.perSite = sites.length > 0;
    this.parameter = `${client}_tls_${this.perSite ? "per_site" : "policy_maps"}`;
    this.tables = this.perSite ? sites : policies;
    this.level = level;
  }

  /** Every entry that can be seen, but for those that answer every key. */
  get entries(): readonly PolicyEntry[] {
    this.seen ??= this.tables.flatMap(({ table }) => {
      if (table.kind === "entries") {
        return table.entries
          .filter((entry) => table.byKey.get(entry.key.toLowerCase()) === entry)
          .map(({ key, value, location, valueLocation }) => this.entry(key, value, location, valueLocation));
      }
      if (table.kind !== "patterns") return [];
      return table.entries.filter((entry) => !matchesAll(entry)).map((entry) => this.patternEntry(entry));
    });
    return this.seen;
  }

  /** The answer for a destination that no table names. */
  get fallThrough(): Answer {
    for (const { table, location } of this.tables) {
      if (table.kind === "unseen")
        return { kind: "unseen", reason: table.reason, location, answersAll: table.answersAll };
      if (table.kind === "constant") return this.constant(table.value, table.location);
      const all = table.kind === "patterns" ? table.entries.find(matchesAll) : undefined;
      if (all !== undefined) return { kind: "entry", entry: this.patternEntry(all) };
    }
    return { kind: "none" };
  }

  /** The answer for one next hop, with its parent domains where it is a domain. */
  lookUp(nextHop: string): Answer {
    for (const key of searched(nextHop)) {
      for (const { table, location } of this.tables) {
        if (table.kind === "unseen")
          return { kind: "unseen", reason: table.reason, location, answersAll: table.answersAll };
        if (table.kind === "constant") return this.constant(table.value, table.location);
        if (table.kind === "entries") {
          const found = table.byKey.get(key);
          if (found !== undefined) {
            return {
              kind: "entry",
              entry: this.entry(found.key, found.value, found.location, found.valueLocation),
            };
          }
          continue;
        }
        for (const entry of table.entries) {
          const matches = matchesKey(entry, key);
          if (matches === undefined) {
            const reason = `whether the pattern ${entry.pattern} matches ${key} cannot be told`;
            return { kind: "unseen", reason, location: entry.location, answersAll: true };
          }
          if (matches) return { kind: "entry", entry: this.patternEntry(entry) };
        }
      }
    }
    return { kind: "none" };
  }

  private constant(value: string, location: Location): Answer {
    return { kind: "entry", entry: this.entry("*", value, location, location) };
  }

  private patternEntry({ pattern, value, location, valueLocation }: PatternEntry): PolicyEntry {
    return this.entry(`/${pattern}/`, value, location, valueLocation);
  }

  private entry(key: string, value: string, location: Location, valueLocation: Location): PolicyEntry {
    const policy = this.perSite
      ? { level: siteLevel(value, valueLocation, this.level) }
      : readPolicy(key, value, valueLocation);
    return { key, policy, location, parameter: this.parameter };
  }
}

function readTables(instance: Instance, name: string, service: Service | undefined): OpenTable[] {
  const value = instance.parameters.value(name, service);
  const location = value.location ?? instance.parameters.due;
  if (value.state === "unknown") {
    return [{ table: { kind: "unseen", reason: value.reason, answersAll: true }, location }];
  }
  if (value.state === "absent") return [];
  return mapReferences(value.value).map((reference) => ({
    table: instance.tables.open(reference, location),
    location,
  }));
}

/** The keys that are asked for: a next hop as it is; a domain and its parents, each with its dot. */
function searched(nextHop: string): string[] {
  const key = nextHop.toLowerCase();
  if (!isDomain(key)) return [key];
  const keys = [key];
  for (let dot = key.indexOf(".", 1); dot !== -1; dot = key.indexOf(".", dot + 1)) keys.push(key.slice(dot));
  return keys;
}

/** Patterns that leave nothing out. */
function matchesAll({ pattern, negated, conditional }: PatternEntry): boolean {
  return !negated && !conditional && /^\^?(?:\.\*?|\(\.\*\))?\$?$/.test(pattern) && pattern !== "^$";
}

function matchesKey(entry: PatternEntry, key: string): boolean | undefined {
  if (entry.conditional) return undefined;
  try {
    return new RegExp(entry.pattern, "i").test(key) !== entry.negated;
  } catch {
    return undefined;
  }
}

/** Reads `level attribute=value …`. */
function readPolicy(key: string, value: string, location: Location): Policy {
  const refuse = (why: string): Policy => ({
    level: unknown(`Postfix holds all mail that meets the entry for ${key}: ${why}`, location),
  });
  const placeholder = findPlaceholder(value);
  if (placeholder !== undefined) {
    return { level: unknown(`a deployment puts something in the place of ${placeholder}`, location) };
  }
  const [first, ...rest] = splitList(value);
  const word = first?.toLowerCase() ?? "";
  if (!isLevel(word)) return refuse(`there is no level "${first ?? ""}"`);
  const attributes = new Map<string, Value<string>>();
  for (const attribute of word === "none" ? [] : rest) {
    const equals = insideBraces(attribute).indexOf("=");
    if (equals < 1) return refuse(`"${attribute}" is no attribute`);
    const name = insideBraces(attribute).slice(0, equals).trim().toLowerCase();
    if (!attributeNames.has(name)) return refuse(`there is no attribute "${name}"`);
    attributes.set(
      name,
      known(
        insideBraces(attribute)
          .slice(equals + 1)
          .trim(),
        location,
      ),
    );
  }
  const protocols = attributes.get("protocols");
  const ciphers = attributes.get("ciphers");
  const exclude = attributes.get("exclude");
  return {
    level: word === "dane" ? daneFor(key, location) : known<Level>(word, location),
    ...(protocols === undefined ? {} : { protocols }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(attributes.has("tafile") ? { hasAnchors: true as const } : {}),
  };
}

const attributeNames = new Set([
  "ciphers",
  "connection_reuse",
  "enable_rpk",
  "exclude",
  "match",
  "mx_host_pattern",
  "policy_domain",
  "policy_failure",
  "policy_string",
  "policy_ttl",
  "policy_type",
  "protocols",
  "servername",
  "tafile",
]);

/** For a named destination it is the destination's zone that decides what `dane` is worth. */
function daneFor(key: string, location: Location): Value<Level> {
  const step = (text: string): Step[] => [{ location, text }];
  return {
    ...unknown(`whether ${key} publishes usable TLSA records decides what the level dane is worth`, location),
    alternatives: [
      known<Level>("dane-only", location, step("with usable TLSA records the certificate must match them")),
      known<Level>("dane", location, step("without usable TLSA records it is the level may")),
    ],
  };
}

/** Reads a word of the older per-site table, which weighs against the level of the service. */
function siteLevel(value: string, location: Location, level: Value<Level>): Value<Level> {
  const word = value.trim().toUpperCase();
  if (word === "NONE") return known<Level>("none", location);
  if (word === "MUST") return known<Level>("verify", location);
  if (word === "MUST_NOPEERMATCH") return known<Level>("encrypt", location);
  if (word !== "MAY")
    return unknown(`Postfix holds all mail that meets this entry: there is no policy "${value}"`, location);
  if (level.state === "known" && level.value !== "none") return level;
  return level.state === "known" ? known<Level>("may", location) : level;
}
