import { ts } from "ts-morph";
import type { TlsVersion } from "#base/tls-version.ts";
import { absent, defaulted, known, unknown, type Value } from "#base/value.ts";
import { constant } from "../evaluate/datum.ts";
import type { Slot } from "../evaluate/objects.ts";
import { areEqual, isTruthy, settle } from "../evaluate/questions.ts";
import { enabledFamilies } from "./ciphers.ts";
import { chainOf, decided, tlsMode } from "./mode.ts";
import type { TransportOptions } from "./options.ts";
import type { ProcessSettings } from "./process-settings.ts";
import { undecided } from "./words.ts";

export type Verification = "none" | "chain" | "name";

/** What is demanded of the server's certificate. */
export function tlsVerification(options: TransportOptions, process: ProcessSettings): Value<Verification> {
  const mode = tlsMode(options);
  if (mode.value !== "required") return { ...mode, value: "none" };
  const reject = options.get("tls", "rejectUnauthorized");
  if (reject === undefined || reject.uncertain) {
    const off = process.verificationOff(options.site, options.run);
    if (off !== undefined) return off;
  }
  if (
    reject !== undefined &&
    areEqual(reject.value, constant(false, reject.location), false, options.run.world)
  ) {
    return decided("none", reject);
  }
  const check = options.get("tls", "checkServerIdentity");
  if (check !== undefined && !check.uncertain) {
    const checked = identityCheck(check, options);
    if (checked !== undefined) return checked;
  }
  return reject === undefined ? defaulted("name", options.due, mode.chain) : decided("name", reject);
}

/** A check of the name by own code: one that cannot find anything wrong leaves the chain as the only demand. */
function identityCheck(slot: Slot, options: TransportOptions): Value<Verification> | undefined {
  const { value } = slot;
  if (value.kind === "constant") return undefined;
  if (value.kind === "external" && value.path.at(-1) === "checkServerIdentity") return undefined;
  if (value.kind === "function" && findsNothing(value.node)) return decided("chain", slot);
  if (value.kind === "unknown") return undecided(value, slot.location, options.run);
  return unknown("tls.checkServerIdentity is a check of its own, which is not run", slot.location);
}

function findsNothing({ body }: ts.FunctionLikeDeclaration): boolean {
  if (body === undefined) return false;
  if (!ts.isBlock(body)) return isNothing(body);
  return body.statements.every(
    (statement) => ts.isReturnStatement(statement) && isNothing(statement.expression),
  );
}

function isNothing(node: ts.Expression | undefined): boolean {
  return node === undefined || /^(?:undefined|null|void 0|true|false)$/.test(node.getText());
}

/** Versions that the outdated option `secureProtocol` fixes; the names that end in 23 or have no version fix none. */
const methods: Readonly<Record<string, TlsVersion>> = {
  TLSv1_method: "TLSv1.0",
  TLSv1_1_method: "TLSv1.1",
  TLSv1_2_method: "TLSv1.2",
  TLSv1_3_method: "TLSv1.3",
};

const versions: Readonly<Record<string, TlsVersion>> = {
  TLSv1: "TLSv1.0",
  "TLSv1.1": "TLSv1.1",
  "TLSv1.2": "TLSv1.2",
  "TLSv1.3": "TLSv1.3",
};

/** The floor of Node.js 12 and newer. */
const floorOfNode: TlsVersion = "TLSv1.2";

export function minimumVersion(options: TransportOptions, process: ProcessSettings): Value<TlsVersion> {
  const mode = tlsMode(options);
  if (mode.value === "none") return absent(mode.location ?? options.due, mode.chain);
  const { world } = options.run;
  const protocol = options.get("tls", "secureProtocol");
  if (protocol !== undefined && isTruthy(protocol.value, world)) {
    return fromWord(
      protocol,
      options,
      (word) => methods[word.replace(/_(?:client|server)_/, "_")] ?? floorOfNode,
    );
  }
  const minimum = options.get("tls", "minVersion");
  if (minimum === undefined || !isTruthy(minimum.value, world)) {
    return process.minimumVersion(options.site, options.run) ?? defaulted(floorOfNode, options.due);
  }
  return fromWord(minimum, options, (word) => versions[word]);
}

function fromWord(
  slot: Slot,
  { run }: TransportOptions,
  read: (word: string) => TlsVersion | undefined,
): Value<TlsVersion> {
  const value = settle(slot.value, run.world);
  if (value.kind === "unknown") return undecided(value, slot.location, run);
  const version = value.kind === "constant" ? read(String(value.value)) : undefined;
  if (version !== undefined) return decided(version, slot);
  return unknown(
    "Node.js knows no TLS version of this name and refuses to connect",
    slot.location,
    chainOf(value),
  );
}

export function weakCiphers(options: TransportOptions): Value<string[]> {
  const mode = tlsMode(options);
  if (mode.value === "none") return absent(mode.location ?? options.due, mode.chain);
  const { world } = options.run;
  const list = options.get("tls", "ciphers");
  if (list === undefined || !isTruthy(list.value, world)) return defaulted([], options.due);
  const value = settle(list.value, world);
  if (value.kind === "constant")
    return known(enabledFamilies(String(value.value)), list.location, value.chain);
  if (value.kind === "unknown") return undecided(value, list.location, options.run);
  return unknown("tls.ciphers is no text that can be read", list.location);
}
