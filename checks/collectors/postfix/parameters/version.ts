import type { Location } from "#base/location.ts";
import { known, oneOf, type Step, type Value } from "#base/value.ts";
import { compareLevels } from "#syntax/conf/macro.ts";
import type { Parameters } from "./parameters.ts";

/** What the configuration says about the Postfix that reads it. */
export interface PostfixVersion {
  /** `3.7.11`, where the configuration states it. */
  readonly stated?: { readonly version: string; readonly location: Location };
  /** The oldest version that takes the `compatibility_level`. */
  readonly atLeast?: { readonly version: string; readonly location: Location };
}

/** A version of three parts or a level of up to three; anything else says nothing. */
const number = /^\d+(?:\.\d+){0,2}/;

export function versionOf(parameters: Parameters): PostfixVersion {
  const read = (name: string): { readonly version: string; readonly location: Location } | undefined => {
    const value = parameters.value(name);
    const version = value.state === "known" ? number.exec(value.value)?.[0] : undefined;
    return version === undefined ? undefined : { version, location: value.location ?? parameters.due };
  };
  const stated = parameters.setting("mail_version") === undefined ? undefined : read("mail_version");
  const atLeast = read("compatibility_level");
  return {
    ...(stated === undefined ? {} : { stated }),
    ...(atLeast === undefined ? {} : { atLeast }),
  };
}

/** Whether the Postfix is of this version (`3.10`) or newer; undefined where nothing says so. */
export function isAtLeast(version: PostfixVersion, wanted: string): boolean | undefined {
  if (version.stated !== undefined) return compareLevels(version.stated.version, wanted) >= 0;
  if (version.atLeast !== undefined && compareLevels(version.atLeast.version, wanted) >= 0) return true;
  return undefined;
}

/** A default that changed with a version. Both are alternatives where nothing says which version it is. */
export function sinceVersion<T>(
  version: PostfixVersion,
  changed: string,
  before: T,
  after: T,
  setting: string,
  due: Location,
): Value<T> {
  const newer = isAtLeast(version, changed);
  const step = (since: string, value: T): Step => ({
    location: due,
    text: `${setting} is not set; its default ${since} is ${JSON.stringify(value)}`,
  });
  const old = { ...known(before, due, [step(`before Postfix ${changed}`, before)]), isDefault: true };
  const recent = { ...known(after, due, [step(`from Postfix ${changed} on`, after)]), isDefault: true };
  if (newer === undefined) {
    return oneOf<T>(
      [old, recent],
      `${setting} is not set, its default changed with Postfix ${changed}, and nothing says which version this is`,
      due,
    );
  }
  return newer ? recent : old;
}
