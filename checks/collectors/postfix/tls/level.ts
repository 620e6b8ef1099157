import { known, mapValue, type Step, unknown, type Value } from "#base/value.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import { type Parameters, truth } from "../parameters/parameters.ts";

/** The TLS levels of Postfix's client, from the weakest on. */
export const levels = [
  "none",
  "may",
  "encrypt",
  "fingerprint",
  "dane",
  "dane-only",
  "verify",
  "secure",
] as const;
export type Level = (typeof levels)[number];

export type Mode = "none" | "opportunistic" | "required";
export type Verification = "none" | "chain" | "name" | "dane" | "fingerprint";

export function isLevel(word: string): word is Level {
  return (levels as readonly string[]).includes(word);
}

/** The client whose parameters count: the LMTP client has its own. */
export type Client = "smtp" | "lmtp";

/** The level of a client service where no table says otherwise. */
export function globalLevel(
  parameters: Parameters,
  client: Client,
  service: Service | undefined,
): Value<Level> {
  const name = `${client}_tls_security_level`;
  return mapValue(parameters.value(name, service), (written): Value<Level> => {
    const word = written.value.toLowerCase();
    if (word === "") return legacyLevel(parameters, client, service, written);
    if (isLevel(word)) return { ...written, value: word };
    return unknown(
      `Postfix refuses the level "${written.value}" of ${name}`,
      written.location,
      written.chain,
    );
  });
}

/** Where no level is set, the parameters of Postfix before 2.3 still count. */
function legacyLevel(
  parameters: Parameters,
  client: Client,
  service: Service | undefined,
  unset: Value<string>,
): Value<Level> {
  const flag = (name: string): Value<boolean> => truth(name, parameters.value(name, service));
  return mapValue(flag(`${client}_enforce_tls`), (enforce): Value<Level> => {
    if (enforce.value) {
      return mapValue(flag(`${client}_tls_enforce_peername`), (peer) =>
        known<Level>(peer.value ? "verify" : "encrypt", enforce.location, enforce.chain),
      );
    }
    return mapValue(flag(`${client}_use_tls`), (use): Value<Level> => {
      if (use.value) return known<Level>("may", use.location, use.chain);
      const last = [enforce, use].find(({ isDefault }) => isDefault !== true);
      const { location, chain } = last ?? unset;
      return { ...known<Level>("none", location, chain), ...(last === undefined ? { isDefault: true } : {}) };
    });
  });
}

/** Whether mail can leave in clear text at a level. */
export function modeOf(level: Level): Mode {
  if (level === "none") return "none";
  return level === "may" || level === "dane" ? "opportunistic" : "required";
}

/** What a level demands of the certificate, at its weakest. */
export function verificationOf(level: Level): Verification {
  if (level === "verify" || level === "secure") return "name";
  if (level === "dane-only") return "dane";
  return level === "fingerprint" ? "fingerprint" : "none";
}

/** What the level `dane` is worth for a destination without usable TLSA records. */
export function daneStep(level: Value<Level>): readonly Step[] {
  if (level.state !== "known" || level.value !== "dane" || level.location === undefined) return [];
  const text = "dane falls back to the level may for every domain without usable TLSA records";
  return [{ location: level.location, text }];
}
