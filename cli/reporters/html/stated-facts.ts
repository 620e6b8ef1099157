import type { Json } from "#base/value.ts";
import type { ReportContext } from "#cli/reporters/reporter.ts";
import type { Report } from "#engine/result.ts";
import { type FactsFile, factsFileEnding, type StatedFact } from "#facts/facts-file.ts";

/**
 * Facts of one kind as the facts files state them that gave results; none where a file is not in view, as in a bundle that
 * keeps digests only. The engine has validated these files.
 */
export function statedFacts({ results }: Report, { read }: ReportContext, kind: string): StatedFact[] {
  const own = results.filter(
    ({ fact, location }) => fact.kind === kind && location.file.endsWith(factsFileEnding),
  );
  const judged = new Set(own.map(({ fact, location }) => `${location.file}\n${fact.id}`));
  return [...new Set(own.map(({ location }) => location.file))]
    .sort()
    .flatMap((file) =>
      factsOf(read(file)).filter((fact) => fact.kind === kind && judged.has(`${file}\n${fact.id}`)),
    );
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
