import { type Destination, print, writeWhole } from "#cli/output.ts";
import { bare, columnsOf, styleFor } from "#cli/ui/style.ts";
import type { LoadReport } from "#loadtests/index.ts";
import { renderLoadPage } from "./page.ts";
import { renderLoadTerminal } from "./terminal.ts";

/** Formats of load reports. A new one is a file beside this one and one line here. */
export type LoadFormat = "terminal" | "json" | "html";

/** Pairs of numbers stand on one line: a histogram has hundreds. */
function json(report: LoadReport): string {
  const text = JSON.stringify(report, undefined, 2);
  return `${text.replace(/\[\s+(-?[\d.e+]+),\s+(-?[\d.e+]+)\s+\]/g, "[$1, $2]")}\n`;
}

function render(report: LoadReport, { format, file }: Destination<LoadFormat>): string {
  if (format === "json") return json(report);
  if (format === "html") return renderLoadPage(report);
  return renderLoadTerminal(
    report,
    file === undefined ? styleFor(process.stdout) : bare,
    columnsOf(process.stdout),
  );
}

/** Writes a report to each place that was asked for. */
export async function writeLoadReport(
  report: LoadReport,
  destinations: readonly Destination<LoadFormat>[],
): Promise<void> {
  for (const destination of destinations) {
    const content = render(report, destination);
    if (destination.file === undefined) await print(content);
    else writeWhole(destination.file, content);
  }
}
