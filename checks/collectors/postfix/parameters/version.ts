import type { Location } from "#base/location.ts";
import { known, oneOf, type Value } from "#base/value.ts";
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

/** The version is what `mail_version` is in `main.cf`, or in an environment file: `postconf mail_version` prints it so. */
export function versionOf(parameters: Parameters): PostfixVersion {
  const numbered = (text: string, location: Location): PostfixVersion["stated"] => {
    const version = number.exec(text)?.[0];
    return version === undefined ? undefined : { version, location };
  };
  const read = (name: string): PostfixVersion["stated"] => {
    const value = parameters.value(name);
    return value.state === "known" ? numbered(value.value, value.location ?? parameters.due) : undefined;
  };
  const outside = parameters.environment.get("mail_version");
  const stated =
    outside !== undefined
      ? numbered(outside.value, outside.location)
      : parameters.isWritten("mail_version")
        ? read("mail_version")
        : undefined;
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
  { version, due }: Parameters,
  changed: string,
  before: T,
  after: T,
  setting: string,
): Value<T> {
  const newer = isAtLeast(version, changed);
  const standing = (since: string, value: T): Value<T> => {
    const text = `${setting} is not set; its default ${since} is ${JSON.stringify(value)}`;
    return { ...known(value, due, [{ location: due, text }]), isDefault: true };
  };
  const old = standing(`before Postfix ${changed}`, before);
  const recent = standing(`from Postfix ${changed} on`, after);
  if (newer !== undefined) return newer ? recent : old;
  const reason = `${setting} is not set, its default changed with Postfix ${changed}, and nothing says which version this is (mail_version in an --env-file does)`;
  return oneOf<T>([old, recent], reason, due);
}
