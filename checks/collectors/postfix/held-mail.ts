import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Value } from "#base/value.ts";
import type { Instance } from "./instance.ts";
import { truth } from "./parameters/parameters.ts";
import { isDeliveryParameter } from "./parameters/service-names.ts";
import type { ClientService } from "./routes/clients.ts";
import type { Level } from "./tls/level.ts";

/** What makes Postfix refuse a setting, hold all mail because of it, or take no notice of it. */
export function readHeldMail(instance: Instance, clients: readonly ClientService[]): Diagnostic[] {
  return [
    ...clients.flatMap((client) => refusedLevels(client)),
    ...clients.flatMap((client) => missingGround(client)),
    ...instance.services.flatMap((service) =>
      service.overrides
        .filter(({ name }) => isDeliveryParameter(name, service))
        .map(({ name, location }): Diagnostic => {
          const message = `The queue manager reads ${name} from main.cf only, so this -o has no effect. Set it in main.cf.`;
          return { level: "warning", code: "postfix-override-without-effect", message, location };
        }),
    ),
  ];
}

function refusedLevels({ level, tables }: ClientService): Diagnostic[] {
  const levels = [level, ...tables.entries.map(({ policy }) => policy.level)];
  return levels.flatMap((value): Diagnostic[] => {
    if (value.state !== "unknown" || value.location === undefined) return [];
    if (!/^Postfix (?:refuses|holds)/.test(value.reason)) return [];
    const message = `${value.reason}. Correct it.`;
    return [{ level: "error", code: "postfix-level-refused", message, location: value.location }];
  });
}

/** Levels that ask for something that nothing in the configuration provides: every message is then held. */
function missingGround({ level, tables, sender }: ClientService): Diagnostic[] {
  const { parameters, client, service } = sender;
  const text = (suffix: string): Value<string> => parameters.value(`${client}_${suffix}`, service);
  const isEmpty = (value: Value<string>): boolean => value.state === "known" && value.value === "";
  const appended = truth("tls_append_default_CA", parameters.value("tls_append_default_CA", service));
  const noAnchors =
    ["tls_CAfile", "tls_CApath", "tls_trust_anchor_file"].every((suffix) => isEmpty(text(suffix))) &&
    appended.state === "known" &&
    !appended.value;
  const support = text("dns_support_level");
  const noDnssec = support.state === "known" && support.value.toLowerCase() !== "dnssec";
  const found: Diagnostic[] = [];
  const complain = (code: string, message: string, location: Location | undefined): void => {
    if (location !== undefined) found.push({ level: "warning", code, message, location });
  };
  for (const { state, value, location } of [
    level,
    ...tables.entries.map(({ policy }) => policy.level),
  ].flatMap((candidate) => (candidate.state === "known" ? [candidate] : []))) {
    if (state === "known" && isVerified(value) && noAnchors) {
      const message = `The level ${value} trusts no certificate authority, because ${client}_tls_CAfile, ${client}_tls_CApath and ${client}_tls_trust_anchor_file are empty, so all mail is held. Set one of them.`;
      complain("postfix-no-trust-anchor", message, location);
    }
    if (state === "known" && (value === "dane" || value === "dane-only") && noDnssec) {
      const outcome = value === "dane" ? "is no more than the level may" : "holds all mail";
      const message = `Without ${client}_dns_support_level = dnssec the level ${value} ${outcome}. Set it, and use a resolver that validates.`;
      complain("postfix-dane-without-dnssec", message, location);
    }
  }
  return found;
}

function isVerified(level: Level): boolean {
  return level === "verify" || level === "secure";
}
