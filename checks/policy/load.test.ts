import { describe, expect, test } from "vitest";
import { effectiveParameters, findRule, loadPolicies, type PolicySet } from "./load.ts";

const rule = `id: ours/days
aliases: [ours/retention]
title: Logs are kept
severity: high
what: "{fact} keeps {retentionDays} days."
why: It matters.
do: Keep more.
select:
  kind: log.store
assert:
  retentionDays: { minimumDays: { $parameter: least } }
parameters:
  least: { default: 30 days, doc: How long. }
requirements: [LOG-01]
`;

const edition = `id: ours
title: Ours
status: organisation
statusAsOf: 2026-01-01
designations: [required]
dates: {}
source: {}
derivedFrom: null
wording: { pass: meets, fail: does not meet }
`;

const controls = `controls:
  - citation: O-1
    title: One
    designation: required
    parent: null
    derivesFrom: []
    duty: Do it.
    safeguard: technical
    verification: { grade: own, source: us, asOf: 2026-01-01 }
`;

const mapping = `mappings:
  - rule: ours/days
    controls:
      - { citation: O-1, relation: requires }
    parameters: { least: 90 days }
`;

const sound = {
  "rules/days/rule.yaml": rule,
  "editions/ours/edition.yaml": edition,
  "editions/ours/controls.yaml": controls,
  "editions/ours/mapping.yaml": mapping,
};

function load(files: Readonly<Record<string, string>>, base?: PolicySet) {
  return loadPolicies(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    base,
  );
}

/** What is said of policy files of which one is another: `code place message`. */
function told(changes: Readonly<Record<string, string>>): string[] {
  return load({ ...sound, ...changes }).diagnostics.map(({ code, location, message }) => {
    return `${code} ${location?.file}:${location?.line}:${location?.column} ${message}`;
  });
}

test("sound files give rules and editions, and nothing to say", () => {
  const { rules, editions, diagnostics, ruleFiles } = load(sound);
  expect(diagnostics).toEqual([]);
  expect(rules.map(({ id }) => id)).toEqual(["ours/days"]);
  expect(ruleFiles.get("ours/days")).toBe("rules/days/rule.yaml");
  expect(editions).toMatchObject([{ id: "ours", notes: [], removed: [], controls: [{ citation: "O-1" }] }]);
});

test("an edition's parameters go before the rule's own", () => {
  const { rules, editions } = load(sound);
  const [ours] = rules;
  if (ours === undefined) throw new Error("no rule");
  expect(effectiveParameters(ours, editions[0]?.mappings[0])).toEqual({ least: "90 days" });
  expect(effectiveParameters(ours, undefined)).toEqual({ least: "30 days" });
});

test("a rule is found by its id and by its earlier ids, the id going first", () => {
  const { rules } = load(sound);
  expect(findRule(rules, "ours/days")?.id).toBe("ours/days");
  expect(findRule(rules, "ours/retention")?.id).toBe("ours/days");
  expect(findRule(rules, "ours/other")).toBeUndefined();
});

