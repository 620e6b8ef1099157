import type { Json, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { findFactKind } from "#facts/registry.ts";
import { describeAssertion, show } from "#policy/assertion.ts";
import type { Finding } from "#policy/conditions.ts";
import type { Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";

const longestShown = 120;

/** "tls.mode must be required": all of the findings, and one of the choices as a whole. */
export function expectedWords(
  findings: readonly Finding[],
  choices: readonly (readonly Finding[])[],
): string {
  const [only, ...others] = findings;
  if (only !== undefined && others.length === 0 && choices.length === 0) return demandWords(only);
  const all = (these: readonly Finding[]): string => these.map(demandWords).join(" and ");
  return [all(findings), choices.map(all).join(", or ")].filter((part) => part !== "").join("; and ");
}

function demandWords({ attribute, assertion }: Finding): string {
  return `${attribute} must be ${describeAssertion(assertion)}`;
}

/** "tls.mode is opportunistic (the default)". */
export function actualWords(kind: string, findings: readonly Finding[]): string {
  return findings
    .map((finding) => `${finding.attribute} ${valueWords(kind, finding.attribute, finding.value)}`)
    .join(", ");
}

function valueWords(kind: string, attribute: string, value: Value): string {
  if (value.state === "absent") return "is not set";
  if (value.state === "unknown") return `could not be told: ${value.reason}`;
  return `is ${shownValue(kind, attribute, value.value)}${value.isDefault === true ? " (the default)" : ""}`;
}

function shownValue(kind: string, attribute: string, value: Json): string {
  if (findFactKind(kind)?.attributes[attribute]?.sensitive === true) return "set (not shown)";
  if (Array.isArray(value) && value.length === 0) return "empty";
  const text = Array.isArray(value) ? value.map(show).join(", ") : show(value);
  return text.length > longestShown ? `${text.slice(0, longestShown).toWellFormed()}…` : text;
}

/** Fills `{fact}` and `{attribute}` of a rule's sentence. */
export function fillWords(sentence: string, fact: Fact): string {
  return sentence.trim().replaceAll(/\{([\w.]+)\}/g, (whole, name: string) => {
    if (name === "fact") return fact.id;
    const value = fact.attributes[name];
    if (value === undefined || value.state === "absent") return value === undefined ? whole : "not set";
    return value.state === "known" ? shownValue(fact.kind, name, value.value) : "not known";
  });
}

/** The message of a failure: a proposed edition can only say "would not meet". */
export function failWords(rule: Rule, edition: Edition, fact: Fact): string {
  const what = fillWords(rule.what, fact);
  return edition.status === "proposed" ? `Would not meet the proposed rule: ${what}` : what;
}

/** The message of an unknown: what could not be told and why. */
export function unknownWords(rule: Rule, findings: readonly Finding[]): string {
  const reasons = findings.map((finding) =>
    finding.value.state === "unknown"
      ? finding.value.reason
      : `${finding.attribute} is not known for this product`,
  );
  return `Could not tell: ${[...new Set(reasons)].join("; ")}. The rule asks: ${rule.title}.`;
}
