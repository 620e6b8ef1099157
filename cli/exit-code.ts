import { UsageError } from "#cli/errors.ts";
import type { Report, Result } from "#engine/result.ts";
import { type Severity, severities } from "#policy/rule.ts";

export const failOnChoices = [...severities, "unknown", "proposed", "never"] as const;
export type FailOn = (typeof failOnChoices)[number];

const exitUndecided = 3;

export interface Outcome {
  readonly exitCode: 0 | 1 | typeof exitUndecided;
  /** Why, in a few words. */
  readonly words: string;
  /** The results that the gate is not open for. */
  readonly counted: ReadonlySet<Result>;
}

/**
 * What a gate does with a report. A failure (1) goes before what could not be decided (3); input that could not be
 * read is never 0.
 * @param failOn severities (the lowest counts), `unknown`, `proposed`, `never`; empty means every failure
 */
export function decideOutcome(report: Report, failOn: readonly FailOn[], allowEmpty: boolean): Outcome {
  if (failOn.includes("never") && failOn.length > 1) {
    throw new UsageError(
      `--fail-on never cannot be joined with --fail-on ${failOn.find((choice) => choice !== "never")}.`,
    );
  }
  const failures = failOn.includes("never") ? [] : countedFailures(report, failOn);
  const open = failOn.includes("unknown")
    ? report.results.filter(({ verdict }) => verdict === "unknown")
    : [];
  return { ...exitOf(report, failOn, failures, allowEmpty), counted: new Set([...failures, ...open]) };
}

function exitOf(
  report: Report,
  failOn: readonly FailOn[],
  failures: readonly Result[],
  allowEmpty: boolean,
): Omit<Outcome, "counted"> {
  const { errors, unknown } = report.summary;
  if (failures.length > 0) {
    return {
      exitCode: 1,
      words: `${failures.length} ${failures.length === 1 ? "verdict fails" : "verdicts fail"} the gate`,
    };
  }
  if (errors > 0)
    return {
      exitCode: exitUndecided,
      words: `${errors} ${errors === 1 ? "error" : "errors"} kept input from being judged`,
    };
  if (report.results.length === 0 && !allowEmpty) {
    return { exitCode: exitUndecided, words: "nothing was judged at all (--allow-empty accepts that)" };
  }
  if (failOn.includes("unknown") && unknown > 0) {
    return {
      exitCode: exitUndecided,
      words: `${unknown} could not be decided, and --fail-on unknown was given`,
    };
  }
  const open = unknown > 0 ? `; ${unknown} could not be decided (--fail-on unknown makes that count)` : "";
  const known = report.results.filter((result) => result.known === true).length;
  const old = known > 0 ? `; ${known} known from the baseline` : "";
  return { exitCode: 0, words: `nothing fails the gate${old}${open}` };
}

/**
 * A report without a verdict says so itself, where that is not accepted: whoever sees one file of it, and not the exit code, would take
 * silence for a pass.
 */
export function sayNothingJudged(report: Report, { exitCode }: Outcome): Report {
  const { results, summary, diagnostics } = report;
  if (exitCode !== exitUndecided || results.length > 0 || summary.errors > 0) return report;
  const message =
    "Nothing was judged: what was given holds nothing that a rule asks about, or the filters leave nothing. Check paths and filters, or accept it with --allow-empty.";
  return {
    ...report,
    summary: { ...summary, errors: 1 },
    diagnostics: [...diagnostics, { level: "error", code: "nothing-judged", message }],
  };
}

function countedFailures(report: Report, failOn: readonly FailOn[]): Result[] {
  const named = severities.filter((severity) => failOn.includes(severity));
  const lowest = named.at(-1) ?? "low";
  const counted: readonly Severity[] = severities.slice(0, severities.indexOf(lowest) + 1);
  const proposed = new Set(report.editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  return report.results.filter(
    ({ verdict, severity, edition, known }) =>
      verdict === "fail" &&
      known !== true &&
      counted.includes(severity) &&
      (!proposed.has(edition) || failOn.includes("proposed")),
  );
}
