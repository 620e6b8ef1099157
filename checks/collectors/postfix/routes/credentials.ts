import { absent, known, mapValue, oneOf, type Value } from "#base/value.ts";
import { mapReferences } from "../maps/reference.ts";
import type { Tables } from "../maps/tables.ts";
import { truth } from "../parameters/parameters.ts";
import type { Mode } from "../tls/level.ts";
import type { Sender } from "../tls/policy.ts";
import { hostOf } from "./next-hop.ts";

/** Where a route leads, as far as log-ins go. */
export interface LogInAt {
  /** Undefined where it is more than one. */
  readonly nextHop: string | undefined;
  /** It is the relay host that the log-in is there for, and not one of many destinations. */
  readonly isRelay: boolean;
}

/** How a route logs in, and whether it can do so without TLS. */
export function credentialsOf(
  sender: Sender,
  tables: Tables,
  mode: Value<Mode>,
  at: LogInAt,
): Record<string, Value> {
  const has = hasPassword(sender, tables, at);
  const isNever = has.state === "known" && !has.value;
  return {
    "authentication.mechanism": mapValue(has, (password) =>
      password.value ? mechanism(sender, password) : { ...password, value: "none" },
    ),
    "authentication.cleartextAllowed":
      mode.state === "known" && mode.value === "required" && !isNever
        ? { ...mode, value: false }
        : mapValue(
            has,
            (password): Value<boolean> =>
              password.value ? cleartext(sender, mode) : absent(password.location, password.chain),
          ),
  };
}

/** Log-in is on, and there is a password for the next hop. */
function hasPassword(sender: Sender, tables: Tables, { nextHop, isRelay }: LogInAt): Value<boolean> {
  const { parameters, client, service } = sender;
  const enable = `${client}_sasl_auth_enable`;
  return mapValue(truth(enable, parameters.value(enable, service)), (on): Value<boolean> => {
    if (!on.value) return on;
    return mapValue(parameters.value(`${client}_sasl_password_maps`, service), (maps): Value<boolean> => {
      if (maps.value === "") return { ...maps, value: false };
      const bySender = `${client}_sender_dependent_authentication`;
      const dependsOnSender = truth(bySender, parameters.value(bySender, service));
      if (nextHop === undefined || (dependsOnSender.state === "known" && dependsOnSender.value)) return on;
      const keys = [nextHop.toLowerCase(), hostOf(nextHop).toLowerCase()];
      const location = maps.location ?? parameters.due;
      const opened = mapReferences(maps.value).map((reference) => tables.open(reference, location));
      const names = opened.map((table) =>
        table.kind === "entries"
          ? keys.some((key) => table.byKey.has(key))
          : table.kind === "constant" || undefined,
      );
      if (names.includes(true)) return on;
      if (!names.includes(undefined)) return { ...maps, value: false };
      const reason = `whether ${maps.value} holds a password for ${nextHop} cannot be told`;
      return isRelay ? on : oneOf<boolean>([on, { ...maps, value: false }], reason, maps.location);
    });
  });
}

/** SASL with OAuth 2.0 only where the filter leaves nothing else. */
function mechanism({ parameters, client, service }: Sender, on: Value<boolean>): Value<string> {
  return mapValue(parameters.value(`${client}_sasl_mechanism_filter`, service), (filter): Value<string> => {
    const words = filter.value
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((word) => word !== "");
    const isOauth = words.length > 0 && words.every((word) => word === "xoauth2" || word === "oauthbearer");
    return isOauth ? { ...filter, value: "oauth2" } : known("password", on.location, on.chain);
  });
}

/** Where TLS is not demanded, `noplaintext` among the options still keeps passwords back. */
function cleartext({ parameters, client, service }: Sender, mode: Value<Mode>): Value<boolean> {
  return mapValue(mode, (written): Value<boolean> => {
    if (written.value === "required") return { ...written, value: false };
    const options = parameters.value(`${client}_sasl_security_options`, service);
    return mapValue(options, (list) => ({
      ...list,
      value: !list.value
        .toLowerCase()
        .split(/[\s,]+/)
        .includes("noplaintext"),
    }));
  });
}
