import type { Style } from "#cli/ui/style.ts";
import { alignColumns, printable } from "#cli/ui/text.ts";
import type { EvidenceCount } from "#engine/evidence.ts";
import type { Report } from "#engine/result.ts";
import type { EvidenceKind } from "#facts/fact.ts";

const kindWords: Readonly<Record<EvidenceKind, string>> = {
  static: "configured",
  probe: "on the wire",
  load: "under load",
  record: "on record",
};

function countWords({ kind, pass, fail, unknown }: EvidenceCount): string {
  const counts = [
    [fail, "fail"],
    [unknown, "could not tell"],
    [pass, "pass"],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${kindWords[kind]}: ${said.join(", ")}`;
}

/** What each kind of evidence says of a paragraph, side by side; nothing where configurations are all there is. */
export function evidenceLines({ evidence }: Report, style: Style): string[] {
  if (evidence.length === 0) return [];
  const rows = evidence.map(({ edition, citation, title, evidence: kinds }) => [
    `  ${edition}`,
    printable(`${citation} ${title}`),
    ...kinds.map(countWords),
  ]);
  return ["", style(["bold", "underline"], "Evidence side by side"), "", ...alignColumns(rows)];
}
