import ignore from "ignore";
import { UsageError } from "#cli/errors.ts";
import { summarize } from "#engine/check.ts";
import { evidenceByControl } from "#engine/evidence.ts";
import type { Report, Result } from "#engine/result.ts";
import { findRule } from "#policy/load.ts";
import { type Rule, type Severity, severities } from "#policy/rule.ts";

export interface Filters {
  readonly rule: readonly string[];
  readonly control: readonly string[];
  readonly requirement: readonly string[];
  readonly severity: Severity | undefined;
  readonly path: readonly string[];
}

/**
 * Narrows a report to what was asked for; the summary counts what is left, and the words say that it was narrowed.
 * @throws UsageError where a named rule does not exist, or nothing can match a control or requirement
 */
export function applyFilters(
  report: Report,
  filters: Filters,
  rules: readonly Rule[],
): { readonly report: Report; readonly words: readonly string[] } {
  const ids = new Set(filters.rule.map((id) => requireRule(rules, id)));
  const requirements = new Set(filters.requirement);
  for (const id of requirements) {
    if (rules.some((rule) => rule.requirements.includes(id))) continue;
    throw new UsageError(`--requirement ${id}: no rule covers it. See: hipaa-check policies list --rules.`);
  }
  const patterns = ignore().add([...filters.path]);
  const least = filters.severity === undefined ? severities.length : severities.indexOf(filters.severity);
  const keeps = (result: Result): boolean =>
    (ids.size === 0 || ids.has(result.rule)) &&
    (filters.control.length === 0 || filters.control.some((citation) => bearsOn(result, citation))) &&
    (requirements.size === 0 || result.requirements.some((id) => requirements.has(id))) &&
    severities.indexOf(result.severity) <= least &&
    (filters.path.length === 0 || matchesPath(patterns, result.location.file));
  const words = [
    ...filters.rule.map((id) => `rule ${id}`),
    ...filters.control.map((citation) => `control ${citation}`),
    ...filters.requirement.map((id) => `requirement ${id}`),
    ...(filters.severity === undefined ? [] : [`severity ${filters.severity} and above`]),
    ...filters.path.map((glob) => `path ${glob}`),
  ];
  if (words.length === 0) return { report, words };
  return { report: withResults(report, report.results.filter(keeps)), words };
}

/** The report with some of its results, counted anew. */
export function withResults(report: Report, results: readonly Result[]): Report {
  const { files, facts } = report.summary;
  return {
    ...report,
    results,
    evidence: evidenceByControl(results),
    summary: summarize(results, files, facts, report.diagnostics),
  };
}

function requireRule(rules: readonly Rule[], id: string): string {
  const rule = findRule(rules, id);
  if (rule === undefined)
    throw new UsageError(`--rule ${id}: there is no such rule. See: hipaa-check policies list --rules.`);
  return rule.id;
}

/** A control is named by its citation or by one that it belongs to: 164.312(e) finds 164.312(e)(2)(ii). */
function bearsOn(result: Result, citation: string): boolean {
  const wanted = citation.replace(/^45 CFR /, "");
  return result.controls.some(
    (control) => control.citation === wanted || control.citation.startsWith(`${wanted}(`),
  );
}

function matchesPath(patterns: ReturnType<typeof ignore>, file: string): boolean {
  return !file.startsWith("../") && patterns.ignores(file);
}
