import { absent, defaulted, unknown, type Value } from "#base/value.ts";
import { slotOf, writtenProperties } from "../evaluate/objects.ts";
import { isMissing, settle } from "../evaluate/questions.ts";
import { decided, tlsMode } from "./mode.ts";
import type { TransportOptions } from "./options.ts";
import { undecided } from "./words.ts";

type Mechanism = "none" | "password" | "oauth2" | "client-certificate";

/** How the sender proves who it is, as nodemailer reads `auth`. */
export function mechanism(options: TransportOptions): Value<Mechanism> {
  const { world } = options.run;
  const auth = options.isOn("auth");
  if (auth === undefined) return withoutLogin(options);
  const value = settle(auth.value, world);
  if (value.kind === "object" && value.layers.length > 0) {
    const open = value.layers.some((layer) => layer.kind === "spread");
    if (!open && writtenProperties(value, world).length === 0) return withoutLogin(options);
    const type = slotOf(value, "type", world);
    if (type === undefined || isMissing(type.value, world, true)) return defaulted("password", options.due);
    const word = settle(type.value, world);
    if (word.kind === "constant") return ofType(String(word.value), { ...type, value: word });
    if (word.kind === "unknown") return undecided(word, type.location, options.run);
    return unknown("auth.type is no text that can be read", type.location);
  }
  if (value.kind === "object") return withoutLogin(options);
  if (value.kind === "unknown") return undecided(value, auth.location, options.run);
  return decided("password", auth);
}

function ofType(word: string, slot: Parameters<typeof decided>[1]): Value<Mechanism> {
  switch (word.toUpperCase()) {
    case "OAUTH2":
      return decided("oauth2", slot);
    case "CUSTOM":
      return unknown("auth.type is custom: the method of logging in is code of its own", slot.location);
    default:
      return decided("password", slot);
  }
}

function withoutLogin(options: TransportOptions): Value<Mechanism> {
  const certificate = options.isOn("tls", "cert") ?? options.isOn("tls", "pfx");
  const mode = tlsMode(options);
  if (certificate !== undefined && mode.value !== "none") {
    return decided("client-certificate", certificate);
  }
  const written = options.get("auth");
  return written === undefined ? defaulted("none", options.due) : decided("none", written);
}

/** Whether what is shown at log-in can travel on a connection without TLS. */
export function cleartextAllowed(options: TransportOptions): Value<boolean> {
  const how = mechanism(options);
  if (how.state === "known" && (how.value === "none" || how.value === "client-certificate")) {
    return absent(how.location ?? options.due, how.chain);
  }
  const mode = tlsMode(options);
  return { ...mode, value: mode.value !== "required" };
}
