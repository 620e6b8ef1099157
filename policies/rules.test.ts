import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCases, runCase } from "#engine/cases.ts";
import { readPolicyFolder } from "#policy/files.ts";
import { loadPolicies } from "#policy/load.ts";

const folder = new URL(".", import.meta.url).pathname.replace(/\/$/, "");
const files = readPolicyFolder(folder, "policies");
const policies = loadPolicies(files);
const inForce = policies.editions.find((edition) => edition.id === "hipaa-2013");

test("the shipped policies have no mistake", () => {
  expect(policies.diagnostics).toEqual([]);
  expect(inForce).toBeDefined();
});

describe.each(files.filter((file) => file.path.endsWith("/rule.yaml")))("$path", ({ path }) => {
  const rule = policies.rules.find((candidate) => path === `policies/rules/${candidate.id}/rule.yaml`);
  const text = readFileSync(
    `${folder}/${path.slice("policies/".length, -"rule.yaml".length)}cases.yaml`,
    "utf8",
  );
  const { cases, diagnostics } = readCases({ path: path.replace("rule.yaml", "cases.yaml"), text });

  test("lies in the folder that its id names and has cases for every verdict", () => {
    expect(rule).toBeDefined();
    expect(diagnostics).toEqual([]);
    const verdicts = new Set(cases.flatMap((example) => example.expect.map((result) => result.verdict)));
    expect([...verdicts]).toEqual(expect.arrayContaining(["pass", "fail", "unknown"]));
  });

  test("is mapped to a line of the edition in force", () => {
    const mapping = inForce?.mappings.find((entry) => entry.rule === rule?.id);
    expect(mapping?.controls.length).toBeGreaterThan(0);
  });

  test.each(cases)("$name", async (example) => {
    const edition = policies.editions.find(({ id }) => id === (example.edition ?? "hipaa-2013"));
    if (rule === undefined || edition === undefined) throw new Error("no such rule or edition");
    const outcome = await runCase(rule, edition, example);
    expect(outcome.differences).toEqual([]);
  });
});
