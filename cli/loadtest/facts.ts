import { UsageError } from "#cli/errors.ts";
import { requireWritable, writeWhole } from "#cli/output.ts";
import { factsFileEnding, formatFactsFile } from "#facts/facts-file.ts";
import { type LoadReport, loadFacts } from "#loadtests/index.ts";

/** Says early that a facts file cannot be written, or that `check` would not find it. */
export function requireFactsFile(path: string): void {
  if (!path.endsWith(factsFileEnding)) {
    throw new UsageError(`--facts ${path}: the name must end in ${factsFileEnding}, so that check finds it.`);
  }
  requireWritable(path, "--facts");
}

/** Writes what a report says as facts for `check`. @returns the report, with the file's name in it */
export function writeLoadFacts(report: LoadReport, path: string): LoadReport {
  const named = { ...report, facts: path };
  const head = {
    producer: "hipaa-check loadtest run",
    recordedAt: report.startedAt,
    evidence: "load",
  } as const;
  writeWhole(path, formatFactsFile({ ...head, facts: loadFacts(named) }), "--facts");
  return named;
}
