import { lineChart } from "#cli/ui/svg-chart.ts";
import type { LoadReport } from "#loadtests/index.ts";

/** What pictures over time need of a load run. */
export interface LoadTimeline {
  readonly timeline: readonly Omit<LoadReport["timeline"][number], "failed">[];
  readonly warmupSeconds: number;
  /** Arrivals were in view. */
  readonly inView: boolean;
}

/** Latency, rates and backlog of a load run over time. */
export function timeCharts({ timeline, warmupSeconds, inView }: LoadTimeline): string {
  const over = (
    read: (second: LoadTimeline["timeline"][number]) => number | null,
  ): (readonly [number, number | null])[] => timeline.map((second) => [second.second, read(second)]);
  const band = { from: 0, to: warmupSeconds, name: "warm-up" };
  const latency = lineChart({
    xTitle: "seconds from the start, by intended start of the message",
    band,
    title: "Latency over time",
    yTitle: "milliseconds",
    isLog: true,
    series: inView
      ? [
          { name: "end to end, p99", look: "one", points: over(({ endToEndP99 }) => endToEndP99) },
          { name: "end to end, p50", look: "two", points: over(({ endToEndP50 }) => endToEndP50) },
          { name: "submit, p99", look: "three", points: over(({ submitP99 }) => submitP99) },
        ]
      : [
          { name: "submit, p99", look: "one", points: over(({ submitP99 }) => submitP99) },
          { name: "submit, p50", look: "two", points: over(({ submitP50 }) => submitP50) },
        ],
  });
  const rates = lineChart({
    xTitle: "seconds from the start",
    band,
    title: "Messages a second",
    yTitle: "messages a second",
    series: [
      { name: "offered", look: "one", points: over(({ offered }) => offered) },
      { name: "accepted", look: "two", points: over(({ accepted }) => accepted) },
      ...(inView ? [{ name: "delivered", look: "three", points: over(({ delivered }) => delivered) }] : []),
    ],
  });
  const backlog = lineChart({
    xTitle: "seconds from the start",
    band,
    title: "Backlog: accepted and not yet delivered",
    yTitle: "messages",
    series: [{ name: "backlog", look: "one", points: over((second) => second.backlog), isArea: true }],
  });
  return [
    ...["<h3>Latency over time, milliseconds</h3>", latency, "<h3>Messages a second</h3>", rates],
    ...(inView ? ["<h3>Backlog, messages</h3>", backlog] : []),
  ].join("");
}
