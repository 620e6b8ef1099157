import { type Location, startOfFile } from "#base/location.ts";
import type { Value } from "#base/value.ts";
import type { Instance } from "../instance.ts";
import { mapReferences, splitList } from "../maps/reference.ts";
import type { Table } from "../maps/tables.ts";
import { findPlaceholder } from "../parameters/placeholders.ts";
import { isLoopback } from "./next-hop.ts";

/** Where a service delivers to. */
export interface Destination {
  /** `any`: the domain of whoever the recipient is. `open`: something that is not in view decides. */
  readonly kind: "any" | "fixed" | "open";
  /** The next hop as a policy table is asked for it: `[smtp.example.org]:587`. */
  readonly nextHop: string;
  /** What sends it there. */
  readonly location: Location;
  /** One clause on what sends it there. */
  readonly text: string;
}

/** The next hop is on this host. */
export function isLocal({ kind, nextHop }: Destination): boolean {
  return kind === "fixed" && isLoopback(nextHop);
}

/** A next hop that is written; one that the machine or a deployment completes is not known. */
export function leadingTo(nextHop: string, location: Location, text: string): Destination {
  const open = nextHop.includes("$") || findPlaceholder(nextHop) !== undefined;
  return open
    ? { kind: "open", nextHop: "", location, text: `${text}, which is completed elsewhere` }
    : { kind: "fixed", nextHop, location, text };
}

/** What leads to each delivery service of an instance, by the service's name. */
export class Traffic {
  private readonly byService = new Map<string, Destination[]>();
  private readonly instance: Instance;
  /** Something that is not in view may send mail to any service. */
  private readonly anywhere: Destination[] = [];
  private readonly relays: readonly Destination[];

  constructor(instance: Instance) {
    this.instance = instance;
    const { parameters } = instance;
    this.relays = this.relayHosts();
    this.transport("default_transport", parameters.value("default_transport"), this.relays);
    const relayDomains = parameters.value("relay_domains");
    // The default, in old compatibility levels, is what this host delivers itself.
    const isEmpty = relayDomains.state === "known" && relayDomains.value === "";
    if (parameters.isWritten("relay_domains") && !isEmpty) {
      this.transport("relay_transport", parameters.value("relay_transport"), this.relays);
    }
    for (const name of ["local_transport", "virtual_transport", "mailbox_transport", "fallback_transport"]) {
      if (parameters.isWritten(name)) this.transport(name, parameters.value(name), this.relays);
    }
    this.contentFilters();
    this.table("sender_dependent_default_transport_maps", (value, location, key) =>
      this.leads("sender_dependent_default_transport_maps", value, location, key, this.relays),
    );
    this.table("transport_maps", (value, location, key) =>
      this.leads("transport_maps", value, location, key, [this.recipients(key, location)]),
    );
  }

  /** The domain of the recipients that a key of a transport table names. */
  private recipients(key: string, location: Location): Destination {
    const kind = key === "*" || key.startsWith("/") || key.startsWith(".") ? "any" : "fixed";
    const nextHop = key.slice(key.lastIndexOf("@") + 1);
    return { kind, nextHop, location, text: `transport_maps sends ${key} here` };
  }

  /**
   * Destinations of a service; empty where nothing leads to it. A service that is there for this host alone, to feed a
   * filter, gets nothing from what is not in view.
   */
  of(service: string): readonly Destination[] {
    const own = this.byService.get(service) ?? [];
    const isFilter = own.length > 0 && own.every((destination) => isLocal(destination));
    return isFilter ? own : [...own, ...this.anywhere];
  }

  /** Whether mail for other hosts is refused or thrown away, so that the stock services have nothing to do. */
  get leavesNothing(): boolean {
    const value = this.instance.parameters.value("default_transport");
    return value.state === "known" && /^(?:error|discard|retry|local)(?::|$)/.test(value.value);
  }

