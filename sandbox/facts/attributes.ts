import { startOfFile } from "#base/location.ts";
import { type Json, known, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { firstFactLine } from "./facts-file.ts";

/** A fact before it has its place in a file. */
export interface Draft {
  readonly kind: string;
  readonly id: string;
  /** Undefined ones are left out: absent. */
  readonly attributes: Readonly<Record<string, Learned | undefined>>;
}

/** What was learned of one attribute, with the observations that it rests on. */
export type Learned =
  | { readonly value: Json; readonly because?: readonly string[] }
  | { readonly unknown: string; readonly because?: readonly string[] };

function toValue(learned: Learned, location: Fact["location"]): Value {
  const chain = (learned.because ?? []).map((text) => ({ location, text }));
  return "value" in learned
    ? known(learned.value, location, chain)
    : unknown(learned.unknown, location, chain);
}

/** Gives drafts the places that they will have in a facts file. */
export function placeFacts(drafts: readonly Draft[], file: string): Fact[] {
  return drafts.map(({ kind, id, attributes }, index) => {
    const line = firstFactLine + index;
    const location = { ...startOfFile(file), line, endLine: line };
    const learned = Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toValue(value, location)] as const],
    );
    return { kind, id, location, attributes: Object.fromEntries(learned) };
  });
}
