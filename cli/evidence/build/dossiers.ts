import type { Report, Result } from "#engine/result.ts";
import type { Control, Edition } from "#policy/edition.ts";
import { isVerified } from "#policy/edition.ts";
import type { Member } from "../bundle/seal.ts";

/** `164.312(e)(2)(ii)` as a file name: `164.312-e-2-ii`. */
export function citationSlug(citation: string): string {
  return citation
    .replace(/\)\(|\(/g, "-")
    .replace(/\)/g, "")
    .replace(/[^\w.-]+/g, "-");
}

function escapeText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, "\\$&");
}

function resultLines(result: Result, proposed: boolean): string[] {
  const { verdict, rule, fact, location, message, actual, expected } = result;
  const words = verdict === "fail" && proposed ? "would not meet" : verdict;
  return [
    `- **${words}** \`${rule}\`: ${escapeText(message)}`,
    `  - ${escapeText(fact.kind)} \`${fact.id}\` in \`${location.file}\`, line ${location.line}`,
    ...(actual === "" ? [] : [`  - found: ${escapeText(actual)}`]),
    ...(expected === "" ? [] : [`  - expected: ${escapeText(expected)}`]),
    ...result.chain.map(
      (step) => `  - because: ${escapeText(step.text)} (\`${step.file}\`, line ${step.line})`,
    ),
  ];
}

function page(edition: Edition, control: Control, results: readonly Result[]): string {
  const verified = isVerified(control.verification)
    ? ""
    : " **This line was not verified against the exact text.**";
  const proposed = edition.status === "proposed";
  const count = (verdict: Result["verdict"]): number =>
    results.filter((result) => result.verdict === verdict).length;
  const body =
    results.length === 0
      ? ["No rule that was judged bears on this paragraph: this bundle holds no evidence about it."]
      : results.flatMap((result) => resultLines(result, proposed));
  return [
    `# ${control.citation} ${control.title}`,
    "",
    `Edition ${edition.id} (${edition.status}, as of ${edition.statusAsOf}). ${control.designation}.${verified}`,
    "",
    `Duty: ${control.duty}`,
    "",
    `Source: ${control.verification.source} (grade ${control.verification.grade}, ${control.verification.asOf}).`,
    "",
    `Evidence: ${count("pass")} pass, ${count("fail")} ${proposed ? "would not meet" : "fail"}, ${count("unknown")} could not tell, ${count("excepted")} excepted, ${count("not-applicable")} not applicable.`,
    "",
    ...body,
    "",
  ].join("\n");
}

/** One page for each paragraph of each edition, named by it; also for those without evidence, which say so. */
export function dossiers(report: Report, editions: readonly Edition[]): Member[] {
  return editions.flatMap((edition) => {
    const own = report.results.filter((result) => result.edition === edition.id);
    return edition.controls.map((control) => {
      const results = own.filter(({ controls }) =>
        controls.some(({ citation }) => citation === control.citation),
      );
      return {
        path: `dossiers/${edition.id}/${citationSlug(control.citation)}.md`,
        content: Buffer.from(page(edition, control, results)),
      };
    });
  });
}
