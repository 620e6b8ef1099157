import type { Location } from "#base/location.ts";
import { defaulted, type Known, known } from "#base/value.ts";
import { constant, type Datum, numberOf } from "../evaluate/datum.ts";
import type { Slot } from "../evaluate/objects.ts";
import { areEqual, isMissing } from "../evaluate/questions.ts";
import { olderThan, type TransportOptions } from "./options.ts";

export type Mode = "none" | "opportunistic" | "required";

/** What becomes of a connection that cannot be encrypted: lib/smtp-connection of nodemailer, option by option. */
export function tlsMode(options: TransportOptions): Known<Mode> {
  const { world } = options.run;
  const secure = options.get("secure");
  if (secure !== undefined && options.isOn("secure")) return decided("required", secure);
  const requireTls = options.isOn("requireTLS");
  if (requireTls !== undefined && !isOverruled(options)) return decided("required", requireTls);
  const isUnset = secure === undefined || isMissing(secure.value, world, false);
  const implicit = isUnset ? implicitTls(options) : undefined;
  if (implicit !== undefined) return implicit;
  const ignoreTls = options.isOn("ignoreTLS");
  if (ignoreTls !== undefined) return decided("none", ignoreTls);
  const opportunistic = options.isOn("opportunisticTLS");
  if (opportunistic !== undefined) return decided("opportunistic", opportunistic);
  const written = [options.get("requireTLS"), isUnset ? undefined : secure].find((slot) =>
    isWritten(slot, options),
  );
  return written === undefined ? defaulted("opportunistic", options.due) : decided("opportunistic", written);
}

/** Releases before 10.0.12 let two weaker options win; where nothing says which release it is, they may. */
function isOverruled(options: TransportOptions): boolean {
  if (options.isOn("ignoreTLS") === undefined && options.isOn("opportunisticTLS") === undefined) return false;
  const { due, release, run } = options;
  const words = "let ignoreTLS and opportunisticTLS win over requireTLS";
  return release.location === undefined || olderThan("10.0.12", release, due, words, run);
}

/** Not what a service's row says by itself: there it is the absence of `requireTLS` that decides. */
function isWritten(slot: Slot | undefined, options: TransportOptions): boolean {
  return slot?.uncertain === false && slot.location !== options.get("service")?.location;
}

/** Port 465 stands for TLS from the start where `secure` is not set. */
function implicitTls(options: TransportOptions): Known<Mode> | undefined {
  const port = options.get("port");
  if (port === undefined) return undefined;
  const { run } = options;
  const number = numberOf(port.value) ?? port.value;
  const isTlsPort = areEqual(number, constant(465, port.location), false, run.world);
  return isTlsPort ? decided("required", port) : undefined;
}

export function decided<T>(value: T, slot: Slot): Known<T> {
  return known(value, slot.location, chainOf(slot.value));
}

export function chainOf(value: Datum): readonly { readonly location: Location; readonly text: string }[] {
  return value.kind === "constant" || value.kind === "unknown" ? value.chain : [];
}
