import { readFileSync } from "node:fs";
import { baselineSchema } from "#cli/baseline.ts";
import { manifestSchema } from "#cli/evidence/bundle/manifest-schema.ts";
import { contentsSchema, differenceSchema, verificationSchema } from "#cli/evidence/schemas.ts";
import { casesSchema, readCases } from "#engine/cases.ts";
import { configurationSchema } from "#engine/configuration.ts";
import { factsSchema, reportSchema } from "#engine/report-schema.ts";
import { complianceSchema } from "#facts/compliance-file.ts";
import { factsFileSchema } from "#facts/facts-file.ts";
import { loadReportSchema, profileSchema, type SendPathFigures } from "#loadtests/index.ts";
import { readPolicyFolder } from "#policy/files.ts";
import { loadPolicies } from "#policy/load.ts";
import { readRequirements, requirementsSchema } from "#policy/requirements.ts";
import { controlsSchema, editionSchema, mappingSchema, ruleSchema } from "#policy/schema.ts";
import { postureSchema, probeReportSchema } from "#sandbox/index.ts";
import { commandsPage } from "./pages/commands.ts";
import { coveragePage } from "./pages/coverage.ts";
import { factsPage } from "./pages/facts.ts";
import { posturesPage } from "./pages/postures.ts";
import { rulesPage } from "./pages/rules.ts";
import { sendPathChart, sendPathPage } from "./pages/send-path-figures.ts";

/** Every generated file of the repository, by its path. A test compares them with what is checked in. */
export function generatedFiles(root: string): Map<string, string> {
  const policies = loadPolicies(readPolicyFolder(`${root}policies`, "policies"));
  const requirementsPath = "policies/values/requirements.yaml";
  const requirements = readRequirements({
    path: requirementsPath,
    text: readFileSync(root + requirementsPath, "utf8"),
  });
  const cases = new Map(
    [...policies.ruleFiles].map(([id, file]) => {
      const path = file.replace(/rule\.yaml$/, "cases.yaml");
      return [id, readCases({ path, text: readFileSync(root + path, "utf8") }).cases];
    }),
  );
  const schemas = {
    baseline: baselineSchema(),
    "bundle-contents": contentsSchema(),
    "bundle-difference": differenceSchema(),
    "bundle-manifest": manifestSchema(),
    "bundle-verification": verificationSchema(),
    cases: casesSchema(),
    compliance: complianceSchema(),
    configuration: configurationSchema(),
    controls: controlsSchema(),
    edition: editionSchema(),
    facts: factsSchema(),
    "facts-file": factsFileSchema(),
    "load-profile": profileSchema(),
    "load-report": loadReportSchema(),
    mapping: mappingSchema(),
    posture: postureSchema(),
    "probe-report": probeReportSchema(),
    report: reportSchema(),
    requirements: requirementsSchema(),
    rule: ruleSchema(),
  };
  const sendPath = JSON.parse(
    readFileSync(`${root}loadtests/figures/send-path.json`, "utf8"),
  ) as SendPathFigures;
  return new Map([
    ...Object.entries(schemas).map(([name, schema]): [string, string] => [
      `policies/schema/${name}.schema.json`,
      `${JSON.stringify(schema, undefined, 2)}\n`,
    ]),
    ["docs/reference/commands.md", commandsPage()],
    ["docs/reference/coverage.md", coveragePage(requirements, policies)],
    ["docs/reference/facts.md", factsPage(policies)],
    ["docs/reference/postures.md", posturesPage(root)],
    ["docs/reference/rules.md", rulesPage(policies, cases)],
    ["docs/reference/send-path-figures.md", sendPathPage(sendPath)],
    ["docs/reference/send-path-figures.svg", sendPathChart(sendPath)],
  ]);
}
