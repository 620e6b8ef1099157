import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { LoadReport } from "../result/report.ts";
import { compareReports, comparisonExitCode } from "./compare.ts";

/** A run that took place. */
const fixture = fileURLToPath(new URL("../fixtures/before.json", import.meta.url));
const run = JSON.parse(readFileSync(fixture, "utf8")) as LoadReport;

/** The same run with each second's latency changed: at the 99th percentile, or in the middle. */
function changed(change: (milliseconds: number) => number, percentile: "P99" | "P50" = "P99"): LoadReport {
  const names = [`submit${percentile}`, `endToEnd${percentile}`] as const;
  const timeline = run.timeline.map((second) => ({
    ...second,
    ...Object.fromEntries(
      names.map((name) => {
        const value = second[name];
        return [name, value === null ? null : change(value)];
      }),
    ),
  }));
  return { ...run, run: `${run.run}-changed`, timeline };
}

const verdicts = (before: LoadReport, after: LoadReport): unknown => {
  const comparisons = compareReports([before], [after]);
  return [comparisons.map(({ verdict }) => verdict), comparisonExitCode(comparisons)];
};

test.each([
  ["itself", run, ["same", "same", "same", "same"], 0],
  [
    "one that takes ten times as long in each second",
    changed((value) => 10 * value),
    ["slower", "slower", "same", "same"],
    1,
  ],
  [
    "one in which every message takes longer, and the slowest drown in chance",
    changed((value) => value + 30, "P50"),
    ["same", "same", "slower", "slower"],
    1,
  ],
  [
    "one whose middle moved by what nobody notices",
    changed((value) => value + 2, "P50"),
    ["same", "same", "same", "same"],
    0,
  ],
  [
    "one that takes a tenth as long in each second",
    changed((value) => value / 10),
    ["faster", "faster", "same", "same"],
    0,
  ],
  [
    "an invalid one",
    { ...changed((value) => 10 * value), validity: { ...run.validity, valid: false } },
    ["cannot-tell", "cannot-tell", "cannot-tell", "cannot-tell"],
    3,
  ],
  [
    "one with too few seconds",
    { ...run, timeline: run.timeline.slice(0, 5) },
    ["cannot-tell", "cannot-tell", "cannot-tell", "cannot-tell"],
    3,
  ],
] as const)("a run is compared with %s", (_, after, expected, exitCode) => {
  expect(verdicts(run, after)).toEqual([expected, exitCode]);
});

test("runs of different loads say nothing of the path", () => {
  const { plan } = run.record;
  const scenarios = plan.scenarios.map((scenario) => ({ ...scenario, rate: scenario.rate * 2 }));
  const faster = { ...run, run: "twice", record: { ...run.record, plan: { ...plan, scenarios } } };
  const comparisons = compareReports([run], [faster]);
  expect(comparisonExitCode(comparisons)).toBe(3);
  for (const { verdict, reason } of comparisons) {
    expect(verdict).toBe("cannot-tell");
    expect(reason).toMatch(
      /^run \S+ is of .* 20\/s of .*, run twice of .* 40\/s of .*: compare runs of one load$/,
    );
  }
});
