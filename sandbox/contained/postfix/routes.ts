import type { RunningContainer } from "../../containers/container.ts";
import { recipientDomain } from "../../probe/message.ts";
import { mapsIn } from "./maps.ts";
import { readValues } from "./settings.ts";

/** Where a configuration sends the mail of the probe. */
export interface Routes {
  /** The relay that it is told; undefined where it asks the zones. */
  readonly relay: { readonly host: string; readonly port: number } | undefined;
  readonly fallbackRelays: readonly string[];
  /** A domain for which a TLS policy table demands less than TLS. */
  readonly exempted: string | undefined;
  /** A domain whose mail is delivered to users of this host. */
  readonly local: string | undefined;
}

const services: Readonly<Record<string, number>> = {
  smtp: 25,
  submission: 587,
  smtps: 465,
  submissions: 465,
};

/** `[host]:port` in all its forms. */
export function readNextHop(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, inBrackets, bare, port = "smtp"] =
    /^(?:\[([^\]]+)\]|([^:\s[\]]+))(?::(\w+))?$/.exec(text.trim()) ?? [];
  const host = inBrackets ?? bare;
  if (host === undefined) return undefined;
  return { host: host.toLowerCase(), port: services[port] ?? Number(port) };
}

async function lookUp(container: RunningContainer, table: string, key: string): Promise<string> {
  const { output } = await container.execute(["postmap", "-q", key, table]);
  return output.trim();
}

/** The next hop that the transport table has for the probe's recipients; empty where it has none. */
async function transportFor(container: RunningContainer, transportMaps: string): Promise<string> {
  for (const { type, path } of mapsIn(transportMaps)) {
    for (const key of [recipientDomain, `.${recipientDomain}`, "*"]) {
      const found = await lookUp(container, `${type}:${path}`, key);
      if (found !== "") return found.slice(found.indexOf(":") + 1);
    }
  }
  return "";
}

/** The first domain whose entry in a TLS policy table is `none` or `may`. */
async function exemptedDomain(container: RunningContainer, policyMaps: string): Promise<string | undefined> {
  for (const { type, path } of mapsIn(policyMaps)) {
    if (type === "pcre" || type === "regexp" || type === "cidr") continue;
    const { output } = await container.execute(["cat", path]);
    for (const line of output.split("\n")) {
      const [, key, level] = /^([^#\s]\S*)\s+(\w+)/.exec(line) ?? [];
      if (key === undefined || !/^(none|may)$/.test(level ?? "") || /[[\]:]/.test(key)) continue;
      return key.startsWith(".") ? `mail${key}` : key;
    }
  }
  return undefined;
}

/** @throws SandboxError */
export async function readRoutes(container: RunningContainer): Promise<Routes> {
  const values = await readValues(container, [
    "relayhost",
    "default_transport",
    "transport_maps",
    "smtp_fallback_relay",
    "smtp_tls_policy_maps",
    "mydestination",
  ]);
  const transport = await transportFor(container, values.transport_maps);
  const [, byDefault = ""] = /^\w+:(.+)$/.exec(values.default_transport) ?? [];
  const relay = [transport, values.relayhost.split(/[\s,]+/)[0] ?? "", byDefault]
    .map(readNextHop)
    .find((found) => found !== undefined);
  const list = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");
  return {
    relay,
    fallbackRelays: list(values.smtp_fallback_relay)
      .map((text) => readNextHop(text)?.host)
      .filter((host) => host !== undefined),
    exempted: relay === undefined ? await exemptedDomain(container, values.smtp_tls_policy_maps) : undefined,
    local: list(values.mydestination).find((domain) => /^[\w-]+(\.[\w-]+)+$/.test(domain)),
  };
}
