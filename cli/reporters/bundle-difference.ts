import type { BundleDifference } from "#cli/evidence/index.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, printable, printableName } from "#cli/ui/text.ts";

type Change = BundleDifference["new"][number];

const sections = [
  ["new", "new: fails, and did not before", "red"],
  ["expired", "expired: fails again, since a decision has ended", "red"],
  ["unclear", "unclear: could be told only once, or its file is not judged any more", "yellow"],
  ["decided", "decided: fails, and a decision lifts it", "cyan"],
  ["fixed", "fixed: failed, and does not any more", "green"],
] as const;

/** Longer lists of files and rules are cut; JSON has all. */
const longestList = 10;

/** What changed from one bundle to the next, worst first, and what may have caused it. */
export function renderDifference(difference: BundleDifference, style: Style): string {
  const { before, after } = difference;
  const counts = ({ summary }: BundleDifference["before"]): string => {
    const { fail = 0, unknown = 0, excepted = 0, pass = 0 } = summary;
    return `${fail} fail, ${unknown} could not tell, ${excepted} excepted, ${pass} pass`;
  };
  const lines = alignColumns(
    [
      ["  from", before],
      ["  to", after],
    ].map(([label, head]) => {
      const { createdAt, asOf, toolVersion } = head as BundleDifference["before"];
      const words = counts(head as BundleDifference["before"]);
      return [label as string, createdAt, `as of ${asOf}`, `hipaa-check ${toolVersion}`, words];
    }),
  );
  for (const [name, title, look] of sections) {
    const changes = difference[name];
    lines.push("", style(changes.length === 0 ? "dim" : ["bold", look], `${title}: ${changes.length}`));
    lines.push(...changeLines(changes));
  }
  const causes = [
    ...listLines("inputs", difference.inputs),
    ...listLines("rules", difference.rules),
    ...difference.editions.map(editionLine),
  ];
  lines.push("", style("bold", "what it was judged from and by"));
  lines.push(...(causes.length === 0 ? ["  the same inputs, rules and editions"] : causes));
  return `${lines.join("\n")}\n`;
}

function editionLine({ id, change, proposed, fails }: BundleDifference["editions"][number]): string {
  const words =
    fails === null ? "" : `: ${fails} ${proposed ? "would not meet" : "fail"}, compared with nothing`;
  return `  edition ${id} ${change}${words}`;
}

/** By edition and file, so that lines stay short. */
function changeLines(changes: readonly Change[]): string[] {
  const places = Map.groupBy(changes, ({ edition, file }) => `  ${edition}  ${printableName(file)}`);
  return [...places].flatMap(([place, own]) => [place, ...alignColumns(own.map(changeCells))]);
}

function changeCells({ proposed, rule, fact, line, before, after, decision }: Change): string[] {
  const words = (verdict: Change["before"], none: string): string => {
    if (verdict === null) return none;
    return verdict === "fail" && proposed ? "would not meet" : verdict;
  };
  return [
    `    line ${line}`,
    `${words(before, "not there")} → ${words(after, "gone")}`,
    rule,
    printableName(fact),
    ...(decision === null
      ? []
      : [printable(`${decision.id}, approved by ${decision.approver}, until ${decision.until}`)]),
  ];
}

function listLines(noun: string, lists: BundleDifference["inputs"]): string[] {
  return (["added", "removed", "changed"] as const).flatMap((change) => {
    const all = lists[change];
    if (all.length === 0) return [];
    const shown = all.slice(0, longestList).map(printableName).join(", ");
    return [`  ${noun} ${change} (${all.length}): ${shown}${all.length > longestList ? ", …" : ""}`];
  });
}
