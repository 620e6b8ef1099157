import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Step } from "#base/value.ts";
import type { DecisionKind } from "#facts/compliance-file.ts";
import type { EvidenceKind } from "#facts/fact.ts";
import type { Designation, EditionStatus, Relation } from "#policy/edition.ts";
import type { Profile, Severity } from "#policy/rule.ts";
import type { Authorship } from "./authorship.ts";
import type { ControlEvidence } from "./evidence.ts";

export const verdicts = ["pass", "fail", "unknown", "not-applicable", "excepted"] as const;
export type Verdict = (typeof verdicts)[number];

/** A paragraph that a result bears on. */
export interface ResultControl {
  readonly edition: string;
  readonly citation: string;
  readonly title: string;
  readonly designation: Designation;
  /** `supports` where the paragraph names no such technique. */
  readonly relation: Relation;
  /** False where the line was not checked against its exact text; shown wherever the line is shown. */
  readonly verified: boolean;
}

/** What lifted a finding. */
export interface ResultDecision {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly reason: string;
  /** What compensates: the measure, the alternative, or the residual risk. */
  readonly measure: string;
  /** Why an addressable specification is not reasonable and appropriate here. */
  readonly assessment?: string;
  readonly owner: string;
  /** Who wrote it, as it says itself. */
  readonly author?: string;
  /** Who wrote it, as the history of its file shows; absent where nobody asked. */
  readonly authorship?: Authorship;
  readonly approver: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Its last day, YYYY-MM-DD. */
  readonly until: string;
  /** Where it stands. */
  readonly file: string;
  readonly line: number;
}

/** One rule under one edition, held against one fact. The shape is that of `check --format json`. */
export interface Result {
  readonly edition: string;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly why: string;
  readonly remedy: string;
  readonly profile?: Profile;
  readonly controls: readonly ResultControl[];
  readonly requirements: readonly string[];
  readonly references: Readonly<Record<string, readonly string[]>>;
  readonly documentation: string;
  readonly fact: { readonly kind: string; readonly id: string };
  /** How the fact was learned. */
  readonly evidence: EvidenceKind;
  readonly location: Location;
  readonly chain: readonly ChainStep[];
  readonly fingerprint: string;
  /** A failure that was known before: it stands in the baseline of the gate. */
  readonly known?: true;
  /** Of an excepted result: the decision that lifted it. */
  readonly decision?: ResultDecision;
}

/** A step of a chain, flat. */
export interface ChainStep {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export function chainStep(step: Step): ChainStep {
  const { file, line, column } = step.location;
  return { file, line, column, text: step.text };
}

/** Files that were met and not judged, by reason. */
export interface NotLookedAt {
  readonly reason: string;
  readonly count: number;
  /** The first few, sorted. */
  readonly examples: readonly string[];
}

export interface Summary {
  readonly files: number;
  readonly facts: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly excepted: number;
  readonly errors: number;
}

/** Everything one run found out: the contract of `check --format json`, version 1. */
export interface Report {
  readonly schemaVersion: "1";
  readonly tool: { readonly name: "hipaa-check"; readonly version: string };
  readonly editions: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: EditionStatus;
    readonly statusAsOf: string;
  }[];
  readonly disclaimer: string;
  readonly summary: Summary;
  readonly notLookedAt: readonly NotLookedAt[];
  readonly results: readonly Result[];
  /** Paragraphs that more is known of than configurations show: each kind of evidence side by side. */
  readonly evidence: readonly ControlEvidence[];
  readonly diagnostics: readonly Diagnostic[];
}
