import { expect, test } from "vitest";
import type { SendPathFigures, SendPathRun, SendPathWay } from "#loadtests/index.ts";
import { sendPathChart, sendPathPage } from "./send-path-figures.ts";

const way: SendPathWay = {
  tls: "starttls",
  auth: "PLAIN",
  connections: "kept",
  size: 10_240,
  queue: "disk",
  relay: "one per message",
};

function run(change: Partial<SendPathRun>): SendPathRun {
  const times = { p50: 1.25, p95: 20, p99: 300.4 };
  return {
    accepted: 300,
    delivered: 100,
    offered: 70,
    ...{ submit: times, accept: times, endToEnd: times, lost: 0, dropped: 0, others: 0.01 },
    ...change,
  };
}

function figures(runs: readonly SendPathRun[]): SendPathFigures {
  return {
    schemaVersion: "1",
    machine: {
      ...{ measuredAt: "2026-01-02", processors: "2 × CPU", memory: "8 GiB", system: "linux x64", k6: "v2" },
      ...{ queueDisk: "ext4", postfix: "3.10" },
    },
    sessions: 20,
    seconds: { full: 8, steady: 8 },
    share: 0.7,
    settings: {},
    rows: [
      { way, runs },
      { way: { ...way, tls: "none", auth: "none", queue: "memory" }, runs },
    ],
  };
}

test("rates are medians with their range, and rows are named by what they differ in", () => {
  const page = sendPathPage(
    figures([run({ accepted: 300 }), run({ accepted: 390 }), run({ accepted: 310 })]),
  );
  expect(page).toContain(
    "| STARTTLS, AUTH PLAIN | kept | 10 KiB | disk | one per message | 310 (300–390) | 100 | 1 % |",
  );
  expect(page).toContain("| the way that all others differ from | 70 | 1.3 / 20 / 300 |");
  expect(page).toContain("| clear text, queue in memory |");
});

test("of more measurements the three count in which other programs used least", () => {
  const quiet = [run({ accepted: 300 }), run({ accepted: 310 }), run({ accepted: 320, others: 0.07 })];
  const page = sendPathPage(figures([run({ accepted: 90, others: 0.5 }), ...quiet]));
  expect(page).toContain("| 310 (300–320) | 100 | 7 % |");
});

test("a percentile that lost messages lie in was never reached", () => {
  const lost = run({ endToEnd: { p50: 2, p95: 30, p99: null }, lost: 4 });
  expect(sendPathPage(figures([lost, lost, run({})]))).toContain("| 2.0 / 30 / never | 8 | 0 |");
});

test("the picture tells each value, and stands for itself", () => {
  const chart = sendPathChart(
    figures([run({ accepted: 300 }), run({ accepted: 390 }), run({ accepted: 310 })]),
  );
  expect(chart).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(chart.match(/<rect class="one"/g)).toHaveLength(3);
  expect(chart).toContain(">310</text>");
  expect(chart).not.toMatch(/<script|href=|url\(/);
});
