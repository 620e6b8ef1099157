import { verdictOrder } from "#cli/reporters/reporter.ts";
import type { Result, Verdict } from "#engine/result.ts";

export const verdictLooks: Readonly<Record<Verdict, string>> = {
  fail: "bad",
  unknown: "open",
  excepted: "open",
  pass: "good",
  "not-applicable": "quiet",
};

export const verdictMarks: Readonly<Record<Verdict, string>> = {
  fail: "✗",
  unknown: "?",
  excepted: "○",
  pass: "✓",
  "not-applicable": "–",
};

export function verdictWords(verdict: Verdict, proposed: boolean): string {
  if (verdict === "fail") return proposed ? "would not meet" : "fail";
  return {
    unknown: "could not tell",
    excepted: "excepted",
    pass: "pass",
    "not-applicable": "not applicable",
  }[verdict];
}

/** A verdict with its mark. */
export function verdictHtml(verdict: Verdict, words: string): string {
  return `<span class="${verdictLooks[verdict]}">${verdictMarks[verdict]} ${words}</span>`;
}

/** The mark of the worst verdict, and how many there are of each. */
export function verdictCell(results: readonly Result[], proposed: boolean): string {
  const counts = verdictOrder
    .map((verdict) => [verdict, results.filter((result) => result.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0);
  const [worst] = counts;
  if (worst === undefined) return '<span class="quiet">no evidence</span>';
  const words = counts.map(([verdict, count]) => `${count} ${verdictWords(verdict, proposed)}`);
  return `<span class="${verdictLooks[worst[0]]}">${verdictMarks[worst[0]]}</span> ${words.join(", ")}`;
}
