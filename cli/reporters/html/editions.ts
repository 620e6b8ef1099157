import { kindWords } from "#cli/reporters/evidence.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlTable } from "#cli/ui/page.ts";
import type { Report, Result } from "#engine/result.ts";
import { evidenceKinds } from "#facts/fact.ts";
import { type Control, doubtWords, type Edition } from "#policy/edition.ts";
import { verdictCell } from "./verdicts.ts";

function ownResults({ results }: Report, { id }: Edition): Result[] {
  return results.filter(({ edition }) => edition === id);
}

function bearing(results: readonly Result[], { citation }: Control): Result[] {
  return results.filter(({ controls }) => controls.some((control) => control.citation === citation));
}

/** Each safeguard of an edition: how many of its lines have evidence, and what it says. A result counts once. */
export function safeguards(report: Report, edition: Edition): string {
  const own = ownResults(report, edition);
  const groups = [...Map.groupBy(edition.controls, ({ safeguard }) => safeguard)];
  const rows = groups.map(([safeguard, controls]) => {
    const found = controls.map((control) => bearing(own, control));
    const results = [...new Set(found.flat())];
    return [
      escapeHtml(safeguard),
      String(controls.length),
      String(found.filter((each) => each.length > 0).length),
      verdictCell(results, edition.status === "proposed"),
    ];
  });
  const name = `${edition.id}: by safeguard`;
  return `<h3>${escapeHtml(name)}</h3>${htmlTable(name, ["safeguard", "lines", "with evidence", "results"], rows, [1, 2])}`;
}

/** Each line with evidence, by kind of evidence. */
export function matrix(report: Report, edition: Edition): string {
  const own = ownResults(report, edition);
  const rows = edition.controls.flatMap((control) => {
    const results = bearing(own, control);
    if (results.length === 0) return [];
    const { citation, title, designation, verification } = control;
    const doubt = doubtWords(verification);
    const cells = evidenceKinds.map((kind) => {
      const of = results.filter(({ evidence }) => evidence === kind);
      return of.length === 0
        ? '<span class="quiet">–</span>'
        : verdictCell(of, edition.status === "proposed");
    });
    return [
      [
        `<strong>${escapeHtml(citation)}</strong> ${escapeHtml(title)} <span class="quiet">(${designation})</span>${doubt === "" ? "" : ` <span class="doubt">${escapeHtml(doubt.replace(/^, /, ""))}</span>`}`,
        ...cells,
      ],
    ];
  });
  const name = `${edition.id}: paragraph by kind of evidence`;
  return [
    `<h3>${escapeHtml(name)}</h3>`,
    rows.length === 0
      ? "<p>No line has evidence here.</p>"
      : htmlTable(name, ["paragraph", ...evidenceKinds.map((kind) => kindWords[kind])], rows, [], {
          stacked: true,
        }),
  ].join("");
}
