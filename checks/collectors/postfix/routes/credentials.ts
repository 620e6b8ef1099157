import { absent, known, mapValue, type Value } from "#base/value.ts";
import { truth } from "../parameters/parameters.ts";
import type { Mode } from "../tls/level.ts";
import type { Sender } from "../tls/policy.ts";

/** How a route logs in, and whether it can do so without TLS. */
export function credentialsOf(sender: Sender, mode: Value<Mode>): Record<string, Value> {
  const { parameters, client, service } = sender;
  const name = `${client}_sasl_auth_enable`;
  const enabled = truth(name, parameters.value(name, service));
  return {
    "authentication.mechanism": mapValue(
      enabled,
      (on): Value<string> => (on.value ? mechanism(sender, on) : { ...on, value: "none" }),
    ),
    "authentication.cleartextAllowed": mapValue(
      enabled,
      (on): Value<boolean> => (on.value ? cleartext(sender, mode) : absent(on.location, on.chain)),
    ),
  };
}

/** SASL with OAuth 2.0 only where the filter leaves nothing else. */
function mechanism({ parameters, client, service }: Sender, on: Value<boolean>): Value<string> {
  const passwords = parameters.value(`${client}_sasl_password_maps`, service);
  if (passwords.state === "known" && passwords.value === "") {
    return { ...passwords, value: "none" };
  }
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