describe("what is broken is said with its place, and left out", () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "a kind of fact that there is not",
      { "rules/days/rule.yaml": rule.replace("log.store", "log.stores") },
      "rule-invalid rules/days/rule.yaml:9:9 select.kind must be one of access.policy, audit.trail,",
    ],
    [
      "a keyword that there is not",
      { "rules/days/rule.yaml": rule.replace("minimumDays", "minDays") },
      'rule-invalid rules/days/rule.yaml:11:20 Unknown key or keyword "minDays" in assert.retentionDays.',
    ],
    [
      "an attribute that the kind has not",
      { "rules/days/rule.yaml": rule.replace("  retentionDays:", "  constructor:") },
      'rule-attribute rules/days/rule.yaml:11:16 Facts of kind log.store have no attribute "constructor". They have:',
    ],
    [
      "a parameter that is not declared",
      { "rules/days/rule.yaml": rule.replace("$parameter: least", "$parameter: toString") },
      'rule-parameter rules/days/rule.yaml:11:18 The parameter "toString" is not declared.',
    ],
    [
      "a default that the keyword cannot take",
      { "rules/days/rule.yaml": rule.replace("default: 30 days", "default: 30 moons") },
      "rule-assertion rules/days/rule.yaml:11:18 The assertion is not valid:",
    ],
    [
      "a meaning of absence that nobody asks for",
      { "rules/days/rule.yaml": `${rule}whenAbsent: { encrypted: pass }\n` },
      'rule-attribute rules/days/rule.yaml:15:26 whenAbsent names "encrypted", which the rule does not assert.',
    ],
    [
      "bad YAML",
      { "rules/days/rule.yaml": `${rule}why: again\n` },
      "yaml-syntax rules/days/rule.yaml:15:1 Map keys must be unique.",
    ],
  ])("%s", (_, changes, message) => {
    const [first, ...others] = told(changes);
    expect(first).toContain(message);
    // The edition maps the rule that is left out.
    expect(others).toEqual([
      expect.stringContaining(
        'edition-rule editions/ours/mapping.yaml:2:11 Edition ours maps the rule "ours/days"',
      ),
    ]);
    expect(load({ ...sound, ...changes }).rules).toEqual([]);
    expect(load({ ...sound, ...changes }).editions).toHaveLength(1);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "a citation that there is not",
      { "editions/ours/mapping.yaml": mapping.replace("O-1", "O-2") },
      "edition-citation editions/ours/mapping.yaml:4:21 Edition ours has no control O-2.",
    ],
    [
      "a rule that there is not",
      { "editions/ours/mapping.yaml": mapping.replace("ours/days", "ours/nights") },
      'edition-rule editions/ours/mapping.yaml:2:11 Edition ours maps the rule "ours/nights", which does not exist.',
    ],
    [
      "a rule that is mapped twice",
      { "editions/ours/mapping.yaml": mapping + mapping.slice(mapping.indexOf("\n") + 1) },
      'edition-rule editions/ours/mapping.yaml:6:11 The rule "ours/days" is mapped twice.',
    ],
    [
      "a parameter that the rule has not",
      { "editions/ours/mapping.yaml": mapping.replace("least:", "valueOf:") },
      'edition-parameter editions/ours/mapping.yaml:5:28 The rule ours/days has no parameter "valueOf".',
    ],
    [
      "a parameter with which nothing can be held",
      { "editions/ours/mapping.yaml": mapping.replace("90 days", "90 moons") },
      "edition-parameter editions/ours/mapping.yaml:5:17 With these parameters the rule ours/days demands nothing that can be held:",
    ],
    [
      "no file beside it",
      { "editions/ours/mapping.yaml": "" },
      "mapping-invalid editions/ours/mapping.yaml:1:1 The file is empty.",
    ],
  ])("of an edition: %s", (_, changes, message) => {
    const [first, ...others] = told(changes);
    expect(first).toContain(message);
    expect(others).toEqual([]);
    expect(load({ ...sound, ...changes }).editions).toHaveLength(1);
  });

  test("of an edition that lacks a file", () => {
    const { "editions/ours/controls.yaml": _, ...files } = sound;
    const { editions, diagnostics } = load(files);
    expect(editions).toEqual([]);
    expect(diagnostics).toMatchObject([
      { code: "edition-incomplete", location: { file: "editions/ours/edition.yaml" } },
    ]);
    expect(diagnostics[0]?.message).toBe("There is no controls.yaml beside this file. Add it.");
  });

  test("a second rule or edition of one id, whichever file it stands in", () => {
    const twice = {
      "rules/other/rule.yaml": rule.replace("aliases: [ours/retention]\n", ""),
      "editions/other/edition.yaml": edition,
      "editions/other/controls.yaml": controls,
      "editions/other/mapping.yaml": mapping,
    };
    expect(told(twice)).toEqual([
      "rule-duplicate rules/other/rule.yaml:1:5 There is already a rule ours/days (rules/days/rule.yaml:1). Give this one another id.",
      "edition-duplicate editions/other/edition.yaml:1:5 There is already an edition ours. Give this one another id.",
    ]);
  });

  test("an id that is the earlier id of another rule, and the other way round", () => {
    const taken = rule
      .replace("id: ours/days", "id: ours/retention")
      .replace("aliases: [ours/retention]\n", "");
    expect(told({ "rules/other/rule.yaml": taken })).toEqual([
      "rule-duplicate rules/other/rule.yaml:1:5 There is already a rule ours/retention (rules/days/rule.yaml:1). Give this one another id.",
    ]);
    const takes = rule
      .replace("id: ours/days", "id: ours/other")
      .replace("ours/retention", "ours/old, ours/days");
    expect(told({ "rules/other/rule.yaml": takes })).toEqual([
      "rule-duplicate rules/other/rule.yaml:2:21 There is already a rule ours/days (rules/days/rule.yaml:1). Give this one another id.",
    ]);
  });
});

test("own editions map shipped rules, and own rules cannot take a shipped id", () => {
  const { "rules/days/rule.yaml": shippedRule, ...ownEdition } = sound;
  const shipped = load({ "rules/days/rule.yaml": shippedRule });
  expect(load(ownEdition, shipped)).toMatchObject({ diagnostics: [], editions: [{ id: "ours" }] });
  expect(load(sound, shipped).diagnostics).toMatchObject([{ code: "rule-duplicate" }]);
});
