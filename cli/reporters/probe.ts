import type { Style } from "#cli/ui/style.ts";
import { counted, labelled, printable } from "#cli/ui/text.ts";
import type { GroupResult, PostureResult, ProbeReport, ReportGroup, Verdict } from "#sandbox/index.ts";

type Look = Parameters<Style>[0];

export const verdictLooks: Readonly<
  Record<Verdict, { readonly mark: string; readonly word: string; readonly look: Look }>
> = {
  held: { mark: "✓", word: "held", look: "green" },
  weak: { mark: "✗", word: "weak", look: ["bold", "red"] },
  leaked: { mark: "✗", word: "leaked", look: ["bold", "red"] },
  lost: { mark: "✗", word: "lost", look: ["bold", "red"] },
  inconclusive: { mark: "?", word: "inconclusive", look: ["bold", "yellow"] },
  "not-run": { mark: "–", word: "not run", look: "dim" },
};

const order: readonly Verdict[] = ["held", "weak", "leaked", "lost", "inconclusive", "not-run"];

/** Verdicts that the matrix shows also where there are none. */
const alwaysShown: ReadonlySet<Verdict> = new Set(["held", "weak", "leaked"]);

/** Verdicts whose reason is worth its line. */
const explained: ReadonlySet<Verdict> = new Set(["weak", "leaked", "lost", "inconclusive"]);

export interface ProbeContext {
  readonly style: Style;
  readonly columns: number;
  /** Show what went over the wire. */
  readonly verbose: boolean;
  readonly outcome: { readonly exitCode: number; readonly words: string };
  /** The file that the facts were written to. */
  readonly factsFile: string;
}

/** For people: posture by verdict, with the reason of each that did not hold in words. */
export function renderProbe(report: ProbeReport, context: ProbeContext): string {
  const { style } = context;
  const ran = report.postures.filter(({ verdict }) => verdict !== "not-run");
  // A column that nothing stands in would only take room from the titles.
  const columns = order.filter(
    (verdict) => alwaysShown.has(verdict) || ran.some((posture) => posture.verdict === verdict),
  );
  const widths = columns.map((verdict) => Math.max(5, verdictLooks[verdict].word.length) + 2);
  const idWidth = Math.max(4, ...report.postures.map(({ id }) => id.length)) + 4;
  const longest = Math.max(...ran.map(({ title }) => printable(title).length), 0);
  const left = context.columns - idWidth - widths.reduce((sum, width) => sum + width, 0);
  const room = Math.max(20, Math.min(left, longest + 2));
  const head = columns
    .map((verdict, index) => centred(verdictLooks[verdict].word, widths[index] ?? 0))
    .join("");
  const lines = ["", style("bold", `${" ".repeat(idWidth + room)}${head}`.trimEnd())];
  for (const [group, postures] of Map.groupBy(ran, (posture) => posture.group)) {
    lines.push(
      `${style("bold", group)}  ${groupWords(
        report.groups.find(({ id }) => id === group),
        style,
      )}`,
    );
    for (const posture of postures) {
      const cells = columns.map((verdict, index) =>
        centred(verdict === posture.verdict ? verdictLooks[verdict].mark : "·", widths[index] ?? 0),
      );
      const title = clip(printable(posture.title), room - 2).padEnd(room);
      const row = `  ${posture.id.padEnd(idWidth - 2)}${title}${cells.join("")}`.trimEnd();
      lines.push(style(verdictLooks[posture.verdict].look, row));
      if (explained.has(posture.verdict) || posture.messages !== undefined)
        lines.push(...labelled("", printable(posture.reason), idWidth + 2, context.columns));
    }
  }
  lines.push(...notRunLines(report, context), ...(context.verbose ? transcriptLines(ran, style) : []));
  lines.push(...summaryLines(report, context));
  return `${lines.join("\n")}\n`;
}

