import type { ts } from "ts-morph";
import { known, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { isNamedPlaceholder, isPlaceholderInCode } from "#facts/secret-text.ts";
import type { Constant, Origin } from "../evaluate/datum.ts";
import type { Slot } from "../evaluate/objects.ts";
import { settle } from "../evaluate/questions.ts";
import { ask } from "./attributes.ts";
import { type Subject, sending } from "./facts.ts";
import type { TransportOptions } from "./options.ts";
import { undecided } from "./words.ts";

/** The options that take a secret. */
const secretOptions: readonly (readonly string[])[] = [
  ["auth", "pass"],
  ["auth", "accessToken"],
  ["auth", "refreshToken"],
  ["auth", "clientSecret"],
  ["auth", "privateKey"],
  ["dkim", "privateKey"],
  ["tls", "key"],
  ["tls", "passphrase"],
];

/** Hosts that take any message and show it to whoever made a throw-away account. */
const testService = /(?:^|\.)(?:ethereal\.email|mailtrap\.io|mailosaur\.net|debugmail\.io|mailsac\.com)$/i;

const sources: Readonly<Record<Origin, string | undefined>> = {
  environment: "environment",
  setting: "variable",
  parameter: "variable",
  file: "file",
  generated: "generated",
  "secret-store": "secret-store",
  literal: "literal",
  outside: undefined,
};

/** Where a secret comes from in one world; the value goes no further. */
interface Found {
  readonly source: Value<string>;
  readonly placeholder: boolean;
}

/** One fact for each option that takes a secret. */
export function secretFacts(subject: Subject, needed: Set<ts.Node>): Fact[] {
  return secretOptions.flatMap((path): Fact[] => {
    const { outcomes } = ask(subject.way, needed, (run) => {
      const transport = sending(subject, run);
      return transport.kind === "foreign" ? undefined : find(transport.options, path);
    });
    const found = worst(outcomes.flatMap(({ result }) => result ?? []));
    if (found === undefined) return [];
    const setting = path.join(".");
    const { source, placeholder } = found;
    const { id, location } = subject;
    return [
      {
        kind: "secret",
        id: setting === "auth.pass" ? id : `${id}.${setting}`,
        location,
        attributes: {
          setting: known(setting, source.location),
          source,
          ...(isLiteral(found) ? { placeholder: known(placeholder, source.location) } : {}),
        },
      },
    ];
  });
}

function isLiteral({ source }: Found): boolean {
  return source.state === "known" && source.value === "literal";
}

/** A written secret counts although another value may replace it; a placeholder does not. */
function worst(found: readonly Found[]): Found | undefined {
  const rank = (one: Found): number => {
    if (isLiteral(one)) return one.placeholder ? 3 : 0;
    return one.source.state === "unknown" ? 1 : 2;
  };
  return found.toSorted((a, b) => rank(a) - rank(b))[0];
}

function find(options: TransportOptions, path: readonly string[]): Found | undefined {
  const slot = options.get(...path);
  if (slot === undefined || slot.uncertain) return undefined;
  const value = settle(slot.value, options.run.world);
  if (value.kind === "constant") return ofConstant(value, slot, options);
  if (value.kind !== "unknown") {
    return {
      source: unknown(`${path.join(".")} is no text that can be read`, slot.location),
      placeholder: false,
    };
  }
  const source = sources[value.origin];
  if (source === undefined)
    return { source: undecided(value, slot.location, options.run), placeholder: false };
  if (value.origin === "parameter") options.run.blames(value);
  return { source: known(source, slot.location, value.chain), placeholder: false };
}

function ofConstant(value: Constant, slot: Slot, options: TransportOptions): Found | undefined {
  if (value.value === undefined || value.value === null || value.value === false) return undefined;
  const source = value.origin === undefined ? "literal" : sources[value.origin];
  if (value.origin !== undefined) {
    return { source: known(source ?? "environment", slot.location, value.chain), placeholder: false };
  }
  const host = options.get("host")?.value;
  const isTest = host?.kind === "constant" && testService.test(String(host.value));
  const text = String(value.value);
  return {
    source: known("literal", value.location, value.chain),
    placeholder: isTest || isPlaceholderInCode(text) || isNamedPlaceholder(text),
  };
}
