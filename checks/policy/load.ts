import type { Diagnostic } from "#base/diagnostic.ts";
import { type Location, startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import { findFactKind } from "#facts/registry.ts";
import type { YamlDocument } from "#syntax/yaml/document.ts";
import { AssertionCompiler, bindParameters, mentionedParameters } from "./assertion.ts";
import type { Control, Edition, RemovedLine, RuleMapping } from "./edition.ts";
import type { AttributeAssertion, Conditions, Rule } from "./rule.ts";
import { controlsSchema, editionSchema, mappingSchema, ruleSchema } from "./schema.ts";
import { type PolicyFile, readValidated } from "./validate.ts";

/** Rules and editions, ready to be evaluated. Plain data: it can be written as JSON and read back. */
export interface PolicySet {
  readonly rules: readonly Rule[];
  readonly editions: readonly Edition[];
}

export interface LoadedPolicies extends PolicySet {
  readonly diagnostics: readonly Diagnostic[];
  /** The `rule.yaml` of each rule that was read, by rule id. */
  readonly ruleFiles: ReadonlyMap<string, string>;
}

interface Loading {
  readonly rules: Map<string, { readonly rule: Rule; readonly location: Location }>;
  readonly editions: Map<string, Edition>;
  readonly diagnostics: Diagnostic[];
  readonly ruleFiles: Map<string, string>;
  readonly compiler: AssertionCompiler;
}

/**
 * Reads policy files: `…/rule.yaml`, and `edition.yaml`, `controls.yaml`, `mapping.yaml` of one folder each. What is
 * broken is reported and left out; the rest is used.
 * @param base what is already loaded (the shipped policies), so that own editions can map shipped rules
 */
export function loadPolicies(files: readonly PolicyFile[], base?: PolicySet): LoadedPolicies {
  const nowhere: Location = { file: "the shipped policies", line: 1, column: 1, endLine: 1, endColumn: 1 };
  const loading: Loading = {
    rules: new Map((base?.rules ?? []).map((rule) => [rule.id, { rule, location: nowhere }])),
    editions: new Map((base?.editions ?? []).map((edition) => [edition.id, edition])),
    diagnostics: [],
    ruleFiles: new Map(),
    compiler: new AssertionCompiler(),
  };
  for (const file of files) if (baseName(file.path) === "rule.yaml") loadRule(file, loading);
  for (const file of files) if (baseName(file.path) === "edition.yaml") loadEdition(file, files, loading);
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
  return {
    rules: [...loading.rules.values()].map((entry) => entry.rule).sort(byId),
    editions: [...loading.editions.values()].sort(byId),
    diagnostics: loading.diagnostics,
    ruleFiles: loading.ruleFiles,
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function error(code: string, message: string, location: Location): Diagnostic {
  return { level: "error", code, message, location };
}

function loadRule(file: PolicyFile, loading: Loading): void {
  const { document, diagnostics } = readValidated(file, "rule", ruleSchema);
  loading.diagnostics.push(...diagnostics);
  if (document === undefined) return;
  const rule = document.value as unknown as Rule;
  const problems = [
    ...takenNames(rule, document, loading),
    ...ruleProblems(rule, document, loading.compiler),
  ];
  loading.diagnostics.push(...problems);
  if (problems.length > 0) return;
  loading.rules.set(rule.id, { rule, location: document.locate(["id"]) });
  loading.ruleFiles.set(rule.id, file.path);
}

/** The first id or alias that already finds another rule. */
function takenNames(rule: Rule, document: YamlDocument, loading: Loading): Diagnostic[] {
  for (const [index, name] of [rule.id, ...(rule.aliases ?? [])].entries()) {
    const other = [...loading.rules.values()].find(
      (entry) => entry.rule.id === name || entry.rule.aliases?.includes(name) === true,
    );
    if (other === undefined) continue;
    const at = `${other.location.file}:${other.location.line}`;
    const message = `There is already a rule ${name} (${at}). Give this one another id.`;
    return [error("rule-duplicate", message, document.locate(index === 0 ? ["id"] : ["aliases", index - 1]))];
  }
  return [];
}

/** What the schema cannot say: attributes that the kind lacks, parameters that are not declared, invalid assertions. */
function ruleProblems(rule: Rule, document: YamlDocument, compiler: AssertionCompiler): Diagnostic[] {
  const kind = findFactKind(rule.select.kind);
  const problems: Diagnostic[] = [];
  const defaults = Object.fromEntries(
    Object.entries(rule.parameters ?? {}).map(([name, parameter]) => [name, parameter.default]),
  );
  const inspect = (conditions: Conditions | undefined, path: readonly (string | number)[]): void => {
    for (const [attribute, assertion] of Object.entries(conditions ?? {})) {
      const location = document.locate([...path, attribute]);
      if (kind === undefined || !Object.hasOwn(kind.attributes, attribute)) {
        const names = Object.keys(kind?.attributes ?? {}).join(", ");
        const message = `Facts of kind ${rule.select.kind} have no attribute "${attribute}". They have: ${names}.`;
        problems.push(error("rule-attribute", message, location));
        continue;
      }
      const undeclared = mentionedParameters(assertion).find((name) => !Object.hasOwn(defaults, name));
      if (undeclared !== undefined) {
        const message = `The parameter "${undeclared}" is not declared. Add it under parameters.`;
        problems.push(error("rule-parameter", message, location));
        continue;
      }
      try {
        compiler.compile(bindParameters(assertion, defaults));
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        problems.push(error("rule-assertion", `The assertion is not valid: ${why}.`, location));
      }
    }
  };
  inspect(rule.select.where, ["select", "where"]);
  rule.notApplicable?.forEach((entry, index) => {
    inspect(entry.when, ["notApplicable", index, "when"]);
  });
  inspect(rule.assert, ["assert"]);
  rule.assertAny?.forEach((conditions, index) => {
    inspect(conditions, ["assertAny", index]);
  });
  const asked = new Set([
    ...Object.keys(rule.assert ?? {}),
    ...(rule.assertAny ?? []).flatMap((conditions) => Object.keys(conditions)),
  ]);
  for (const attribute of Object.keys(rule.whenAbsent ?? {})) {
    if (asked.has(attribute)) continue;
    const message = `whenAbsent names "${attribute}", which the rule does not assert. Remove it.`;
    problems.push(error("rule-attribute", message, document.locate(["whenAbsent", attribute])));
  }
  return problems;
}

function loadEdition(file: PolicyFile, files: readonly PolicyFile[], loading: Loading): void {
  const folder = file.path.slice(0, -"edition.yaml".length);
  const beside = (name: string): PolicyFile => {
    const path = folder + name;
    const message = `There is no ${name} beside this file. Add it.`;
    const problem = error("edition-incomplete", message, startOfFile(file.path));
    return files.find((other) => other.path === path) ?? { path, text: "", problem };
  };
  const edition = readValidated(file, "edition", editionSchema);
  const controls = readValidated(beside("controls.yaml"), "controls", controlsSchema);
  const mapping = readValidated(beside("mapping.yaml"), "mapping", mappingSchema);
  loading.diagnostics.push(...edition.diagnostics, ...controls.diagnostics, ...mapping.diagnostics);
  if (edition.document === undefined || controls.document === undefined) return;
  const head = edition.document.value as unknown as Omit<Edition, "controls" | "removed" | "mappings">;
  if (loading.editions.has(head.id)) {
    const message = `There is already an edition ${head.id}. Give this one another id.`;
    loading.diagnostics.push(error("edition-duplicate", message, edition.document.locate(["id"])));
    return;
  }
  const { controls: lines, removed = [] } = controls.document.value as unknown as {
    readonly controls: readonly Control[];
    readonly removed?: readonly RemovedLine[];
  };
  const mappings =
    mapping.document === undefined ? [] : soundMappings(mapping.document, head.id, lines, loading);
  loading.editions.set(head.id, { ...head, notes: head.notes ?? [], removed, controls: lines, mappings });
}

/** The mappings that name rules, parameters and controls which exist; the others are reported. */
function soundMappings(
  document: YamlDocument,
  edition: string,
  controls: readonly Control[],
  loading: Loading,
): RuleMapping[] {
  const citations = new Set(controls.map((control) => control.citation));
  const entries = (document.value as unknown as { mappings: readonly RuleMapping[] }).mappings;
  const seen = new Set<string>();
  return entries.filter((entry, index) => {
    const report = (code: string, message: string, path: readonly (string | number)[]): false => {
      loading.diagnostics.push(error(code, message, document.locate(["mappings", index, ...path])));
      return false;
    };
    const rule = loading.rules.get(entry.rule)?.rule;
    if (rule === undefined) {
      return report(
        "edition-rule",
        `Edition ${edition} maps the rule "${entry.rule}", which does not exist. Correct the id or add the rule.`,
        ["rule"],
      );
    }
    if (seen.has(entry.rule)) {
      return report("edition-rule", `The rule "${entry.rule}" is mapped twice. Join the two entries.`, [
        "rule",
      ]);
    }
    seen.add(entry.rule);
    const missing = entry.controls.findIndex((control) => !citations.has(control.citation));
    if (missing !== -1) {
      const citation = entry.controls[missing]?.citation ?? "";
      return report(
        "edition-citation",
        `Edition ${edition} has no control ${citation}. Correct the citation.`,
        ["controls", missing, "citation"],
      );
    }
    const declared = rule.parameters ?? {};
    const stray = Object.keys(entry.parameters ?? {}).find((name) => !Object.hasOwn(declared, name));
    if (stray !== undefined) {
      return report("edition-parameter", `The rule ${rule.id} has no parameter "${stray}".`, [
        "parameters",
        stray,
      ]);
    }
    const invalid = invalidAssertion(rule, effectiveParameters(rule, entry), loading.compiler);
    if (invalid !== undefined) {
      const message = `With these parameters the rule ${rule.id} demands nothing that can be held: ${invalid}.`;
      return report("edition-parameter", message, ["parameters"]);
    }
    return true;
  });
}

/** Why the assertions of a rule cannot be held with some parameters. */
function invalidAssertion(
  rule: Rule,
  parameters: Readonly<Record<string, Json>>,
  compiler: AssertionCompiler,
): string | undefined {
  try {
    for (const assertion of assertionsOf(rule)) compiler.compile(bindParameters(assertion, parameters));
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  return undefined;
}

/** Every assertion of a rule, of its selection and exemptions too. */
export function assertionsOf(rule: Rule): AttributeAssertion[] {
  const of = (conditions: Conditions | undefined): AttributeAssertion[] => Object.values(conditions ?? {});
  return [
    ...of(rule.select.where),
    ...(rule.notApplicable ?? []).flatMap(({ when }) => of(when)),
    ...of(rule.assert),
    ...(rule.assertAny ?? []).flatMap(of),
  ];
}

/** The parameters of a rule under an edition. */
export function effectiveParameters(rule: Rule, mapping: RuleMapping | undefined): Record<string, Json> {
  const defaults = Object.entries(rule.parameters ?? {}).map(([name, parameter]) => [
    name,
    parameter.default,
  ]);
  return { ...(Object.fromEntries(defaults) as Record<string, Json>), ...mapping?.parameters };
}

/** Finds a rule by its id or by an earlier id. */
export function findRule(rules: readonly Rule[], id: string): Rule | undefined {
  return rules.find((rule) => rule.id === id) ?? rules.find((rule) => rule.aliases?.includes(id) === true);
}
