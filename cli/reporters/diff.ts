import { controlWords } from "#cli/reporters/terminal.ts";
import type { Style } from "#cli/ui/style.ts";
import { counted, labelled, printable, printableName } from "#cli/ui/text.ts";
import type { Report, Result } from "#engine/result.ts";
import type { ControlChange } from "#policy/diff.ts";
import {
  type Control,
  type Designation,
  type Edition,
  isVerified,
  lineWords,
  type RemovedLine,
} from "#policy/edition.ts";

export interface Diff {
  readonly before: Edition;
  readonly after: Edition;
  readonly changes: readonly ControlChange[];
  readonly report: Report;
}

/** One question of the user's own files under both editions. */
interface OwnChange {
  readonly before: Result;
  readonly after: Result;
}

/** Results whose verdict, severity or binding paragraph differ between the two editions. */
function ownChanges({ before, after, report }: Diff): OwnChange[] {
  const key = ({ rule, fact, location }: Result): string =>
    JSON.stringify([rule, fact.kind, fact.id, location.file]);
  const later = new Map(
    report.results.filter(({ edition }) => edition === after.id).map((result) => [key(result), result]),
  );
  return report.results
    .filter(({ edition }) => edition === before.id)
    .flatMap((result): OwnChange[] => {
      const other = later.get(key(result));
      return other !== undefined && differs(result, other) ? [{ before: result, after: other }] : [];
    });
}

function differs(a: Result, b: Result): boolean {
  if (a.verdict !== b.verdict || a.severity !== b.severity) return true;
  if (a.verdict === "not-applicable" || a.verdict === "pass") return false;
  return bindingOf(a) !== bindingOf(b);
}

/** How a result binds: by choice or without one, and whether the paragraph demands the technique itself. */
function bindingOf(result: Result): string {
  const strength = { addressable: "addressable", section: "section" } as Partial<Record<Designation, string>>;
  const parts = result.controls.map(
    ({ designation, relation }) => `${strength[designation] ?? "binding"}/${relation}`,
  );
  return [...new Set(parts)].sort().join();
}

export function renderDiffJson(diff: Diff): string {
  const line = (control: Edition["controls"][number] | undefined) =>
    control === undefined
      ? null
      : {
          citation: control.citation,
          title: control.title,
          designation: control.designation,
          verified: isVerified(control.verification),
        };
  const body = {
    before: diff.before.id,
    after: diff.after.id,
    text: diff.changes.map(({ change, before, after, binding }) => ({
      change,
      before: before.map(line),
      after: line(after),
      ...(binding === undefined ? {} : { binding }),
      ...(change === "removed" ? removalOf(before, diff.after.removed) : {}),
    })),
    files: ownChanges(diff),
    diagnostics: diff.report.diagnostics,
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

export function renderDiffText(diff: Diff, everything: boolean, style: Style, columns: number): string {
  const { before, after, changes } = diff;
  const lines = [style("bold", `From ${before.id} (${before.status}) to ${after.id} (${after.status})`), ""];
  lines.push(...textLines(changes, after.removed, everything, style, columns));
  const own = ownChanges(diff);
  const same = diff.report.results.filter(({ edition }) => edition === before.id).length - own.length;
  lines.push("", style("bold", "For your files"), "");
  for (const change of own) lines.push(...ownLines(change, diff, style, columns), "");
  if (own.length === 0) lines.push("  No verdict, severity or binding of your files changes.");
  lines.push(`  ${counted(own.length, "question")} changed, ${same} unchanged.`);
  const errors = diff.report.diagnostics.filter(({ level }) => level === "error");
  for (const { message, location } of errors) {
    lines.push(
      `  ${style("red", "error")}  ${printableName(location?.file ?? "")}:${location?.line ?? 1}: ${printable(message)}`,
    );
  }
  lines.push("", ...labelled("", diff.report.disclaimer, 2, columns));
  return `${lines.join("\n")}\n`;
}

/** What the later edition says of a line that it drops. */
function removalOf(before: readonly Control[], removed: readonly RemovedLine[]): { removal?: RemovedLine } {
  const removal = removed.find(({ citation }) => before.some((control) => control.citation === citation));
  return removal === undefined ? {} : { removal };
}

function removalWords(before: readonly Control[], removed: readonly RemovedLine[]): string {
  const { removal } = removalOf(before, removed);
  if (removal === undefined) return "removed";
  const places = removal.movedTo.length === 0 ? "" : `: ${removal.movedTo.join(", ")}`;
  return `${removal.fate} (${removal.source})${places}`;
}

function textLines(
  changes: readonly ControlChange[],
  removed: readonly RemovedLine[],
  everything: boolean,
  style: Style,
  columns: number,
): string[] {
  const of = (wanted: ControlChange["change"]) => changes.filter(({ change }) => change === wanted);
  const binding = changes.filter(({ binding: changed }) => changed?.before.includes("addressable"));
  const lines = [
    `  ${counted(of("new").length, "line")} new, ${of("removed").length} removed, ${of("carried").length} carried over`,
    `  ${counted(of("untouched").length, "line")} of the earlier edition that the later one does not cover`,
    `  ${counted(binding.length, "line")} that were addressable are carried into lines without that choice`,
  ];
  const listed = everything ? changes : binding;
  for (const { change, before, after } of listed) {
    const from = before.map(lineWords).join(", ");
    const to =
      after !== undefined
        ? lineWords(after)
        : change === "untouched"
          ? "not covered, stands as it was"
          : removalWords(before, removed);
    lines.push(
      ...labelled(
        `  ${style("dim", change.padEnd(11))}`,
        change === "new" ? to : `${from} → ${to}`,
        2,
        columns,
      ),
    );
  }
  if (!everything) lines.push(`  ${style("dim", "every line: --all")}`);
  return lines;
}

function ownLines({ before, after }: OwnChange, diff: Diff, style: Style, columns: number): string[] {
  const place = `${after.location.file}:${after.location.line}`;
  const width = Math.max(diff.before.id.length, diff.after.id.length) + 2;
  const state = (result: Result, edition: Edition): string[] => {
    const verdict = result.verdict === "fail" ? edition.wording.fail : result.verdict;
    const paragraphs = result.controls.flatMap((control) =>
      labelled("", controlWords(control), 6 + width, columns),
    );
    return [`    ${style("dim", edition.id.padEnd(width))}${verdict}, ${result.severity}`, ...paragraphs];
  };
  return [
    `  ${style("bold", before.rule)}  ${style("dim", printableName(place))}  ${printableName(before.fact.id)}`,
    ...state(before, diff.before),
    ...state(after, diff.after),
  ];
}
