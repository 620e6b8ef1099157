import type { Style } from "#cli/ui/style.ts";
import { alignWrapped, printable } from "#cli/ui/text.ts";
import type { EvidenceCount } from "#engine/evidence.ts";
import type { Report } from "#engine/result.ts";
import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";

/** How each kind of evidence is named to readers. */
export const kindWords: Readonly<Record<EvidenceKind, string>> = {
  static: "configured",
  probe: "on the wire",
  load: "under load",
  record: "on record",
};

const legend = "✗ fails or would not meet, ? could not tell, ✓ passes";

function countWords(count: EvidenceCount | undefined): string {
  if (count === undefined) return "–";
  const counts = [
    [count.fail, "✗"],
    [count.unknown, "?"],
    [count.pass, "✓"],
  ] as const;
  const said = counts.filter(([number]) => number > 0).map(([number, mark]) => `${number} ${mark}`);
  return said.join(" ");
}

/** What each kind of evidence says of a paragraph, side by side; nothing where configurations are all there is. */
export function evidenceLines(
  { evidence }: Report,
  { style, columns }: { readonly style: Style; readonly columns: number },
): string[] {
  if (evidence.length === 0) return [];
  const kinds = evidenceKinds.filter((kind) => evidence.some((each) => each.evidence.some(isOf(kind))));
  const rows = [...Map.groupBy(evidence, ({ edition }) => edition)].flatMap(([edition, own]) => [
    [`  ${edition}`, ...kinds.map((kind) => kindWords[kind]), ""],
    ...own.map(({ citation, title, evidence: counts }) => [
      printable(`    ${citation}`),
      ...kinds.map((kind) => countWords(counts.find(isOf(kind)))),
      printable(title),
    ]),
  ]);
  return [
    "",
    style(["bold", "underline"], "Evidence side by side"),
    style("dim", `  ${legend}`),
    "",
    ...alignWrapped(rows, columns).flat(),
  ];
}

function isOf(kind: EvidenceKind): (count: EvidenceCount) => boolean {
  return (count) => count.kind === kind;
}
