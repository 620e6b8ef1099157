import { compareLocations } from "#base/location.ts";
import type { Step, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { AssertionCompiler, type CompiledAssertions } from "#policy/assertion.ts";
import {
  all,
  any,
  type Finding,
  holdConditions,
  type Outcome,
  type PreparedCondition,
  prepareConditions,
} from "#policy/conditions.ts";
import { type Edition, isVerified, type RuleMapping } from "#policy/edition.ts";
import { effectiveParameters } from "#policy/load.ts";
import type { Conditions, Rule } from "#policy/rule.ts";
import { digestOf } from "./cache.ts";
import type { RuleSetting } from "./configuration.ts";
import { chainStep, type Result, type ResultControl } from "./result.ts";
import type { RuleSettings } from "./settings.ts";
import { actualWords, expectedWords, failWords, fillWords, unknownWords } from "./words.ts";

export interface EvaluateRequest {
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
  readonly editions: readonly Edition[];
  readonly compiled?: CompiledAssertions;
  readonly settings: RuleSettings;
  /** A file's path relative to the given path that led to it: what fingerprints are made of. */
  readonly positionFree: (file: string) => string;
}

/** A decision before it is dressed as a result. */
interface Decision {
  readonly outcome: Outcome;
  readonly message: string;
  readonly findings: readonly Finding[];
  readonly expected: string;
  readonly steps: readonly Step[];
}

/** One rule under one edition, with all that does not depend on the fact. */
interface Asked {
  readonly rule: Rule;
  readonly edition: Edition;
  readonly mapping: RuleMapping | undefined;
  readonly controls: readonly ResultControl[];
  readonly documentation: string;
  readonly why: string;
  readonly remedy: string;
  readonly selection: readonly PreparedCondition[];
  readonly exemptions: readonly { readonly when: readonly PreparedCondition[]; readonly reason: string }[];
  readonly required: readonly PreparedCondition[];
  readonly choices: readonly (readonly PreparedCondition[])[];
}

/** Holds every rule under every edition against every fact it selects. The order of the results is stable. */
export function evaluate(request: EvaluateRequest): Result[] {
  const compiler = new AssertionCompiler(request.compiled);
  const kinds = new Set(request.facts.map((fact) => fact.kind));
  const rules = request.rules.filter((rule) => kinds.has(rule.select.kind));
  const results: Result[] = [];
  for (const edition of request.editions) {
    const asked = Map.groupBy(
      rules.map((rule) => ask(rule, edition, compiler)),
      ({ rule }) => rule.select.kind,
    );
    for (const fact of request.facts) {
      const named = { kind: fact.kind, id: fact.id };
      const place = request.positionFree(fact.location.file);
      for (const question of asked.get(fact.kind) ?? []) {
        const setting = request.settings.find(question.rule.id, fact.location.file);
        const decision = decide(fact, question, setting);
        if (decision !== undefined) results.push(dress(fact, question, decision, { setting, named, place }));
      }
    }
  }
  return numbered(results.sort(compareResults));
}

function ask(rule: Rule, edition: Edition, compiler: AssertionCompiler): Asked {
  const mapping = edition.mappings.find((entry) => entry.rule === rule.id);
  const controls = (mapping?.controls ?? []).flatMap(({ citation, relation }): ResultControl[] => {
    const control = edition.controls.find((line) => line.citation === citation);
    if (control === undefined) return [];
    const { title, designation, verification } = control;
    return [
      { edition: edition.id, citation, title, designation, relation, verified: isVerified(verification) },
    ];
  });
  const context = {
    compiler,
    parameters: effectiveParameters(rule, mapping),
    whenAbsent: rule.whenAbsent ?? {},
  };
  const prepare = (conditions: Conditions = {}): PreparedCondition[] =>
    prepareConditions(conditions, context);
  return {
    rule,
    edition,
    mapping,
    controls,
    documentation: `docs/reference/rules.md#${rule.id.replaceAll("/", "-")}`,
    why: rule.why.trim(),
    remedy: rule.do.trim(),
    selection: prepare(rule.select.where),
    exemptions: (rule.notApplicable ?? []).map(({ when, reason }) => ({ when: prepare(when), reason })),
    required: prepare(rule.assert),
    choices: (rule.assertAny ?? []).map(prepare),
  };
}

/** Undefined where the rule does not ask about this fact at all. */
function decide(fact: Fact, asked: Asked, setting: RuleSetting | undefined): Decision | undefined {
  const { rule, edition } = asked;
  const hold = (conditions: readonly PreparedCondition[]): Finding[] => holdConditions(fact, conditions);
  const narrowing = hold(asked.selection);
  const selected = all(outcomesOf(narrowing));
  if (selected === "fail" || selected === "not-applicable") return undefined;

  if (setting?.setting === "off") {
    const message = `Switched off in ${setting.location.file}, line ${setting.location.line}.`;
    const step = { location: setting.location, text: "switched off here" };
    return { outcome: "not-applicable", message, findings: [], expected: "", steps: [step] };
  }
  const open = narrowing.filter(({ outcome }) => outcome === "unknown");
  for (const exemption of asked.exemptions) {
    const findings = hold(exemption.when);
    const outcome = all(outcomesOf(findings));
    if (outcome === "unknown") open.push(...findings.filter((finding) => finding.outcome === "unknown"));
    if (outcome !== "pass") continue;
    const message = fillWords(exemption.reason, fact);
    return {
      outcome: "not-applicable",
      message,
      findings,
      expected: expectedWords(findings, []),
      steps: stepsOf(findings),
    };
  }

  const required = hold(asked.required);
  const branches = asked.choices.map(hold);
  const choice = any(branches.map((branch) => all(outcomesOf(branch))));
  const held = all([...outcomesOf(required), ...(branches.length > 0 ? [choice] : [])]);
  // Whether the rule asks about this fact at all is open: it cannot have failed what it may not be asked.
  const isOpen = held === "fail" && open.length > 0;
  const outcome = isOpen ? "unknown" : held;
  const asserted = [...required, ...branches.flat()];
  const deciding = isOpen ? open : asserted.filter((finding) => finding.outcome === outcome);
  const message = messageOf(outcome, rule, edition, fact, deciding);
  const isChoice = !isOpen && branches.length > 0 && choice === outcome;
  const single = isOpen ? open : required.filter((finding) => finding.outcome === outcome);
  const expected = expectedWords(single, isChoice ? branches : []);
  return { outcome, message, findings: deciding, expected, steps: stepsOf(deciding) };
}

function messageOf(
  outcome: Outcome,
  rule: Rule,
  edition: Edition,
  fact: Fact,
  deciding: readonly Finding[],
): string {
  if (outcome === "fail") return failWords(rule, edition, fact);
  if (outcome === "unknown") return unknownWords(rule, deciding);
  if (outcome === "pass") return `${rule.title}.`;
  return `${deciding.map((finding) => finding.attribute).join(", ")} does not exist for this product.`;
}

function outcomesOf(findings: readonly Finding[]): Outcome[] {
  return findings.map((finding) => finding.outcome);
}

/** The chains of the deciding values; of an undecided choice, also those of its alternatives. */
function stepsOf(findings: readonly Finding[]): Step[] {
  const steps = findings.flatMap((finding) => chainOf(finding.value));
  if (steps.length < 2) return steps;
  const seen = new Set<string>();
  return steps.filter((step) => {
    const key = JSON.stringify(step);
    return seen.has(key) ? false : seen.add(key);
  });
}

function chainOf(value: Value): readonly Step[] {
  if (value.state !== "unknown" || value.alternatives === undefined) return value.chain;
  return [...value.chain, ...value.alternatives.flatMap(chainOf)];
}

/** What all results of one fact, or of one file, have in common. */
interface Surroundings {
  readonly setting: RuleSetting | undefined;
  readonly named: Result["fact"];
  /** The fact's file, as fingerprints know it. */
  readonly place: string;
}

function dress(
  fact: Fact,
  asked: Asked,
  decision: Decision,
  { setting, named, place }: Surroundings,
): Result {
  const { rule, edition, mapping, controls } = asked;
  const weight = setting?.setting;
  const severity = typeof weight === "object" ? weight.severity : (mapping?.severity ?? rule.severity);
  const { findings } = decision;
  const decidedAt = findings.find((finding) => finding.value.location !== undefined)?.value.location;
  const identity = `${rule.id}\n${edition.id}\n${fact.kind}\n${fact.id}\n${place}`;
  const result: Result = {
    edition: edition.id,
    verdict: decision.outcome,
    rule: rule.id,
    title: rule.title,
    severity,
    message: decision.message,
    expected: decision.expected,
    actual: actualWords(fact.kind, findings),
    why: asked.why,
    remedy: asked.remedy,
    controls,
    requirements: rule.requirements,
    references: rule.references ?? noReferences,
    documentation: asked.documentation,
    fact: named,
    evidence: fact.origin?.evidence ?? "static",
    location: decidedAt ?? fact.location,
    chain: decision.steps.length === 0 ? noSteps : decision.steps.map(chainStep),
    fingerprint: digestOf(identity),
  };
  return rule.profile === undefined ? result : { ...result, profile: rule.profile };
}

const noReferences = {};
const noSteps: Result["chain"] = [];

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function compareResults(a: Result, b: Result): number {
  return (
    compareTexts(a.edition, b.edition) ||
    compareLocations(a.location, b.location) ||
    compareTexts(a.rule, b.rule) ||
    compareTexts(a.fact.kind, b.fact.kind) ||
    compareTexts(a.fact.id, b.fact.id)
  );
}

/** Gives the second and later results of one identity a fingerprint of their own. */
function numbered(results: readonly Result[]): Result[] {
  const counts = new Map<string, number>();
  return results.map((result) => {
    const earlier = counts.get(result.fingerprint) ?? 0;
    counts.set(result.fingerprint, earlier + 1);
    return earlier === 0 ? result : { ...result, fingerprint: digestOf(`${result.fingerprint}\n${earlier}`) };
  });
}
