import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LoadReport } from "../result/report.ts";
import { timelineOf } from "./timeline.ts";

const run = JSON.parse(
  readFileSync(new URL("../fixtures/before.json", import.meta.url), "utf8"),
) as LoadReport;

type Figures = Readonly<Record<string, readonly (number | null)[]>>;

test("holds a short run second by second", () => {
  const figures = timelineOf(run) as Figures;
  expect(figures.second).toEqual(run.timeline.map(({ second }) => second));
  expect(figures.endToEndP99).toEqual(run.timeline.map(({ endToEndP99 }) => endToEndP99));
});

test("holds a long one in 120 points: rates by their mean, the rest by the worst", () => {
  const second = { failed: 0, delivered: null, submitP50: null, submitP99: 5, endToEndP50: null };
  const timeline = Array.from({ length: 3600 }, (_, index) => ({
    ...second,
    second: index,
    offered: index % 2,
    accepted: 1,
    backlog: index === 1801 ? 77 : 0,
    endToEndP99: index === 1801 ? 900 : null,
  }));
  const figures = timelineOf({ ...run, timeline }) as Figures;
  expect(figures.second).toHaveLength(120);
  expect(figures.second?.[60]).toBe(1800);
  expect(new Set(figures.offered)).toEqual(new Set([0.5]));
  expect([figures.backlog?.[60], figures.endToEndP99?.[60]]).toEqual([77, 900]);
  expect(new Set(figures.delivered)).toEqual(new Set([null]));
});
