import type { Style } from "#cli/ui/style.ts";
import { alignColumns, labelled, printable } from "#cli/ui/text.ts";
import { type Latency, type LoadReport, loadExitCode } from "#loadtests/index.ts";
import { replyWords } from "./failure.ts";

const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const widest = 60;

/** A row of blocks, one for each value; a gap for null. */
export function sparkline(values: readonly (number | null)[]): string {
  const size = Math.max(1, Math.ceil(values.length / widest));
  const grouped = Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const group = values.slice(index * size, (index + 1) * size).filter((value) => value !== null);
    return group.length === 0 ? null : Math.max(...group);
  });
  const highest = Math.max(0, ...grouped.map((value) => value ?? 0));
  return grouped
    .map((value) => {
      if (value === null) return " ";
      return blocks[highest === 0 ? 0 : Math.min(7, Math.floor((value / highest) * 8))] ?? "▁";
    })
    .join("");
}

function figure(value: number | null, unit = ""): string {
  return value === null ? "–" : `${value}${unit}`;
}

function latencyRow(name: string, latency: Latency | null): string[] {
  if (latency === null) return [`  ${name}`, "–", "–", "–", "–", "–"];
  return [
    `  ${name}`,
    ...[latency.p50, latency.p95, latency.p99, latency.p999, latency.max].map((value) => figure(value)),
  ];
}

const verdictWords: Readonly<
  Record<LoadReport["verdict"], { readonly words: string; readonly look: Parameters<Style>[0] }>
> = {
  met: { words: "✓ service levels met", look: ["bold", "green"] },
  "not-met": { words: "✗ service levels not met", look: ["bold", "red"] },
  undecided: { words: "? a service level could not be told", look: ["bold", "yellow"] },
  invalid: { words: "! INVALID: the figures cannot be trusted", look: ["bold", "yellow"] },
};

/** For people: the verdict first, then what it rests on; fits a screen. */
export function renderLoadTerminal(report: LoadReport, style: Style, columns: number): string {
  const { profile, target, rates, messages, latencyMs, validity, levels, timeline, knee } = report;
  const { words, look } = verdictWords[report.verdict];
  const lines = [
    "",
    `${style(look, words)}  ${style("bold", profile.id)} at ${printable(target.name)}`,
    `  ${profile.title}`,
    "",
  ];
  const broken = validity.gates.filter(({ ok }) => !ok);
  for (const gate of broken) {
    lines.push(`  ${style("yellow", "!")} ${gate.id}: ${printable(gate.measured)} (allowed: ${gate.limit})`);
    lines.push(...labelled("", gate.advice, 4, columns));
  }
  if (broken.length > 0) lines.push("");
  const marks = { true: style("green", "✓"), false: style("red", "✗"), null: style("yellow", "?") };
  for (const level of levels) {
    const reason = level.reason === "" ? "" : `: ${level.reason}`;
    lines.push(
      `  ${marks[`${level.met}`]} ${level.title}: ${printable(level.measured)}${reason} ${style("dim", `(${level.limit})`)}`,
    );
  }
  lines.push("", style("bold", "  messages a second"));
  lines.push(
    ...alignColumns([
      ["  offered", figure(rates.offered), style("dim", sparkline(timeline.map(({ offered }) => offered)))],
      [
        "  accepted",
        figure(rates.accepted),
        style("dim", sparkline(timeline.map(({ accepted }) => accepted))),
      ],
      [
        "  delivered",
        figure(rates.delivered),
        style("dim", sparkline(timeline.map(({ delivered }) => delivered))),
      ],
      ["  backlog", "", style("dim", sparkline(timeline.map(({ backlog }) => backlog)))],
    ]),
  );
  lines.push("", style("bold", "  milliseconds"));
  lines.push(
    ...alignColumns([
      ["", "p50", "p95", "p99", "p99.9", "max"],
      latencyRow("submit", latencyMs.submit),
      latencyRow("accept", latencyMs.accept),
      latencyRow("delivery", latencyMs.delivery),
      latencyRow("end to end", latencyMs.endToEnd),
    ]),
  );
  const times =
    latencyMs.endToEnd === null
      ? timeline.map(({ submitP99 }) => submitP99)
      : timeline.map(({ endToEndP99 }) => endToEndP99);
  lines.push(`  p99 by second  ${style("dim", sparkline(times))}`);
  lines.push(
    "",
    `  ${messages.attempted} tried, ${messages.accepted} accepted, ${messages.refused} refused, ${figure(messages.delivered)} delivered, ${figure(messages.lost)} lost, ${figure(messages.duplicated)} doubled, ${messages.plaintext} in clear text`,
  );
  for (const failure of report.failures.slice(0, 3)) {
    lines.push(
      ...labelled(
        `${failure.count} × `,
        printable(`${failure.kind} at ${failure.phase}: ${replyWords(failure)}`),
        2,
        columns,
      ),
    );
  }
  if (knee !== null) {
    const rate =
      knee.rate === null
        ? "not even the first step was sustained"
        : `${knee.rate} messages a second were sustained`;
    lines.push(`  knee: ${rate}${knee.reached ? "" : "; no step was too much"}`);
  }
  for (const note of report.notes) lines.push(...labelled("note: ", note, 2, columns));
  if (report.facts !== null) lines.push(`  facts: ${report.facts}`);
  lines.push("", `  ${style(look, `exit ${loadExitCode(report)}`)}`, "");
  return lines.join("\n");
}
