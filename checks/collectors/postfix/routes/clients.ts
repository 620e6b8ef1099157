import type { Value } from "#base/value.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { Instance } from "../instance.ts";
import { type Client, globalLevel, type Level } from "../tls/level.ts";
import type { Sender } from "../tls/policy.ts";
import { hostOf, isLoopback } from "./next-hop.ts";
import { PolicyTables } from "./policy-table.ts";
import { type Destination, leadingTo, Traffic } from "./traffic.ts";

/** A client service with all that decides its deliveries. */
export interface ClientService {
  readonly service: Service;
  readonly sender: Sender;
  readonly level: Value<Level>;
  readonly tables: PolicyTables;
  readonly destinations: readonly Destination[];
}

/** Services that deliver by SMTP; those that deliver by LMTP where something leads to them. */
export function clientServices(instance: Instance): ClientService[] {
  const traffic = new Traffic(instance);
  return instance.services.flatMap((service) => clientOf(service, instance, traffic));
}

function clientOf(service: Service, instance: Instance, traffic: Traffic): ClientService[] {
  if (service.program !== "smtp" && service.program !== "lmtp") return [];
  const client: Client = service.program;
  const leading =
    client === "lmtp" ? traffic.of(service.name).filter(isRemoteStore) : traffic.of(service.name);
  const isStock = service.name === "smtp" || service.name === "relay";
  if (leading.length === 0) {
    if (client === "lmtp" || (isStock && traffic.leavesNothing)) return [];
    if (service.isAssumed === true) return [];
  }
  const { parameters } = instance;
  const sender: Sender = { parameters, client, service };
  const level = globalLevel(parameters, client, service);
  const own: Destination = {
    kind: "any",
    nextHop: "",
    location: service.location,
    text: "nothing in view says where it delivers",
  };
  return [
    {
      service,
      sender,
      level,
      tables: new PolicyTables(instance, client, service, level),
      destinations: [...(leading.length === 0 ? [own] : leading), ...fallbackRelays(sender)],
    },
  ];
}

/** A host on another network, and not a mail store under a name that only its own machine or cluster knows. */
function isRemoteStore({ kind, nextHop }: Destination): boolean {
  return kind === "fixed" && !isLoopback(nextHop) && /[.:]/.test(hostOf(nextHop));
}

function fallbackRelays({ parameters, client, service }: Sender): Destination[] {
  const name = client === "smtp" ? "smtp_fallback_relay" : "lmtp_fallback_relay";
  const value = parameters.value(name, service);
  const location = value.location ?? parameters.due;
  if (value.state === "unknown") return [{ kind: "open", nextHop: "", location, text: value.reason }];
  if (value.state !== "known") return [];
  return value.value
    .split(/[\s,]+/)
    .filter((nextHop) => nextHop !== "")
    .map((nextHop) => leadingTo(nextHop, location, `${name} is ${nextHop}`));
}
