import { isIP } from "node:net";
import { defaulted, known, type Value } from "#base/value.ts";
import { numberOf } from "../evaluate/datum.ts";
import { isTruthy, settle } from "../evaluate/questions.ts";
import { chainOf, decided } from "./mode.ts";
import type { TransportOptions } from "./options.ts";
import { undecided } from "./words.ts";

/** Whether the next hop is this host: what is written counts, not what an environment may say. */
export function loopback(options: TransportOptions): Value<boolean> {
  const proxy = options.isOn("proxy");
  if (proxy !== undefined) return decided(false, proxy);
  const host = options.get("host");
  if (host === undefined) return defaulted(true, options.due);
  const value = settle(host.value, options.run.world);
  if (value.kind === "unknown") options.run.blames(value);
  if (value.kind !== "constant") return decided(false, host);
  return known(value.value ? isLoopback(String(value.value)) : true, host.location, value.chain);
}

function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  if (isIP(name) === 4) return name.startsWith("127.");
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "::1" || name.startsWith("::ffff:127.")
  );
}

/** `smtp.example.org:587`. */
export function destination(options: TransportOptions): Value<string> {
  const { run } = options;
  const host = options.get("host");
  const name = host === undefined ? undefined : settle(host.value, run.world);
  if (host !== undefined && name?.kind === "unknown") return undecided(name, host.location, run);
  const written = name?.kind === "constant" && name.value ? String(name.value) : "localhost";
  const port = options.get("port");
  const number = port === undefined ? undefined : settle(numberOf(port.value) ?? port.value, run.world);
  if (port !== undefined && number?.kind === "unknown" && isTruthy(number, run.world)) {
    return undecided(number, port.location, run);
  }
  const chosen = number?.kind === "constant" && number.value ? String(number.value) : defaultPort(options);
  const shown = isIP(written) === 6 ? `[${written}]:${chosen}` : `${written}:${chosen}`;
  return known(shown, (host ?? port)?.location ?? options.due, name === undefined ? [] : chainOf(name));
}

function defaultPort(options: TransportOptions): string {
  return options.isOn("secure") === undefined ? "587" : "465";
}
