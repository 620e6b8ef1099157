import { UsageError } from "#cli/errors.ts";
import { applyFilters } from "#cli/filters.ts";
import type { Report, Result } from "#engine/result.ts";
import type { Rule } from "#policy/rule.ts";

/** How findings are named: by fingerprint, or by rule and path. */
export interface FindingNames {
  readonly finding?: readonly string[] | undefined;
  readonly rule?: string | undefined;
  readonly path?: readonly string[] | undefined;
  readonly fact?: readonly string[] | undefined;
}

/**
 * The findings that a decision is to be about: failures of one rule under editions that bind.
 * @throws UsageError where there is none, or where it is not clear which
 */
export function chooseFindings(
  report: Report,
  names: FindingNames,
  rules: readonly Rule[],
): { readonly rule: string; readonly findings: readonly Result[] } {
  if (names.finding === undefined && names.rule === undefined)
    throw new UsageError("Name what it is about: --finding FINGERPRINT, or --rule ID with --path GLOB.");
  const named =
    names.finding === undefined ? byRule(report, names, rules) : byFingerprint(report, names.finding);
  const proposed = new Set(report.editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  const binding = named.filter(({ edition }) => !proposed.has(edition));
  if (named.length > 0 && binding.length === 0)
    throw new UsageError("The findings are of a proposed edition, which needs no decisions.");
  const findings = binding.filter(({ verdict }) => verdict === "fail");
  const [first] = findings;
  if (first === undefined) throw new UsageError(noneFails(binding));
  const others = findings.find(({ rule }) => rule !== first.rule);
  if (others !== undefined)
    throw new UsageError(
      `The findings are of two rules, ${first.rule} and ${others.rule}. A decision is about one: make two.`,
    );
  return { rule: first.rule, findings };
}

function byFingerprint(report: Report, fingerprints: readonly string[]): Result[] {
  return fingerprints.map((fingerprint) => {
    const found = report.results.find((result) => result.fingerprint === fingerprint);
    if (found === undefined)
      throw new UsageError(
        `--finding ${fingerprint}: no result has this fingerprint. Give the same PATH and --edition as to the check that showed it.`,
      );
    if (found.verdict !== "fail") throw new UsageError(noneFails([found]));
    return found;
  });
}

function byRule(report: Report, names: FindingNames, rules: readonly Rule[]): readonly Result[] {
  const { rule = "", path = [], fact = [] } = names;
  const filters = { rule: [rule], control: [], requirement: [], severity: undefined, path };
  const { results } = applyFilters(report, filters, rules).report;
  const ids = new Set(results.map((result) => result.fact.id));
  const unknown = fact.find((id) => !ids.has(id));
  if (unknown !== undefined)
    throw new UsageError(
      `--fact ${unknown}: ${rule} has no result about it here. It has: ${listed([...ids])}.`,
    );
  const chosen = fact.length === 0 ? results : results.filter((result) => fact.includes(result.fact.id));
  const failing = new Set(chosen.filter(({ verdict }) => verdict === "fail").map((result) => result.fact.id));
  if (fact.length === 0 && failing.size > 1)
    throw new UsageError(
      `${failing.size} things fail ${rule} here: ${listed([...failing])}. Name those that it is about with --fact.`,
    );
  return chosen;
}

const mostListed = 10;

function listed(ids: readonly string[]): string {
  if (ids.length === 0) return "none";
  const more = ids.length > mostListed ? `, and ${ids.length - mostListed} more` : "";
  return `${ids.slice(0, mostListed).join(", ")}${more}`;
}

function noneFails(results: readonly Result[]): string {
  const [excepted] = results.filter(({ verdict }) => verdict === "excepted");
  if (excepted?.decision !== undefined) {
    const { id, file, line, until } = excepted.decision;
    return `There is nothing to lift: decision ${id} (${file}:${line}) does so until ${until}.`;
  }
  const unknown = results.filter(({ verdict }) => verdict === "unknown").length;
  if (unknown > 0)
    return `There is nothing to lift: ${unknown} could not be decided. A decision lifts failures; resolve what is unknown first.`;
  return "There is nothing to lift: nothing fails here.";
}
