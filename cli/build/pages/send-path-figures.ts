import type { SendPathFigures, SendPathRow, SendPathRun, SendPathWay } from "#loadtests/index.ts";
import { type Bar, barChart } from "./bar-chart.ts";
import { heading, table } from "./markdown.ts";

type Runs = SendPathRow["runs"];

const shownRuns = 3;

/** The measurements in which other programs used least. */
function quietest({ way, runs }: SendPathRow): SendPathRow {
  return { way, runs: runs.toSorted((a, b) => a.others - b.others).slice(0, shownRuns) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

function bar(runs: Runs, read: (run: SendPathRun) => number): Bar {
  const values = runs.map(read);
  return { value: Math.round(median(values)), from: Math.min(...values), to: Math.max(...values) };
}

function rate(runs: Runs, read: (run: SendPathRun) => number): string {
  const { value, from, to } = bar(runs, read);
  return from === to ? String(value) : `${value} (${from}–${to})`;
}

/** Milliseconds of the run in the middle; a percentile that a lost message lies in was never reached. */
function time(runs: Runs, read: (run: SendPathRun) => number | null): string {
  const value = median(runs.map((run) => read(run) ?? Number.POSITIVE_INFINITY));
  if (!Number.isFinite(value)) return "never";
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function size(octets: number): string {
  return octets < 1024 ** 2 ? `${octets / 1024} KiB` : `${octets / 1024 ** 2} MiB`;
}

function protection({ tls, auth }: SendPathWay): string {
  if (tls === "none") return "clear text";
  return auth === "none" ? "STARTTLS, no AUTH" : "STARTTLS, AUTH PLAIN";
}

const relays: Readonly<Record<SendPathWay["relay"], string>> = {
  "one per message": "relay opens a connection per message",
  kept: "relay keeps its connections",
};

/** How a way differs from the first one. */
function difference(way: SendPathWay, base: SendPathWay): string {
  const words = [
    ...(protection(way) === protection(base) ? [] : [protection(way)]),
    ...(way.connections === base.connections
      ? []
      : [`a connection ${way.connections === "one per message" ? "per message" : "per message, resumed"}`]),
    ...(way.size === base.size ? [] : [size(way.size)]),
    ...(way.queue === base.queue ? [] : [`queue in ${way.queue}`]),
    ...(way.relay === base.relay ? [] : ["relay reuses connections"]),
  ];
  return words.length === 0 ? "the way that all others differ from" : words.join(", ");
}

/** A picture of the rates of each way. */
export function sendPathChart({ rows: all }: SendPathFigures): string {
  const rows = all.map(quietest);
  const [base] = rows;
  return barChart({
    title: "Messages a second that Postfix accepts and delivers, by way of sending",
    xTitle: "messages a second at full speed",
    names: ["accepted", "delivered"],
    rows: rows.map(({ way, runs }) => ({
      label:
        base === undefined || way === base.way ? "STARTTLS, AUTH, 10 KiB, kept" : difference(way, base.way),
      bars: [bar(runs, ({ accepted }) => accepted), bar(runs, ({ delivered }) => delivered)],
    })),
  });
}

/** What was measured of Postfix, generated from `loadtests/figures/send-path.json`. */
export function sendPathPage(figures: SendPathFigures): string {
  const { machine, sessions, seconds, share, settings } = figures;
  const rows = figures.rows.map(quietest);
  const [base] = rows;
  const numbers = [...new Set(rows.map(({ runs }) => runs.length))].sort();
  const rates = rows.map(({ way, runs }) => [
    protection(way),
    way.connections,
    size(way.size),
    way.queue,
    way.relay,
    rate(runs, ({ accepted }) => accepted),
    rate(runs, ({ delivered }) => delivered),
    `${Math.round(Math.max(...runs.map(({ others }) => others)) * 100)} %`,
  ]);
  const times = rows.map(({ way, runs }) => [
    base === undefined ? "" : difference(way, base.way),
    rate(runs, ({ offered }) => offered),
    ...(["submit", "accept", "endToEnd"] as const).map((name) =>
      (["p50", "p95", "p99"] as const)
        .map((percentile) => time(runs, (run) => run[name][percentile]))
        .join(" / "),
    ),
    String(runs.reduce((sum, { lost }) => sum + lost, 0)),
    String(runs.reduce((sum, { dropped }) => sum + dropped, 0)),
  ]);
  const intro = `What one Postfix accepts and delivers, with and without TLS, AUTH, kept connections and a queue on a disk, for several sizes. Measured on ${machine.measuredAt} with \`npm run figures send-path\`; the raw figures are in \`loadtests/figures/send-path.json\`. Figures of another machine are others: read the ratios, and measure yours.`;
  return `${heading("Send path figures", intro)}
![Messages a second that Postfix accepts and delivers, by way of sending](send-path-figures.svg)

## Rates

As many messages as Postfix takes over ${sessions} connections, for ${seconds.full} seconds after a warm-up of two, with an empty queue at the start. _Accepted_ is what was answered with 250 in a second, _delivered_ is what arrived behind Postfix in the same seconds: the difference stays in the queue. Medians of the ${numbers.join(" or ")} measurements in which other programs used least, and their range (a line in the picture); the last column is the largest share of the processors that they used. Where it is large, Postfix had less of the machine than it could have had.

${table(["protection", "connections", "size", "queue", "relay's connections", "accepted/s", "delivered/s", "others"], rates)}

## Times

At a steady rate of ${share * 100} % of what was delivered (or accepted, where that was less), for ${seconds.steady} seconds after a warm-up, with an empty queue at the start. Milliseconds, p50 / p95 / p99, medians of the measurements. _Submit_ and _end to end_ run from the moment at which a message was to be sent, _accept_ from its last octet to the reply.

${table(["differs by", "offered/s", "submit", "accept", "end to end", "lost", "never begun"], times)}

## How it was measured

- Machine: ${machine.processors}, ${machine.memory}, ${machine.system}. Sender, Postfix and sink share it, and the loopback address: no network is in the figures.
- Postfix ${machine.postfix} as the sandbox's image has it, with these settings: ${Object.entries(settings)
    .map(([name, value]) => `\`${name} = ${value}\``)
    .join(", ")}. \`in_flow_delay\` slows a sender down while the queue grows.
- k6 ${machine.k6} with \`k6/x/smtp\`, TLS 1.3, a new recipient for each message. _Kept_ connections are used for as many messages as Postfix allows; _resumed_ ones use a ticket of an earlier connection.
- Clear text went to the loopback address only, which is where it is permitted at all; AUTH is never offered there.
- _Queue on a disk_: a Docker volume on ${machine.queueDisk}; Postfix syncs every message to it before it answers. _Queue in memory_: the same on tmpfs, where \`fsync\` has nothing to wait for. That is what "without fsync" means here, and what a loss of power would lose.
- Behind Postfix stands the sink of \`k6/x/smtp\`, over STARTTLS. ${capitalized(relays["one per message"])} as shipped; _kept_ is \`smtp_tls_connection_reuse = yes\`.
`;
}

function capitalized(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