  /** Where mail goes for which a transport names no next hop: to the relay host, else to the recipient's domain. */
  private relayHosts(): Destination[] {
    const found: Destination[] = [];
    const { parameters } = this.instance;
    const relayhost = parameters.value("relayhost");
    const location = relayhost.location ?? parameters.due;
    if (relayhost.state === "unknown") {
      found.push({ kind: "open", nextHop: "", location, text: relayhost.reason });
    } else if (relayhost.state === "known") {
      const hosts = splitList(relayhost.value);
      for (const nextHop of hosts) found.push(leadingTo(nextHop, location, `relayhost is ${nextHop}`));
      if (hosts.length === 0)
        found.push({ kind: "any", nextHop: "", location, text: "mail goes to the recipient's domain" });
    }
    this.table(
      "sender_dependent_relayhost_maps",
      (value, at, key) => {
        const nextHop = value.trim();
        if (nextHop === "" || nextHop.toUpperCase() === "DUNNO") return;
        found.push(leadingTo(nextHop, at, `${key} is relayed through ${nextHop}`));
      },
      (reason, at) => found.push({ kind: "open", nextHop: "", location: at, text: reason }),
    );
    return found;
  }

  private contentFilters(): void {
    const { parameters, services } = this.instance;
    const name = "content_filter";
    this.transport(name, parameters.value(name), this.relays);
    for (const service of services) {
      if (service.overrides.some((override) => override.name === name)) {
        this.transport(name, parameters.value(name, service), this.relays);
      }
    }
  }

  /** A parameter of the form `transport:nexthop`. */
  private transport(name: string, value: Value<string>, otherwise: readonly Destination[]): void {
    const location = value.location ?? this.instance.parameters.due;
    if (value.state === "unknown") {
      const open: Destination = { kind: "open", nextHop: "", location, text: value.reason };
      // Where only the next hop is to be filled in, the service is known all the same.
      const service = /^([\w-]+):/.exec(this.instance.parameters.setting(name)?.value ?? "")?.[1];
      if (service === undefined) this.anywhere.push(open);
      else this.add(service, [open]);
    } else if (value.state === "known" && value.value !== "") {
      this.leads(name, value.value, location, name, otherwise);
    }
  }

  private leads(
    name: string,
    value: string,
    location: Location,
    key: string,
    otherwise: readonly Destination[],
  ): void {
    const colon = value.indexOf(":");
    const service = (colon === -1 ? value : value.slice(0, colon)).trim();
    const nextHop = colon === -1 ? "" : value.slice(colon + 1).trim();
    const target = service === "" && name === "transport_maps" ? this.defaultService() : service;
    const text = name === key ? `${name} is ${value}` : `${name} sends ${key} to ${value}`;
    const hops = splitList(nextHop);
    const destinations: readonly Destination[] =
      hops.length > 0 ? hops.map((hop) => leadingTo(hop, location, text)) : otherwise;
    this.add(target, destinations);
  }

  private add(service: string, destinations: readonly Destination[]): void {
    const list = this.byService.get(service) ?? [];
    list.push(...destinations);
    this.byService.set(service, list);
  }

  private defaultService(): string {
    const value = this.instance.parameters.value("default_transport");
    return value.state === "known" ? (value.value.split(":")[0] ?? "smtp") : "smtp";
  }

  /** Calls back for each entry of the tables that a parameter names. */
  private table(
    name: string,
    entry: (value: string, location: Location, key: string) => void,
    unseen: (reason: string, location: Location) => void = (reason, location) =>
      this.anywhere.push({ kind: "open", nextHop: "", location, text: reason }),
  ): void {
    const { parameters, tables } = this.instance;
    const value = parameters.value(name);
    const location = value.location ?? startOfFile(this.instance.file);
    if (value.state === "unknown") unseen(value.reason, location);
    if (value.state !== "known") return;
    for (const reference of mapReferences(value.value)) {
      const table: Table = tables.open(reference, location);
      if (table.kind === "unseen") unseen(table.reason, location);
      else if (table.kind === "constant") entry(table.value, table.location, "*");
      else if (table.kind === "patterns") {
        for (const { pattern, value: result, location: at } of table.entries)
          entry(result, at, `/${pattern}/`);
      } else for (const { key, value: result, location: at } of table.entries) entry(result, at, key);
    }
  }
}
