import type { Json } from "#base/value.ts";

export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** A JSON Schema (draft-07 with the keywords of `keywords.ts`) that one attribute's value must meet. */
export type AttributeAssertion = { readonly [keyword: string]: Json };

/** Attribute names to schemas; all of them must hold. */
export type Conditions = Readonly<Record<string, AttributeAssertion>>;

/** What a rule makes of an attribute that nobody set. */
export type WhenAbsent = "fail" | "pass" | "unknown" | "not-applicable";

export interface RuleParameter {
  readonly default: Json;
  readonly doc: string;
}

/** A named floor that the text of the law does not set, with its own source. */
export interface Profile {
  readonly title: string;
  readonly source: string;
}

/** A technique that can be checked, whatever the law: `policies/rules/<topic>/<id>/rule.yaml`. */
export interface Rule {
  /** `topic/name`; never changes once released. */
  readonly id: string;
  /** Earlier ids that still find this rule. */
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly severity: Severity;
  /** What is wrong. `{fact}` and `{attribute}` stand for the fact's id and an attribute's value. */
  readonly what: string;
  readonly why: string;
  readonly do: string;
  readonly select: { readonly kind: string; readonly where?: Conditions };
  readonly notApplicable?: readonly { readonly when: Conditions; readonly reason: string }[];
  /** All must hold. */
  readonly assert?: Conditions;
  /** At least one of the alternatives must hold. */
  readonly assertAny?: readonly Conditions[];
  /** Attribute names to what absence means; `fail` where not listed. */
  readonly whenAbsent?: Readonly<Record<string, WhenAbsent>>;
  readonly parameters?: Readonly<Record<string, RuleParameter>>;
  readonly profile?: Profile;
  readonly requirements: readonly string[];
  /** Peers' rule ids that ask exactly this question, by peer. */
  readonly references?: Readonly<Record<string, readonly string[]>>;
  /** False where no waiver may lift the rule. */
  readonly waivable?: boolean;
}
