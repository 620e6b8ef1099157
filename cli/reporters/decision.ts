import type { ResultDecision } from "#engine/result.ts";

/** Who wrote a decision: as it says itself, and as the history of its file shows; empty where nobody asked and nothing says. */
export function writtenBy({ author, authorship }: ResultDecision): string {
  const said = author === undefined ? [] : [`${author} (as it says)`];
  const shown = (authorship?.authors ?? []).map((name) => `${name} (git)`);
  const gap = authorship?.notKnown;
  const known = [...said, ...shown];
  if (known.length === 0) return gap === undefined ? "" : `by whom it was written is not known: ${gap}`;
  const rest = gap === undefined ? "" : `; what git shows is not all: ${gap}`;
  return `written by ${known.join(", ")}${rest}`;
}
