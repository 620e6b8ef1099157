import { UsageError } from "#cli/errors.ts";
import type { DecisionKind } from "#facts/compliance-file.ts";

/** What the flags of `decide` say of the decision itself. */
export interface DecisionFlags {
  readonly kind: DecisionKind;
  readonly reason: string;
  readonly owner: string;
  readonly approver: string;
  readonly author?: string | undefined;
  readonly measure?: string | undefined;
  readonly expires?: string | undefined;
  readonly assessment?: string | undefined;
  readonly alternative?: string | undefined;
  readonly review?: string | undefined;
  readonly "residual-risk"?: string | undefined;
}

/** What each kind of decision needs beside what all need: its flags, in the order in which they are written. */
const ownFlags = {
  waiver: ["measure", "expires"],
  addressable: ["assessment", "alternative", "review"],
  "risk-acceptance": ["residual-risk", "expires"],
} as const satisfies Readonly<Record<DecisionKind, readonly (keyof DecisionFlags)[]>>;

const names: Readonly<Record<DecisionKind, string>> = {
  waiver: "a waiver",
  addressable: "a decision on an addressable specification",
  "risk-acceptance": "a risk acceptance",
};

/** What the decision covers: things by id, in files relative to the folder of `compliance.yaml`. */
export interface DecisionScope {
  readonly facts: readonly string[];
  readonly files: readonly string[];
}

export interface DecisionHead {
  readonly id: string;
  readonly rule: string;
  readonly scope: DecisionScope;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** @throws UsageError where something that the kind needs is missing or empty, or does not belong to it */
export function requireComplete(flags: DecisionFlags): void {
  const own: readonly (keyof DecisionFlags)[] = ownFlags[flags.kind];
  const missing = own.filter((name) => flags[name] === undefined);
  if (missing.length > 0)
    throw new UsageError(`--kind ${flags.kind}: ${names[flags.kind]} needs ${flagList(missing)}.`);
  const all = new Set<keyof DecisionFlags>(Object.values(ownFlags).flat());
  const foreign = [...all].filter((name) => flags[name] !== undefined && !own.includes(name));
  if (foreign.length > 0) {
    throw new UsageError(
      `${flagList(foreign)} ${foreign.length === 1 ? "does" : "do"} not belong to ${names[flags.kind]}.`,
    );
  }
  const empty = Object.entries(flags).find(([, value]) => typeof value === "string" && value.trim() === "");
  if (empty !== undefined) throw new UsageError(`--${empty[0]} is empty. Write it out.`);
}

function flagList(flags: readonly string[]): string {
  return flags.map((name) => `--${name}`).join(" and ");
}

/** A decision as `compliance.yaml` holds it. */
export function writtenDecision(head: DecisionHead, flags: DecisionFlags): Record<string, unknown> {
  const own = ownFlags[flags.kind].map((name) => [
    name === "residual-risk" ? "residualRisk" : name,
    flags[name as keyof DecisionFlags],
  ]);
  const ends = new Set(["expires", "review"]);
  return {
    id: head.id,
    kind: flags.kind,
    rule: head.rule,
    scope: head.scope,
    reason: flags.reason,
    ...Object.fromEntries(own.filter(([name]) => !ends.has(String(name)))),
    owner: flags.owner,
    ...(flags.author === undefined ? {} : { author: flags.author }),
    approver: flags.approver,
    date: head.date,
    ...Object.fromEntries(own.filter(([name]) => ends.has(String(name)))),
  };
}

/** The next free id: D-1, D-2, … */
export function nextId(taken: readonly string[]): string {
  const numbers = taken.flatMap((id) => (/^D-\d{1,9}$/.test(id) ? [Number(id.slice(2))] : []));
  return `D-${Math.max(0, ...numbers) + 1}`;
}