/** Whether the verdicts of a group count, and why not. */
export function groupWords(group: GroupResult | undefined, style: Style): string {
  if (group === undefined) return style("dim", "controls passed");
  const { positive, negative } = group.controls;
  if (group.valid) {
    // A good server got the message, and yet there is something to be told: it came twice, or for somebody else.
    const remark = positive.reason.replace(/^delivered under TLS,/, "the message was delivered");
    const isPlain = remark === positive.reason;
    return isPlain
      ? style("dim", "controls passed")
      : `${style("dim", "controls passed;")} ${style("yellow", printable(remark))}`;
  }
  const failed = [
    ...(positive.passed ? [] : [`at a good server: ${positive.reason}`]),
    ...(negative.passed ? [] : [`a careless sender was not caught: ${negative.reason}`]),
  ];
  return style(["bold", "yellow"], `INVALID: ${printable(failed.join("; "))}`);
}

function notRunLines({ postures }: ProbeReport, { style, columns }: ProbeContext): string[] {
  const left = postures.filter(({ verdict }) => verdict === "not-run");
  if (left.length === 0) return [];
  const lines = [style("bold", "not run")];
  for (const [reason, found] of Map.groupBy(left, (posture) => posture.reason)) {
    const ids = found.map(({ id }) => id).join(" ");
    lines.push(...labelled("", `${ids}: ${printable(reason)}`, 2, columns));
  }
  return lines;
}

function transcriptLines(postures: readonly PostureResult[], style: Style): string[] {
  return postures
    .filter(({ transcript }) => transcript !== "")
    .flatMap(({ id, title, transcript }) => [
      "",
      style("bold", `${id}  ${printable(title)}`),
      ...transcript.split("\n").map((line) => transcriptLine(printable(line), style)),
    ]);
}

/** What was shown in clear text stands out. */
function transcriptLine(line: string, style: Style): string {
  const isShown = / CLEAR C: .*\[canary /.test(line);
  return `  ${isShown ? style("red", line) : line}`.trimEnd();
}

function summaryLines(report: ProbeReport, { style, columns, outcome, factsFile }: ProbeContext): string[] {
  const { summary } = report;
  const counts = order
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => `${summary[verdict]} ${verdictLooks[verdict].word}`);
  const invalid =
    summary.invalidGroups === 0 ? [] : [`${counted(summary.invalidGroups, "group")} without proof`];
  const partial = summary.partial ? ["PARTIAL: the run was interrupted"] : [];
  const look = outcome.exitCode === 0 ? "green" : outcome.exitCode === 1 ? "red" : "yellow";
  return [
    "",
    ...labelled(
      "",
      `${printable(report.sender.name)}: ${[...counts, ...invalid, ...partial].join(", ")}`,
      2,
      columns,
    ),
    `  facts for check: ${printable(factsFile)}`,
    `  ${style(["bold", look], `exit ${outcome.exitCode}`)}: ${outcome.words}`,
  ];
}

/** What the members of groups are called. */
export function nounFor(groups: readonly ReportGroup[]): string {
  return groups.includes("fault") ? "fault" : "posture";
}

/** Why the command ends with its exit code, in a few words. */
export function outcomeWords({ groups, postures, summary }: ProbeReport, exitCode: number): string {
  const noun = nounFor(postures.map(({ group }) => group));
  if (exitCode === 0) return `${counted(summary.held, noun)} held, and nothing else was seen`;
  if (exitCode === 1) {
    const bad = postures.filter(({ verdict }) => ["leaked", "weak", "lost"].includes(verdict));
    if (bad.length === 0) return "clear text or a weak session was seen at a good server, in a control";
    return `${counted(bad.length, noun)} leaked, weak or lost: ${bad.map(({ id }) => id).join(" ")}`;
  }
  if (summary.partial) return "the run was interrupted: what is missing was not run";
  if (summary.invalidGroups > 0) {
    const names = groups.filter(({ valid }) => !valid).map(({ id }) => id);
    return `the controls of ${names.join(", ")} did not pass, so what was seen there proves nothing`;
  }
  if (summary.inconclusive > 0) return `${counted(summary.inconclusive, noun)} could not be decided`;
  return "nothing was judged at all";
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return `${" ".repeat(Math.max(0, left))}${text}`.padEnd(width);
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
