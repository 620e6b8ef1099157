import type { Json } from "#base/value.ts";
import type { ReportContext } from "#cli/reporters/reporter.ts";
import type { Report } from "#engine/result.ts";
import { type FactsFile, factsFileEnding, type StatedFact } from "#facts/facts-file.ts";

/**
 * Facts of one kind as the facts files of the report state them, also those that no rule asks about by themselves; none where a file
 * is not in view, as in a bundle that keeps digests only. The engine has validated these files.
 */
export function statedFacts({ results }: Report, { read }: ReportContext, kind: string): StatedFact[] {
  const files = results.map(({ location }) => location.file).filter((file) => file.endsWith(factsFileEnding));
  return [...new Set(files)]
    .sort()
    .flatMap((file) => factsOf(read(file)).filter((fact) => fact.kind === kind));
}

function factsOf(text: string | undefined): readonly StatedFact[] {
  if (text === undefined) return [];
  try {
    return (JSON.parse(text) as FactsFile).facts;
  } catch {
    // It is no longer what was judged.
    return [];
  }
}

/** The known value of an attribute; undefined where it is unknown or absent. */
export function statedValue({ attributes }: StatedFact, name: string): Json | undefined {
  const stated = attributes[name];
  return stated !== undefined && "value" in stated ? stated.value : undefined;
}
