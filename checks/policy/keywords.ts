import type { FuncKeywordDefinition, KeywordDefinition, MacroKeywordDefinition } from "ajv";
import { parseDuration } from "#base/duration.ts";
import { isTlsVersion, tlsVersions } from "#base/tls-version.ts";
import type { Json } from "#base/value.ts";

const secondsOfDay = 86_400;

/** An own keyword of rule assertions, with what an editor and `explain` show of it. */
export interface AssertionKeyword {
  readonly keyword: string;
  readonly doc: string;
  /** JSON Schema (draft-07) of the keyword's argument. */
  readonly argument: Record<string, Json>;
  /** The plain JSON Schema that it stands for. */
  readonly expand: (argument: never) => Record<string, Json>;
  /** The demand in words, to follow "must be". */
  readonly describe: (argument: never) => string;
}

const minimumTlsVersion: AssertionKeyword = {
  keyword: "minimumTlsVersion",
  doc: "The version is this one or a newer one.",
  argument: { type: "string", enum: [...tlsVersions] },
  expand: (version: string) => ({
    type: "string",
    enum: isTlsVersion(version) ? tlsVersions.slice(tlsVersions.indexOf(version)) : [],
  }),
  describe: (version: string) => `${version} or newer`,
};

const minimumDays: AssertionKeyword = {
  keyword: "minimumDays",
  doc: "A number of days that spans at least this duration: `6 years`, `30 days`.",
  argument: { type: "string", pattern: "^[0-9]+([.][0-9]+)? (day|week|month|year)s?$" },
  expand: (duration: string) => ({
    type: "number",
    minimum: Math.floor((parseDuration(duration) ?? Infinity) / secondsOfDay),
  }),
  describe: (duration: string) => `at least ${duration}`,
};

/** Every own keyword. They are macros, so that shipped assertions can be compiled ahead of time. */
export const assertionKeywords: readonly AssertionKeyword[] = [minimumDays, minimumTlsVersion];

export function keywordDefinitions(): (KeywordDefinition &
  (MacroKeywordDefinition | FuncKeywordDefinition))[] {
  return assertionKeywords.map((entry) => ({
    keyword: entry.keyword,
    metaSchema: entry.argument,
    macro: (argument: unknown) => entry.expand(argument as never),
  }));
}
