import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatFactsFile } from "#facts/facts-file.ts";
import { type LoadReport, loadFacts } from "#loadtests/index.ts";
import { reportOf, TemporaryFolder } from "./testing.ts";

/** A run that met the levels of its profile: end to end, p99 83.199 ms and p95 26.031 ms. */
const met = JSON.parse(
  readFileSync(new URL("../loadtests/fixtures/before.json", import.meta.url), "utf8"),
) as LoadReport;

/** The same with one message in fifty lost. */
const losing: LoadReport = {
  ...met,
  scenarios: met.scenarios.map((scenario) => ({
    ...scenario,
    latencyMs: {
      ...scenario.latencyMs,
      endToEnd: { ...met.latencyMs.submit, p99: null, p999: null, max: null },
    },
  })),
};
const invalid: LoadReport = { ...met, validity: { valid: false, gates: [] } };
const unseen: LoadReport = {
  ...met,
  scenarios: met.scenarios.map((scenario) => ({
    ...scenario,
    latencyMs: { ...scenario.latencyMs, endToEnd: null },
  })),
};

/** The verdicts that `check` gives on what `compliance.yaml` demands of a run. */
function verdicts(levels: string, ...runs: readonly LoadReport[]): string[] {
  using folder = new TemporaryFolder({ "compliance.yaml": `serviceLevels:\n  ${levels}\n` });
  for (const [index, run] of runs.entries()) {
    const head = { producer: "test", recordedAt: run.startedAt, evidence: "load" } as const;
    folder.write(`${index}.facts.json`, formatFactsFile({ ...head, facts: loadFacts(run) }));
  }
  return reportOf(folder)
    .report.results.filter(({ location }) => location.file === "compliance.yaml")
    .map(({ verdict, fact, location }) => `${verdict} ${fact.id} ${location.line}`);
}

describe("check holds load runs against the service levels of compliance.yaml", () => {
  const level = "smoke: endToEnd p99 of messages at sandbox (in-process) 2";

  test.each<[string, string, readonly LoadReport[], readonly string[]]>([
    ["that is met", "smoke: { endToEnd: { p99: 1s } }", [met], [`pass ${level}`]],
    ["that is not met", "smoke: { endToEnd: { p99: 80ms } }", [met], [`fail ${level}`]],
    ["that lies among lost messages", "smoke: { endToEnd: { p99: 60m } }", [losing], [`fail ${level}`]],
    ["of an invalid run", "smoke: { endToEnd: { p99: 1s } }", [invalid], [`unknown ${level}`]],
    ["whose mailbox was not in view", "smoke: { endToEnd: { p99: 1s } }", [unseen], [`unknown ${level}`]],
    [
      "of which there is no run",
      "smokee: { endToEnd: { p99.9: 1s } }",
      [met],
      ["unknown smokee: endToEnd p99.9 of smokee 2"],
    ],
    ["where no run is given at all", "smoke: { endToEnd: { p99: 1s } }", [], []],
  ])("%s", (_, levels, runs, expected) => {
    expect(verdicts(levels, ...runs)).toEqual(expected);
  });

  test("once: not where the run was held against this very limit", () => {
    const [first, ...others] = met.levels;
    if (first === undefined) throw new Error("the run has levels");
    const title = "endToEnd p99 of messages";
    const held: LoadReport = {
      ...met,
      levels: [{ ...first, title, limit: "at most 1000 ms", stated: "compliance.yaml" }, ...others],
    };
    expect(verdicts("smoke: { endToEnd: { p99: 1s } }", held)).toEqual([]);
    expect(verdicts("smoke: { endToEnd: { p99: 2s } }", held)).toEqual([`pass ${level}`]);
  });
});
