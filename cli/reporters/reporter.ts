import type { Location } from "#base/location.ts";
import type { Style } from "#cli/ui/style.ts";
import type { Report, Result, Verdict } from "#engine/result.ts";
import type { Edition } from "#policy/edition.ts";
import { type Rule, severities } from "#policy/rule.ts";

/** A judged file as a report refers to it. */
export interface InputReference {
  /** A relative reference (RFC 3986). */
  readonly href: string;
  /** SHA-256 of what stands there, in hexadecimal; undefined where that is not what was judged. */
  readonly sha256?: string;
  /** SHA-256 of what was judged; undefined where the file could not be read. */
  readonly judgedSha256?: string;
}

/** What a reporter may use beside the report. */
export interface ReportContext {
  readonly style: Style;
  readonly columns: number;
  /** List passes and what does not apply too. */
  readonly verbose: boolean;
  /** The text of a judged file, for code frames. */
  readonly read: (path: string) => string | undefined;
  /** Where secrets stand: their text is never shown. */
  readonly secrets: readonly Location[];
  /** What the exit code will be and why, in a few words. */
  readonly outcome: { readonly exitCode: number; readonly words: string };
  /** Whether the gate counts a result against the run. */
  readonly isCounted: (result: Result) => boolean;
  /** The editions of the report, with all their lines. */
  readonly editions: readonly Edition[];
  /** The rules that were held against the facts. */
  readonly rules: readonly Rule[];
  /** When the report is made: ISO 8601 with seconds, UTC. */
  readonly time: string;
  /** Where a judged file stands, seen from the report. */
  readonly input: (path: string) => InputReference;
  /** Filters that narrow the report, in words; empty when none. */
  readonly filters: readonly string[];
}

/** Turns a whole report into one text, or into the parts of one that would be large. */
export type Reporter = (report: Report, context: ReportContext) => string | Generator<string>;

/** Whether an edition is only proposed: under it nothing fails, it would not meet. */
export function isProposed({ editions }: Report, edition: string): boolean {
  return editions.find(({ id }) => id === edition)?.status === "proposed";
}

/** From the worst to the best. */
export const verdictOrder: readonly Verdict[] = ["fail", "unknown", "excepted", "pass", "not-applicable"];

/** Compares results so that what matters most comes first, also where a reader has room for the first ones only. */
export function worstFirst(report: Report): (a: Result, b: Result) => number {
  return (a, b) =>
    verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict) ||
    Number(isProposed(report, a.edition)) - Number(isProposed(report, b.edition)) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity);
}

/** What is always shown, and not only when everything is. */
export function isTold({ verdict }: Result): boolean {
  return verdict === "fail" || verdict === "unknown" || verdict === "excepted";
}

/** Results that differ in their edition only, and in the words that this brings, together: such are shown once. */
export function acrossEditions(results: readonly Result[]): Result[][] {
  const key = ({
    verdict,
    severity,
    rule,
    fact,
    location,
    expected,
    actual,
    chain,
    decision,
  }: Result): string =>
    JSON.stringify([verdict, severity, rule, fact, location, expected, actual, chain, decision]);
  return [...Map.groupBy(results, key).values()];
}

/** A path as a relative reference. */
export function pathReference(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
