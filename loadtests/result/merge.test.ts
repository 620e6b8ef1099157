import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { EngineSecond } from "../measure/engine-report.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { Measurement, ScenarioMeasurement } from "../measure/measurement.ts";
import { mergeParts } from "./merge.ts";
import { type Part, partOfReport } from "./part.ts";
import { buildReport, type LoadReport } from "./report.ts";
import { parseSegment, type Segment } from "./segment.ts";

/** A run that took place. */
const fixture = fileURLToPath(new URL("../fixtures/before.json", import.meta.url));
const run = JSON.parse(readFileSync(fixture, "utf8")) as LoadReport;
const whole = partOfReport(run);
const names = ["0:1/4", "1/4:1/2", "1/2:3/4", "3/4:1"];

/** Numbers that look like chance and are the same each time. */
function dice(): (sides: number) => number {
  let state = 7;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

/** Deals a count to four hands. */
function deal(count: number, roll: (sides: number) => number): number[] {
  const hands = [0, 0, 0, 0];
  for (let left = count; left > 0; left--) {
    const hand = roll(4);
    hands[hand] = (hands[hand] ?? 0) + 1;
  }
  return hands;
}

function dealBuckets(buckets: Histogram["buckets"], roll: (sides: number) => number): [number, number][][] {
  const hands: [number, number][][] = [[], [], [], []];
  for (const [upper, count] of buckets) {
    for (const [hand, own] of deal(count, roll).entries()) if (own > 0) hands[hand]?.push([upper, own]);
  }
  return hands;
}

function histogramOf(all: Histogram, buckets: readonly [number, number][]): Histogram {
  const highest = buckets.at(-1)?.[0] ?? 0;
  return {
    ...all,
    count: buckets.reduce((sum, [, count]) => sum + count, 0),
    min: Math.max(all.min, buckets[0]?.[0] ?? all.min),
    max: Math.min(all.max, highest),
    buckets,
  };
}

/** The samples of one scenario, dealt to four processes. */
function dealScenario(scenario: ScenarioMeasurement): ScenarioMeasurement[] {
  const roll = dice();
  const counts = Object.fromEntries(
    (
      ["attempted", "accepted", "refused", "plaintext", "delivered", "lost", "duplicated", "dropped"] as const
    ).map((name) => [name, deal(scenario[name] ?? 0, roll)]),
  );
  const histograms = Object.entries(scenario.histograms).map(
    ([name, all]) => [name, dealBuckets(all.buckets, roll).map((hand) => histogramOf(all, hand))] as const,
  );
  const seconds = scenario.timeline.map((second) => ({
    second,
    offered: deal(second.offered ?? 0, roll),
    accepted: deal(second.accepted ?? 0, roll),
    delivered: deal(second.delivered ?? 0, roll),
    failed: deal(second.failed ?? 0, roll),
    submit: dealBuckets(second.submit ?? [], roll),
    endToEnd: dealBuckets(second.endToEnd ?? [], roll),
  }));
  return [0, 1, 2, 3].map((hand) => ({
    ...scenario,
    ...Object.fromEntries(Object.entries(counts).map(([name, hands]) => [name, hands[hand] ?? 0])),
    plannedRate: scenario.plannedRate / 4,
    histograms: Object.fromEntries(histograms.map(([name, hands]) => [name, hands[hand] as Histogram])),
    timeline: seconds.map(
      (each): EngineSecond => ({
        second: each.second.second,
        offered: each.offered[hand] ?? 0,
        accepted: each.accepted[hand] ?? 0,
        delivered: each.delivered[hand] ?? 0,
        failed: each.failed[hand] ?? 0,
        submit: each.submit[hand] ?? [],
        endToEnd: each.endToEnd[hand] ?? [],
      }),
    ),
  }));
}

/** The run, as if four processes had had a quarter of its samples each. */
function quarters(change: (part: Part, index: number) => Part = (part) => part): Part[] {
  const dealt = whole.measurement.scenarios.map(dealScenario);
  return names.map((name, index) => {
    const measurement: Measurement = {
      ...whole.measurement,
      engine: { ...whole.measurement.engine, run: `run${index}` },
      scenarios: dealt.map((hands) => hands[index] as ScenarioMeasurement),
    };
    const segments = [parseSegment(name) as Segment];
    const part = { ...whole, run: `run${index}`, label: `segment ${name}`, measurement, segments };
    return change(part, index);
  });
}

/** A part whose measurement differs. */
function measuring(part: Part, change: Partial<Measurement>): Part {
  return { ...part, measurement: { ...part.measurement, ...change } };
}

function merged(parts: readonly Part[]): LoadReport {
  return mergeParts(parts, "test");
}

function brokenGates({ validity }: LoadReport): string[] {
  return validity.gates.filter(({ ok }) => !ok).map(({ id }) => id);
}

describe("four shares of one run's samples", () => {
  test("give its percentiles, counts, rates, timeline, levels and verdict", () => {
    const report = merged(quarters());
    for (const part of ["latencyMs", "phases", "rates", "messages", "timeline", "levels", "verdict"] as const)
      expect(report[part], part).toEqual(run[part]);
    const figures = ({ id, rates, messages, latencyMs }: LoadReport["scenarios"][number]) => ({
      id,
      rates,
      messages,
      latencyMs,
    });
    expect(report.scenarios.map(figures)).toEqual(run.scenarios.map(figures));
    expect(report.validity.valid).toBe(true);
    expect(report.validity.gates.map(({ id }) => id)).toEqual([
      ...run.validity.gates.map(({ id }) => id),
      "segments",
      "concurrent",
    ]);
  });

  test("are judged by the service levels: what the whole does not meet fails", () => {
    const strict = quarters().map((part) => {
      const levels = part.plan.profile.levels.map((level) =>
        level.kind === "latency" ? { ...level, maximum: "1ms" } : level,
      );
      return { ...part, plan: { ...part.plan, profile: { ...part.plan.profile, levels } } };
    });
    const report = merged(strict);
    expect(report.verdict).toBe("not-met");
    expect(report.levels.map(({ kind, met }) => [kind, met])).toEqual([
      ["latency", false],
      ["latency", false],
      ["refused", true],
      ["lost", true],
    ]);
  });

  test("lose what any of them has lost", () => {
    const report = merged(
      quarters((part, index) =>
        index === 2
          ? measuring(part, {
              scenarios: part.measurement.scenarios.map((each) =>
                each.isWarmup
                  ? each
                  : { ...each, delivered: (each.delivered ?? 0) - 3, lost: 3, duplicated: 2 },
              ),
            })
          : part,
      ),
    );
    expect(report.messages).toMatchObject({ lost: 3, duplicated: 2 });
    expect(report.latencyMs.endToEnd).toMatchObject({ p999: null, max: null });
    expect(report.levels.find(({ kind }) => kind === "lost")?.met).toBe(false);
    expect(report.verdict).toBe("not-met");
  });

  test("can be joined in two steps", () => {
    const [a, b, c, d] = quarters() as [Part, Part, Part, Part];
    const steps = [merged([a, b]), merged([c, d])];
    expect(steps.map(({ verdict }) => verdict)).toEqual(["invalid", "invalid"]);
    const report = merged(steps.map(partOfReport));
    expect(report.latencyMs).toEqual(run.latencyMs);
    expect(report.timeline).toEqual(run.timeline);
    expect(report.verdict).toBe("met");
  });
});

describe("the whole is invalid", () => {
  test("where one process was", () => {
    const report = merged(
      quarters((part, index) => {
        if (index !== 1) return part;
        const gate = { id: "generator", ok: false, measured: "95 %", limit: "90 %", advice: "Free it." };
        return { ...part, broken: [gate] };
      }),
    );
    expect(report.verdict).toBe("invalid");
    expect(brokenGates(report)).toEqual(["generator (segment 1/4:1/2)"]);
  });

  test("where a process was busy with itself", () => {
    const report = merged(
      quarters((part, index) => {
        const { engine } = part.measurement;
        const { cores, timeline } = engine.process;
        const busy = {
          ...engine.process,
          timeline: timeline.map(({ second }) => ({ second, cpuSeconds: cores })),
        };
        return index === 3 ? measuring(part, { engine: { ...engine, process: busy } }) : part;
      }),
    );
    expect(brokenGates(report)).toEqual(["generator"]);
  });

  test("where messages were dropped in one of them, or the clock was set", () => {
    const report = merged(
      quarters((part, index) => {
        const { engine, scenarios } = part.measurement;
        if (index === 0)
          return measuring(part, { scenarios: scenarios.map((each) => ({ ...each, dropped: 1 })) });
        return index === 1 ? measuring(part, { engine: { ...engine, clock: { stepMs: 900 } } }) : part;
      }),
    );
    expect(brokenGates(report)).toEqual(["dropped", "clock"]);
  });

  test("where a segment is missing", () => {
    const report = merged(quarters().filter((_, index) => index !== 1));
    const gate = report.validity.gates.find(({ id }) => id === "segments");
    expect(gate).toMatchObject({ ok: false, measured: "25 % to 50 % of the load are missing" });
    expect(merged(quarters().slice(0, 3)).validity.gates.find(({ id }) => id === "segments")).toMatchObject({
      measured: "75 % to 100 % of the load are missing",
    });
  });

  test("where segments overlap", () => {
    const report = merged(
      quarters((part, index) =>
        index === 1 ? { ...part, segments: [parseSegment("1/8:1/2") as Segment] } : part,
      ),
    );
    expect(report.validity.gates.find(({ id }) => id === "segments")).toMatchObject({
      ok: false,
      measured: "1/8:1/2 overlaps with the segment before it",
    });
  });

  test("where the processes did not run at one time", () => {
    const report = merged(
      quarters((part, index) =>
        index === 2 ? measuring(part, { beganAt: part.measurement.beganAt + 20_000 }) : part,
      ),
    );
    expect(brokenGates(report)).toEqual(["concurrent"]);
    expect(report.timeline.at(-1)?.second).toBe((run.timeline.at(-1)?.second ?? 0) + 20);
  });

  test("and without the sink of one, arrivals of the whole are not known", () => {
    const report = merged(
      quarters((part, index) => {
        if (index !== 0) return part;
        const { sink: _sink, scenarios, engine, ...rest } = part.measurement;
        const unseen = scenarios.map(({ delivered, lost, duplicated, ...scenario }) => scenario);
        return {
          ...part,
          measurement: { ...rest, scenarios: unseen, engine: { ...engine, collected: null } },
        };
      }),
    );
    expect(report.levels.find(({ kind }) => kind === "lost")).toMatchObject({ met: null });
    expect(report.verdict).toBe("undecided");
  });
});

describe("parts of different loads are refused", () => {
  const other: Readonly<Record<string, readonly [change: (part: Part) => Part, complaint: RegExp]>> = {
    "another profile": [
      (part) => ({ ...part, plan: { ...part.plan, profile: { ...part.plan.profile, id: "soak" } } }),
      /^run run1 is of profile soak, run run0 of smoke: join parts of one load only$/,
    ],
    "another target": [
      (part) => ({ ...part, target: { kind: "smtp", name: "smtps://mx.example:465" } }),
      /^run run1 is of target smtps:\/\/mx\.example:465, run run0 of sandbox/,
    ],
    "other service levels": [
      (part) => ({ ...part, plan: { ...part.plan, profile: { ...part.plan.profile, levels: [] } } }),
      /other durations, messages or service levels/,
    ],
    "the same run twice": [(part) => ({ ...part, run: "run0" }), /^run run0 is there twice/],
    "a load of its own": [(part) => ({ ...part, segments: [] }), /some parts are segments of one load/],
    "percentiles without histograms": [
      (part) =>
        measuring(part, { scenarios: part.measurement.scenarios.map((each) => ({ ...each, figures: {} })) }),
      /^run run1 went over HTTP/,
    ],
  };
  test.each(Object.entries(other))("%s", (_name, [change, complaint]) => {
    const parts = quarters((part, index) => (index === 1 ? change(part) : part));
    expect(() => merged(parts)).toThrow(complaint);
  });

  test("nothing at all", () => {
    expect(() => merged([])).toThrow("there is nothing to join");
  });
});

test("two loads of their own add up", () => {
  const report = merged([whole, { ...whole, run: "other", measurement: { ...whole.measurement } }]);
  expect(report.rates.offered).toBeCloseTo(2 * run.rates.offered, 1);
  expect(report.messages.attempted).toBe(2 * run.messages.attempted);
  expect(report.validity.valid).toBe(true);
  expect(report.latencyMs.submit.p99).toBe(run.latencyMs.submit.p99);
});

test("a report that is joined from one part is that part's", () => {
  const report = merged([whole]);
  const again = buildReport(whole.plan, whole.target, whole.measurement, whole.environment, "test");
  expect(report.latencyMs).toEqual(again.latencyMs);
  expect(report.levels).toEqual(again.levels);
});
