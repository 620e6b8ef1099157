import type { Json } from "#base/value.ts";
import type { Severity } from "./rule.ts";

export const editionStatuses = [
  "in-force",
  "proposed",
  "superseded",
  "vacated",
  "withdrawn",
  "organisation",
] as const;
export type EditionStatus = (typeof editionStatuses)[number];

export const designations = ["standard", "required", "addressable", "specification", "section"] as const;
export type Designation = (typeof designations)[number];

/** How far a line was checked against its source. `V`: exact text seen. `v`: gist. `S`: secondary. `M`: memory. `own`: the organisation's. */
export interface Verification {
  readonly grade: "V" | "v" | "S" | "M" | "own";
  readonly source: string;
  readonly asOf: string;
}

/** One line of an edition: a paragraph with its citation. */
export interface Control {
  /** In full: `164.312(a)(2)(iv)`. */
  readonly citation: string;
  readonly title: string;
  readonly designation: Designation;
  /** Citation of the standard or section it belongs to. */
  readonly parent: string | null;
  readonly derivesFrom: readonly { readonly edition: string; readonly citation: string }[];
  readonly duty: string;
  readonly number?: Json;
  readonly exception?: string;
  readonly page?: string;
  readonly safeguard: string;
  readonly originNote?: string;
  readonly verification: Verification;
}

/** How a rule bears on a control: the text demands the technique, or the technique only supports what the text demands. */
export type Relation = "requires" | "supports";

/** What one edition says about one rule. */
export interface RuleMapping {
  readonly rule: string;
  readonly controls: readonly { readonly citation: string; readonly relation: Relation }[];
  readonly severity?: Severity;
  /** Overrides of the rule's parameters. */
  readonly parameters?: Readonly<Record<string, Json>>;
}

/** A line of an earlier edition that this one drops. */
export interface RemovedLine {
  readonly edition: string;
  readonly citation: string;
  readonly fate: string;
  /** Where the fate is said: a page, `own reading`. */
  readonly source: string;
  /** Lines of this edition that hold the subject now. */
  readonly movedTo: readonly string[];
}

/** A version of the law, or of an organisation's own demands. */
export interface Edition {
  readonly id: string;
  readonly title: string;
  readonly status: EditionStatus;
  readonly statusAsOf: string;
  readonly dates: Readonly<Record<string, Json>>;
  readonly source: Json;
  readonly derivedFrom: string | null;
  /** What became of lines of an earlier edition that have no place of their own here. */
  readonly removed: readonly RemovedLine[];
  /** How verdicts are worded: a proposed edition can only say "would not meet". */
  readonly wording: { readonly pass: string; readonly fail: string };
  readonly notes: readonly string[];
  readonly controls: readonly Control[];
  readonly mappings: readonly RuleMapping[];
}

/** Grades below the exact text are marked wherever the line is shown. */
export function isVerified(verification: Verification): boolean {
  return verification.grade === "V" || verification.grade === "own";
}

/** The mark of a line that was not checked against its exact text; empty for one that was. */
export function doubtWords(verification: Verification): string {
  return isVerified(verification) ? "" : `, not verified against the text: grade ${verification.grade}`;
}

/** "164.312(e)(2)(ii) Encryption (addressable)", with the mark of an unverified line. */
export function lineWords({ citation, title, designation, verification }: Control): string {
  return `${citation} ${title} (${designation}${doubtWords(verification)})`;
}
