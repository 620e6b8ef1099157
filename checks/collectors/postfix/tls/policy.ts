import type { Location } from "#base/location.ts";
import { compareTlsVersions, type TlsVersion } from "#base/tls-version.ts";
import { absent, known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import { type Parameters, truth } from "../parameters/parameters.ts";
import { isAtLeast } from "../parameters/version.ts";
import {
  exclude,
  familiesOfGrade,
  isGrade,
  listParameter,
  type WeakFamily,
  weakFamiliesOf,
} from "./ciphers.ts";
import {
  type Client,
  daneStep,
  type Level,
  type Mode,
  modeOf,
  type Verification,
  verificationOf,
} from "./level.ts";
import { protocolFloor } from "./protocols.ts";

/** What decides the TLS of one delivery. */
export interface Policy {
  readonly level: Value<Level>;
  /** Attributes of a table's entry; each stands in for the parameter of the same meaning. */
  readonly protocols?: Value<string>;
  readonly ciphers?: Value<string>;
  readonly exclude?: Value<string>;
  /** The entry brings its own trust anchors. */
  readonly hasAnchors?: true;
}

/** Where the parameters of a delivery come from. */
export interface Sender {
  readonly parameters: Parameters;
  readonly client: Client;
  readonly service: Service | undefined;
}

export interface TlsAttributes {
  readonly mode: Value<Mode>;
  readonly verification: Value<Verification>;
  readonly minimumVersion: Value<TlsVersion>;
  readonly weakCiphers: Value<WeakFamily[]>;
}

export function tlsOf(policy: Policy, sender: Sender): TlsAttributes {
  const { level } = policy;
  const extra = daneStep(level);
  return {
    mode: underWrapper(
      mapValue(level, ({ value, ...rest }) => ({
        ...rest,
        value: modeOf(value),
        chain: [...rest.chain, ...extra],
      })),
      sender,
    ),
    verification: mapValue(level, ({ value, ...rest }) => ({
      ...rest,
      value: verificationOf(value),
      chain: [...rest.chain, ...extra],
    })),
    minimumVersion: mapValue(level, (written) => minimumVersion(written.value, policy, sender, written)),
    weakCiphers: mapValue(level, (written) => weakCiphers(written.value, policy, sender, written)),
  };
}

function setting(sender: Sender, suffix: string): Value<string> {
  const name = `${sender.client}_tls_${suffix}`;
  return sender.parameters.value(name, sender.service);
}

/** Implicit TLS: at a level that does not demand TLS the client skips every server, so that nothing leaves in clear. */
function underWrapper(mode: Value<Mode>, sender: Sender): Value<Mode> {
  const name = `${sender.client}_tls_wrappermode`;
  const wrapper = truth(name, sender.parameters.value(name, sender.service));
  if (wrapper.state !== "known" || !wrapper.value) return mode;
  return mapValue(
    mode,
    (written): Value<Mode> =>
      written.value === "required" ? written : known<Mode>("required", wrapper.location, wrapper.chain),
  );
}

type Place = { readonly location?: Location };

/** At `may` the one list counts, from `encrypt` on the other; `dane` meets both. */
function minimumVersion(level: Level, policy: Policy, sender: Sender, at: Place): Value<TlsVersion> {
  if (level === "none") return absent(at.location);
  if (policy.protocols !== undefined) return floorOf(policy.protocols, sender.parameters);
  const lists =
    level === "may"
      ? ["protocols"]
      : level === "dane"
        ? ["protocols", "mandatory_protocols"]
        : ["mandatory_protocols"];
  const [first, second] = lists.map((suffix) => floorOf(setting(sender, suffix), sender.parameters));
  if (first === undefined) return absent(at.location);
  return second === undefined ? first : older(first, second);
}

function older(a: Value<TlsVersion>, b: Value<TlsVersion>): Value<TlsVersion> {
  if (a.state !== "known") return a;
  if (b.state !== "known") return b;
  return compareTlsVersions(a.value, b.value) <= 0 ? a : b;
}

export function floorOf(list: Value<string>, { version }: Parameters): Value<TlsVersion> {
  return mapValue(list, (written): Value<TlsVersion> => {
    const floor = protocolFloor(written.value, isAtLeast(version, "3.6") !== false);
    if (typeof floor === "string") return { ...written, value: floor };
    return unknown(`Postfix can use no TLS here: ${floor.refused}`, written.location, written.chain);
  });
}

function weakCiphers(level: Level, policy: Policy, sender: Sender, at: Place): Value<WeakFamily[]> {
  if (level === "none") return absent(at.location);
  const optional = level === "may";
  const grade = policy.ciphers ?? setting(sender, optional ? "ciphers" : "mandatory_ciphers");
  const lists =
    policy.exclude === undefined
      ? [
          setting(sender, "exclude_ciphers"),
          ...(optional ? [] : [setting(sender, "mandatory_exclude_ciphers")]),
        ]
      : [policy.exclude];
  const always = optional ? "" : level === "encrypt" || level === "dane" ? "eNULL" : "aNULL";
  return weakFamilies(grade, lists, always, sender.parameters);
}

/**
 * The weak families that a grade leaves on after the exclusions.
 * @param always what Postfix shuts out by itself
 */
export function weakFamilies(
  grade: Value<string>,
  exclusions: readonly Value<string>[],
  always: string,
  parameters: Parameters,
): Value<WeakFamily[]> {
  return mapValue(grade, (written): Value<WeakFamily[]> => {
    const word = written.value.toLowerCase();
    if (!isGrade(word)) {
      return unknown(`Postfix knows no cipher grade "${written.value}"`, written.location, written.chain);
    }
    const list = parameters.value(listParameter(word));
    const isDefault = list.state === "known" && list.isDefault === true;
    const oldGrades = isAtLeast(parameters.version, "3.8") !== true;
    const base: Value<WeakFamily[]> = isDefault
      ? { ...written, value: familiesOfGrade(word, oldGrades) }
      : mapValue(list, (own) => ({ ...own, value: weakFamiliesOf(own.value) }));
    const afterAlways = mapValue(base, (weak) => ({ ...weak, value: exclude(weak.value, always) }));
    return exclusions.reduce(takeAway, afterAlways);
  });
}

/** What an exclusion list takes away. An unknown list matters only while something is left to be taken. */
function takeAway(weak: Value<WeakFamily[]>, list: Value<string>): Value<WeakFamily[]> {
  return mapValue(weak, (before): Value<WeakFamily[]> => {
    if (before.value.length === 0 || list.state === "absent") return before;
    return mapValue(list, (written) => {
      const left = exclude(before.value, written.value);
      const place = written.isDefault === true ? before : written;
      return {
        ...before,
        ...(place.location === undefined ? {} : { location: place.location }),
        value: left,
      };
    });
  });
}
