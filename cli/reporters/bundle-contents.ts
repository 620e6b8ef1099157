import { nameOf, type OpenedBundle } from "#cli/evidence/index.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignWrapped, counted, labelled, printable, printableName } from "#cli/ui/text.ts";
import type { Report, Result, ResultDecision } from "#engine/result.ts";
import { headLines } from "./bundles.ts";
import { writtenBy } from "./decision.ts";
import { evidenceLines } from "./evidence.ts";

interface Screen {
  readonly style: Style;
  readonly columns: number;
}

const looks = {
  fail: { mark: "✗", look: "red" },
  unknown: { mark: "?", look: "yellow" },
  excepted: { mark: "○", look: "cyan" },
} as const;

/** What a bundle holds, for a reader who was not there: what fails, what could not be told, who decided, what was not looked at. */
export function renderShown({ manifest, parts, timeStamp }: OpenedBundle, screen: Screen): string {
  const { report } = parts;
  const lines = headLines(manifest);
  if (timeStamp !== undefined) {
    const by = printable(nameOf(timeStamp.authority));
    lines.push(`  time stamp  ${timeStamp.time.toISOString()} by ${by} (verify says whether to believe it)`);
  }
  for (const { id, status } of parts.editions) {
    const results = report.results.filter(({ edition, verdict }) => edition === id && verdict in looks);
    lines.push("", screen.style("bold", `${id} (${status})`));
    if (results.length === 0) lines.push("  nothing fails, and nothing was left open");
    for (const [file, own] of Map.groupBy(results, ({ location }) => location.file))
      lines.push(`  ${printableName(file)}`, ...resultRows(own, status === "proposed", screen));
  }
  lines.push(...decisionLines(report, screen), ...openLines(report, screen));
  lines.push(...evidenceLines(report, screen));
  lines.push(
    "",
    "  in the bundle: results/report.html has each with its lines and its chain, dossiers/ a page for each paragraph",
  );
  return `${lines.join("\n")}\n`;
}

function resultRows(results: readonly Result[], isProposed: boolean, { style, columns }: Screen): string[] {
  const rows = results.map(({ verdict, severity, rule, fact, location, controls }) => [
    `    ${looks[verdict as keyof typeof looks].mark} ${wordsOf(verdict, isProposed)}`,
    `line ${location.line}`,
    severity,
    rule,
    printableName(fact.id),
    controls.map(({ citation }) => citation).join(" "),
  ]);
  return alignWrapped(rows, columns).flatMap((lines, index) => {
    const verdict = results[index]?.verdict as keyof typeof looks;
    return lines.map((line) => style(looks[verdict].look, line));
  });
}

function wordsOf(verdict: Result["verdict"], isProposed: boolean): string {
  if (verdict === "unknown") return "could not tell";
  return verdict === "fail" && isProposed ? "would not meet" : verdict;
}

/** Each decision once, with all that it lifts. */
function decisionLines({ results }: Report, { style, columns }: Screen): string[] {
  const lifted = results.filter((result) => result.decision !== undefined);
  if (lifted.length === 0) return [];
  const lines = ["", style("bold", "Decisions")];
  const byPlace = Map.groupBy(lifted, ({ decision }) => `${decision?.file}:${decision?.line}`);
  for (const [place, own] of byPlace) {
    const decision = own[0]?.decision;
    if (decision !== undefined) lines.push(...oneDecision(decision, place, own.length, columns));
  }
  return lines;
}

function oneDecision(decision: ResultDecision, place: string, count: number, columns: number): string[] {
  const { id, kind, reason, assessment, measure, approver, date, until, owner } = decision;
  const texts = [
    `${id}, ${kind} (${place}), lifts ${counted(count, "finding")} until ${until}`,
    `reason: ${reason}`,
    ...(assessment === undefined ? [] : [`assessment: ${assessment}`]),
    `${kind === "risk-acceptance" ? "residual risk" : "in its place"}: ${measure}`,
    [`approved by ${approver} on ${date}; owner ${owner}`, writtenBy(decision)]
      .filter((words) => words !== "")
      .join("; "),
  ];
  return texts.flatMap((text, index) => labelled("", printable(text), index === 0 ? 2 : 4, columns));
}

/** What was not judged: an auditor's first question. */
function openLines({ diagnostics, notLookedAt }: Report, { style, columns }: Screen): string[] {
  const lines = diagnostics.flatMap(({ level, code, message, location }) => {
    const place = location === undefined ? "" : `${printableName(location.file)}:${location.line} `;
    return labelled(`${level} `, printable(`${place}${code}: ${message}`), 2, columns);
  });
  const unread = notLookedAt.flatMap(({ reason, count, examples }) => {
    const more = count > examples.length ? ", …" : "";
    return labelled(
      "",
      printable(`${count} not looked at, ${reason}: ${examples.map(printableName).join(", ")}${more}`),
      2,
      columns,
    );
  });
  const all = [...lines, ...unread];
  return all.length === 0 ? [] : ["", style("bold", "Not judged, or to be known"), ...all];
}
