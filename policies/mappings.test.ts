import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json } from "#base/value.ts";
import { readPolicyFolder } from "#policy/files.ts";
import { loadPolicies } from "#policy/load.ts";
import { readRequirements } from "#policy/requirements.ts";
import type { Rule } from "#policy/rule.ts";

const folder = new URL(".", import.meta.url).pathname.replace(/\/$/, "");
const { rules, editions } = loadPolicies(readPolicyFolder(folder, "policies"));
const requirements = readRequirements({
  path: "values/requirements.yaml",
  text: readFileSync(`${folder}/values/requirements.yaml`, "utf8"),
});

function mappingsOf(id: string) {
  const edition = editions.find((candidate) => candidate.id === id);
  if (edition === undefined) throw new Error(`There is no edition ${id}.`);
  return edition.mappings;
}

/** Citations of a rule without part and section sign: `312(e)(1)`. */
function citationsOf(edition: string, rule: string): string[] {
  const mapping = mappingsOf(edition).find((entry) => entry.rule === rule);
  return (mapping?.controls ?? []).map(({ citation }) => citation.replace("164.", ""));
}

function rulesAt(edition: string, citation: string): string[] {
  return mappingsOf(edition)
    .filter(({ controls }) => controls.some((control) => control.citation === `164.${citation}`))
    .map(({ rule }) => rule);
}

const floors = ["minimum", "maximum", "minimumDays", "minimumTlsVersion", "minLength"];

function hasFloor(node: Json): boolean {
  if (node === null || typeof node !== "object") return false;
  return Object.entries(node).some(([key, value]) => floors.includes(key) || hasFloor(value));
}

describe.each(rules)("$id", (rule: Rule) => {
  test("covers requirements that exist", () => {
    for (const id of rule.requirements) {
      expect(
        requirements.find((candidate) => candidate.id === id),
        id,
      ).toBeDefined();
    }
  });

  test("names peers by the names that are known here", () => {
    const known = ["aws-config", "cdk-nag", "checkov", "guard", "kics", "prowler", "trivy"];
    expect(known).toEqual(expect.arrayContaining(Object.keys(rule.references ?? {})));
  });

  test("names the source of a floor that it asks for", () => {
    const asserted = [rule.assert ?? {}, ...(rule.assertAny ?? [])];
    if (asserted.some(hasFloor)) expect(rule.profile?.source).toBeTruthy();
  });

  test("is mapped in the edition in force and in the proposed one", () => {
    expect(citationsOf("hipaa-2013", rule.id).length).toBeGreaterThan(0);
    expect(citationsOf("hipaa-nprm-2025", rule.id).length).toBeGreaterThan(0);
  });
});

test("the edition in force names no technique, so every rule only supports a paragraph", () => {
  const relations = mappingsOf("hipaa-2013").flatMap(({ controls }) =>
    controls.map(({ relation }) => relation),
  );
  expect(new Set(relations)).toEqual(new Set(["supports"]));
});

test("the proposal requires encryption and multi-factor authentication, and no rule claims more", () => {
  const required = mappingsOf("hipaa-nprm-2025").flatMap(({ rule, controls }) =>
    controls.filter(({ relation }) => relation === "requires").map(({ citation }) => `${rule} ${citation}`),
  );
  expect(required.sort()).toEqual([
    "access/people-need-mfa 164.312(f)(2)(ii)(A)",
    "identity/mfa-required 164.312(f)(2)(ii)(A)",
    "mail/outbound-tls 164.312(b)(2)",
    "mail/submission-tls 164.312(b)(2)",
    "storage/encrypted-at-rest 164.312(b)(2)",
    "storage/tls-only 164.312(b)(2)",
  ]);
});

describe("each question that the law leads to has a rule", () => {
  test.each([
    ["encryption in transit", "312(e)(2)(ii)", "mail/outbound-tls"],
    ["encryption at rest", "312(a)(2)(iv)", "storage/encrypted-at-rest"],
    ["authentication with a second factor", "312(d)", "identity/mfa-required"],
    ["audit logging", "312(b)", "audit/trail-enabled"],
    ["retention", "316(b)(2)(i)", "logs/retention"],
    ["backup", "308(a)(7)(ii)(A)", "storage/backups"],
    ["secrets in code", "308(a)(5)(ii)(D)", "secrets/no-literal-secret"],
    ["health data in logs", "502(b)", "mail/content-not-logged"],
  ])("%s (%s)", (_question, citation, rule) => {
    expect(rulesAt("hipaa-2013", citation)).toContain(rule);
  });
});

describe("citations in circulation that say something else than they are cited for", () => {
  test.each([
    ["308(a)(3)(ii)(B)", "workforce clearance, for open ports"],
    ["308(a)(4)(ii)(A)", "clearinghouses inside a larger organisation, for access of all kinds"],
    ["308(a)(5)(ii)(A)", "reminders to the workforce, for automatic updates"],
    ["314(b)(1)", "plan documents of group health plans, for backups"],
    ["314(b)(2)(i)", "plan documents of group health plans, for backups"],
  ])("no rule is mapped to %s: %s", (citation) => {
    expect(rulesAt("hipaa-2013", citation)).toEqual([]);
  });

  test("encryption in transit and at rest are told apart", () => {
    const transit = rulesAt("hipaa-2013", "312(e)(2)(ii)");
    const rest = rulesAt("hipaa-2013", "312(a)(2)(iv)");
    expect(transit.filter((rule) => rest.includes(rule))).toEqual([]);
    expect(transit.filter((rule) => !/tls|cipher|verification|^probe\//.test(rule))).toEqual([]);
    expect(rest.filter((rule) => !/encrypted|key/.test(rule))).toEqual([]);
  });

  test("the six years for documentation are no figure for logs", () => {
    const rule = rules.find(({ id }) => id === "logs/retention");
    expect(rule?.profile?.source).toContain("the texts of the law name no figure");
    for (const edition of ["hipaa-2013", "hipaa-nprm-2025"]) {
      const mapping = mappingsOf(edition).find((entry) => entry.rule === "logs/retention");
      expect(mapping?.parameters).toBeUndefined();
      expect(mapping?.controls.map(({ relation }) => relation)).not.toContain("requires");
    }
  });
});

test("the organisation's own edition sets the floors that it names", () => {
  const of = (rule: string) => mappingsOf("strict-mail").find((entry) => entry.rule === rule);
  expect(of("mail/outbound-tls-version")?.parameters).toEqual({ minimumVersion: "TLSv1.2" });
  expect(of("mail/inbound-tls-version")?.parameters).toEqual({ minimumVersion: "TLSv1.2" });
  expect(of("logs/retention")?.parameters).toEqual({ minimum: "2192 days" });
  for (const rule of ["mail/outbound-tls", "storage/encrypted-at-rest", "identity/mfa-required"]) {
    expect(of(rule)?.controls.map(({ relation }) => relation)).toContain("requires");
  }
});
