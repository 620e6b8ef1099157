import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCases } from "#engine/cases.ts";
import { readPolicyFolder } from "#policy/files.ts";
import { loadPolicies } from "#policy/load.ts";
import { readRequirements } from "#policy/requirements.ts";

const folder = new URL(".", import.meta.url).pathname.replace(/\/$/, "");
const { rules, editions } = loadPolicies(readPolicyFolder(folder, "policies"));
const path = "values/requirements.yaml";
const requirements = readRequirements({ path, text: readFileSync(`${folder}/${path}`, "utf8") });

/** Verdicts that the cases of a rule expect for facts that a probe wrote. */
function verdictsFromProbes(rule: string): string[] {
  const file = `${folder}/rules/${rule}/cases.yaml`;
  const { cases } = readCases({ path: file, text: readFileSync(file, "utf8") });
  return cases
    .flatMap(({ expect: expected }) => expected)
    .filter(({ file: source }) => source?.endsWith(".facts.json"))
    .map(({ verdict }) => verdict);
}

describe("a requirement that a probe can decide has rules that do so from the facts of probes", () => {
  const probed = requirements.filter(({ evidence }) => evidence.includes("probe"));

  test("there are such requirements", () => {
    expect(probed.length).toBeGreaterThan(20);
  });

  test.each(probed)("$id: $title", ({ id }) => {
    const deciding = rules.filter((rule) => rule.requirements.includes(id));
    const verdicts = new Set(deciding.flatMap((rule) => verdictsFromProbes(rule.id)));
    expect([...verdicts]).toEqual(expect.arrayContaining(["pass", "fail", "unknown"]));
  });
});

test("every rule about probes is mapped in the law's editions", () => {
  const own = rules.filter(({ id }) => id.startsWith("probe/"));
  const missing = own.flatMap(({ id }) =>
    editions
      .filter(({ status }) => status !== "organisation")
      .filter(({ mappings }) => !mappings.some(({ rule, controls }) => rule === id && controls.length > 0))
      .map((edition) => `${id} in ${edition.id}`),
  );
  expect(missing).toEqual([]);
});
