import type { Location } from "#base/location.ts";
import { known, mapValue, oneOf, type Step, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { dueAt } from "../due.ts";
import type { Instance } from "../instance.ts";
import { truth } from "../parameters/parameters.ts";
import { isAtLeast, sinceVersion } from "../parameters/version.ts";
import type { Mode } from "../tls/level.ts";
import { type Policy, type Sender, type TlsAttributes, tlsOf } from "../tls/policy.ts";
import type { ClientService } from "./clients.ts";
import { credentialsOf, type LogInAt } from "./credentials.ts";
import { isLoopback } from "./next-hop.ts";
import type { Answer, PolicyEntry } from "./policy-table.ts";
import { type Destination, isLocal } from "./traffic.ts";

/** What decides one delivery. */
interface Decision {
  readonly destination: Destination;
  readonly tls: TlsAttributes;
  readonly entry?: PolicyEntry;
}

/** The effective policy of every way by which mail leaves an instance. */
export function readRoutes(instance: Instance, clients: readonly ClientService[]): Fact[] {
  const used = new Set<string>();
  const facts = clients.map((client) => serviceFact(client, instance, used));
  return [...facts, ...entryFacts(clients, instance, used)];
}

const rank = (mode: Value<Mode>): number => {
  if (mode.state !== "known") return 2;
  return mode.value === "none" ? 0 : mode.value === "opportunistic" ? 1 : 3;
};

/**
 * What holds for the deliveries of a service that no table speaks of, at its weakest; what a table says of other
 * destinations has facts of its own.
 */
function serviceFact(client: ClientService, instance: Instance, used: Set<string>): Fact {
  const { service, sender, destinations } = client;
  const remote = destinations.filter((destination) => !isLocal(destination));
  const decisions = (remote.length === 0 ? destinations : remote).map((destination) =>
    decide(client, destination),
  );
  const ofKind = (kind: Destination["kind"]): readonly Decision[] =>
    decisions.filter(({ destination }) => destination.kind === kind);
  const [any, fixed, open] = [ofKind("any"), ofKind("fixed"), ofKind("open")];
  const certain = weakest(any.length > 0 ? any : fixed);
  const possible = weakest(open);
  const base = certain ?? possible;
  if (base === undefined) throw new Error(`${service.name} has no destination`);
  if (base.entry !== undefined) used.add(keyOf(base.entry));
  const tls = certain === undefined || possible === undefined ? base.tls : perhaps(certain.tls, possible);
  const { destination } = base;
  return {
    kind: "mail.route",
    id: `${service.name}/${service.type}`,
    location: service.location,
    attributes: {
      ...common(tls, sender, instance, {
        nextHop: destination.kind === "fixed" ? destination.nextHop : undefined,
        isRelay: true,
      }),
      loopback: loopbackOf(client, remote, destination),
      ...(destination.kind === "fixed"
        ? { destination: known(destination.nextHop, destination.location) }
        : {}),
    },
  };
}

function weakest(decisions: readonly Decision[]): Decision | undefined {
  const [first, ...rest] = decisions;
  if (first === undefined) return undefined;
  return rest.reduce((a, b) => (rank(b.tls.mode) < rank(a.tls.mode) ? b : a), first);
}

function loopbackOf(
  { service }: ClientService,
  remote: readonly Destination[],
  { location, text }: Destination,
): Value<boolean> {
  if (remote.length === 0) return known(true, location, [{ location, text }]);
  const isOpen = remote.every(({ kind }) => kind === "open");
  return isOpen ? unknown(text, location) : known(false, service.location);
}

/** Something that is not in view may send mail past the destinations that are. */
function perhaps(certain: TlsAttributes, { destination, tls: possible }: Decision): TlsAttributes {
  const { text, location } = destination;
  const either = <T>(a: Value<T>, b: Value<T>): Value<T> => {
    if (a.state === "known" && b.state === "known" && JSON.stringify(a.value) === JSON.stringify(b.value)) {
      return a;
    }
    return oneOf([a, b], `${text}, so that mail may go elsewhere too`, location, [{ location, text }]);
  };
  return {
    mode: rank(possible.mode) < rank(certain.mode) ? either(certain.mode, possible.mode) : certain.mode,
    verification: either(certain.verification, possible.verification),
    minimumVersion: either(certain.minimumVersion, possible.minimumVersion),
    weakCiphers: either(certain.weakCiphers, possible.weakCiphers),
  };
}

/** One fact for each entry of a policy table that a destination can meet. */
function entryFacts(clients: readonly ClientService[], instance: Instance, used: Set<string>): Fact[] {
  const facts = new Map<string, Fact>();
  for (const client of clients) {
    const reachesAll = client.destinations.some(({ kind }) => kind !== "fixed");
    const met = new Set(
      client.destinations
        .filter(({ kind }) => kind === "fixed")
        .map(({ nextHop }) => client.tables.lookUp(nextHop))
        .flatMap((answer) => (answer.kind === "entry" ? [keyOf(answer.entry)] : [])),
    );
    for (const entry of client.tables.entries) {
      const key = keyOf(entry);
      if (used.has(key) || facts.has(key) || !(reachesAll || met.has(key))) continue;
      facts.set(key, {
        kind: "mail.route",
        id: `${entry.parameter}:${entry.key}`,
        location: entry.location,
        attributes: {
          ...common(tlsOf(entry.policy, client.sender), client.sender, instance, {
            nextHop: entry.key,
            isRelay: false,
          }),
          loopback: known(isLoopback(entry.key), entry.location),
          destination: known(entry.key, entry.location),
        },
      });
    }
  }
  return [...facts.values()];
}

function keyOf({ location, key }: PolicyEntry): string {
  return `${location.file}\n${location.line}\n${location.column}\n${key}`;
}

function decide(client: ClientService, destination: Destination): Decision {
  const { tables, sender, level } = client;
  const answer = destination.kind === "fixed" ? tables.lookUp(destination.nextHop) : tables.fallThrough;
  const own: Policy = { level };
  if (answer.kind === "entry") {
    return { destination, entry: answer.entry, tls: tlsOf(answer.entry.policy, sender) };
  }
  const tls = tlsOf(own, sender);
  if (answer.kind === "unseen") {
    // Any table may name the one next hop that there is, and an indexed one not all there are.
    const answersAll = answer.answersAll || destination.kind === "fixed";
    return { destination, tls: unseen(tls, { ...answer, answersAll }) };
  }
  // A next hop that is not in view may meet an entry as well as none.
  const lower =
    destination.kind === "open" ? tables.entries.find((entry) => isLower(entry, tls, sender)) : undefined;
  if (lower !== undefined) {
    const step: Step = { location: destination.location, text: destination.text };
    const reason = `${destination.text}, and the entry for ${lower.key} in ${lower.parameter} would lower the level`;
    return { destination, tls: { ...tls, mode: unknown(reason, destination.location, [step]) } };
  }
  return { destination, tls };
}

function isLower(entry: PolicyEntry, tls: TlsAttributes, sender: Sender): boolean {
  return rank(tlsOf(entry.policy, sender).mode) < rank(tls.mode);
}

/**
 * A table that cannot be seen can lower the level of the service for any destination. It cannot raise it for those that
 * an indexed table does not name.
 */
function unseen(tls: TlsAttributes, table: Answer & { readonly kind: "unseen" }): TlsAttributes {
  const { reason, location } = table;
  const step: Step = { location, text: reason };
  const blur = <T>(value: Value<T>, keeps: boolean): Value<T> =>
    keeps && value.state === "known" && !table.answersAll
      ? { ...value, chain: [...value.chain, step] }
      : unknown(`${reason}, and its entries replace the level of the service`, location, [
          ...value.chain,
          step,
        ]);
  const { mode } = tls;
  const isWeak = mode.state === "known" && mode.value !== "required";
  return {
    mode: blur(mode, isWeak),
    verification: blur(
      tls.verification,
      tls.verification.state === "known" && tls.verification.value === "none",
    ),
    minimumVersion: blur(
      tls.minimumVersion,
      tls.minimumVersion.state === "known" && tls.minimumVersion.value < "TLSv1.2",
    ),
    weakCiphers: blur(tls.weakCiphers, tls.weakCiphers.state === "known" && tls.weakCiphers.value.length > 0),
  };
}

/** The attributes that a service and an entry of a table have in common. */
function common(tls: TlsAttributes, sender: Sender, instance: Instance, at: LogInAt): Record<string, Value> {
  const place: Location | undefined = tls.mode.location;
  const { due } = instance.parameters;
  return {
    product: known("postfix", place),
    "tls.mode": tls.mode,
    "tls.verification": tls.verification,
    "tls.minimumVersion": dueAt(tls.minimumVersion, due, place),
    "tls.weakCiphers": dueAt(tls.weakCiphers, due, place),
    ...credentialsOf(sender, instance.tables, tls.mode, at),
    "message.loweringHonoured": dueAt(loweringHonoured(instance), due, place),
  };
}

/** Postfix 3.10 and newer obey `TLS-Required: no` unless told otherwise; older ones know neither it nor the parameter. */
function loweringHonoured(instance: Instance): Value<boolean> {
  const { parameters } = instance;
  const name = "tls_required_enable";
  if (!parameters.isWritten(name)) return sinceVersion(parameters, "3.10", false, true, name);
  const written = truth(name, parameters.value(name));
  return isAtLeast(parameters.version, "3.10") === false
    ? mapValue(written, (flag) => ({ ...flag, value: false }))
    : written;
}
