import { doubtWords, type Edition } from "#policy/edition.ts";
import type { PolicySet } from "#policy/load.ts";
import type { Requirement } from "#policy/requirements.ts";
import { heading, table } from "./markdown.ts";

/** Each requirement with the rules that decide it and the paragraphs they bear on. */
export function coveragePage(requirements: readonly Requirement[], { rules, editions }: PolicySet): string {
  const topics = Map.groupBy(requirements, (requirement) => requirement.topic);
  const covered = requirements.filter(({ id }) => rules.some((rule) => rule.requirements.includes(id)));
  const sections = [...topics].map(([topic, entries]) => {
    const rows = entries.map(({ id, title, evidence }) => {
      const deciding = rules.filter((rule) => rule.requirements.includes(id));
      const citations = editions.map((edition) => {
        const lines = edition.mappings
          .filter(({ rule }) => deciding.some((entry) => entry.id === rule))
          .flatMap(({ controls }) => controls.map(({ citation }) => citedWords(edition, citation)));
        return [...new Set(lines)].sort().join(", ");
      });
      const links = deciding.map((rule) => `[${rule.id}](rules.md#${rule.id.replaceAll("/", "-")})`);
      return [id, title, evidence.join(", "), links.join(", ") || "none yet", ...citations];
    });
    const head = ["id", "requirement", "evidence", "rules", ...editions.map(({ id }) => id)];
    return `## ${topic}\n\n${table(head, rows)}`;
  });
  const words = `What the toolkit must be able to decide, by what kind of evidence, and which rules do. ${covered.length} of ${requirements.length} requirements have a rule.`;
  return `${heading("Coverage", words)}\n${sections.join("\n\n")}\n`;
}

function citedWords(edition: Edition, citation: string): string {
  const control = edition.controls.find((line) => line.citation === citation);
  return `${citation}${control === undefined ? "" : doubtWords(control.verification)}`;
}
