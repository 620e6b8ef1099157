import type { Diagnostic } from "#base/diagnostic.ts";
import type { Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Instance } from "./instance.ts";
import { truth } from "./parameters/parameters.ts";
import { isDeliveryParameter } from "./parameters/service-names.ts";
import type { ClientService } from "./routes/clients.ts";
import type { Policy } from "./tls/policy.ts";

/** What makes Postfix refuse a setting, hold all mail because of it, or take no notice of it. */
export function readHeldMail(
  instance: Instance,
  clients: readonly ClientService[],
  listeners: readonly Fact[],
): Diagnostic[] {
  return [
    ...listeners.flatMap(({ attributes }) => refused(attributes["tls.mode"])),
    ...clients.flatMap(({ level, tables }) =>
      [level, ...tables.entries.map(({ policy }) => policy.level)].flatMap(refused),
    ),
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

function refused(value: Value<unknown> | undefined): Diagnostic[] {
  if (value?.state !== "unknown" || value.location === undefined) return [];
  if (!/^Postfix (?:refuses|holds)/.test(value.reason)) return [];
  const message = `${value.reason}. Correct it.`;
  return [{ level: "error", code: "postfix-level-refused", message, location: value.location }];
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
  const policies: readonly Policy[] = [{ level }, ...tables.entries.map(({ policy }) => policy)];
  return policies.flatMap(({ level: asked, hasAnchors }): Diagnostic[] => {
    if (asked.state !== "known" || asked.location === undefined) return [];
    const { value, location } = asked;
    if ((value === "verify" || value === "secure") && noAnchors && hasAnchors !== true) {
      const message = `The level ${value} trusts no certificate authority, because ${client}_tls_CAfile, ${client}_tls_CApath and ${client}_tls_trust_anchor_file are empty, so all mail is held. Set one of them.`;
      return [{ level: "warning", code: "postfix-no-trust-anchor", message, location }];
    }
    if ((value === "dane" || value === "dane-only") && noDnssec) {
      const outcome = value === "dane" ? "is no more than the level may" : "holds all mail";
      const message = `Without ${client}_dns_support_level = dnssec the level ${value} ${outcome}. Set it, and use a resolver that validates.`;
      return [{ level: "warning", code: "postfix-dane-without-dnssec", message, location }];
    }
    return [];
  });
}
