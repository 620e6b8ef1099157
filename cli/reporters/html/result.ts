import { escapeHtml } from "#cli/ui/html.ts";
import type { Result } from "#engine/result.ts";
import { writtenBy } from "../decision.ts";

/** The place of a result in its page. */
export function resultAnchor({ fingerprint }: Result): string {
  return `r-${fingerprint.replace(/[^\w-]/g, "")}`;
}

function entry(label: string, html: string): string {
  return html === "" ? "" : `<dt>${label}</dt><dd>${html}</dd>`;
}

function decisionHtml({ decision }: Result): string {
  if (decision === undefined) return "";
  const { id, kind, reason, measure, assessment, owner, approver, date, until, file, line } = decision;
  return [
    `<strong>${escapeHtml(id)}</strong> (${kind}, <code>${escapeHtml(`${file}:${line}`)}</code>): ${escapeHtml(reason)}`,
    ...(assessment === undefined ? [] : [`Assessment: ${escapeHtml(assessment)}`]),
    `${kind === "risk-acceptance" ? "Residual risk" : "In its place"}: ${escapeHtml(measure)}`,
    `Approved by ${escapeHtml(approver)} on ${date}, until ${until}; owner ${escapeHtml(owner)}.`,
    ...[writtenBy(decision)].filter((words) => words !== "").map((words) => `${escapeHtml(words)}.`),
  ].join("<br>");
}

/**
 * One finding with everything about it.
 * @param results what it is under each edition; they differ in nothing else
 * @param verdict HTML
 * @param frame lines of code around the place, as text
 */
export function resultHtml(results: readonly Result[], verdict: string, frame: readonly string[]): string {
  const [result, ...others] = results;
  if (result === undefined) return "";
  const { rule, title, severity, message, actual, expected, why, remedy, profile } = result;
  const { chain, location, fact, requirements } = result;
  const law = results.flatMap(({ edition, controls }) =>
    controls.map(({ citation, title: name, designation, relation, verified }) => {
      const doubt = verified ? "" : ", not verified against the text";
      const of = others.length === 0 ? "" : `${edition}: `;
      return escapeHtml(`${of}${citation} ${name} (${designation}, ${relation}${doubt})`);
    }),
  );
  const steps = chain.map(
    ({ text, file, line }) => `${escapeHtml(text)} <code>${escapeHtml(`${file}:${line}`)}</code>`,
  );
  return [
    `<article id="${resultAnchor(result)}"><h3>${verdict} <code>${escapeHtml(rule)}</code> <span class="quiet">${severity}, ${escapeHtml(results.map(({ edition }) => edition).join(", "))}</span></h3>`,
    ...others.map((other) => `<span id="${resultAnchor(other)}"></span>`),
    `<p>${escapeHtml(message)}</p>`,
    frame.length === 0 ? "" : `<pre tabindex="0">${frame.map(escapeHtml).join("\n")}</pre>`,
    "<dl>",
    entry("place", `<code>${escapeHtml(`${location.file}:${location.line}`)}</code> ${escapeHtml(fact.id)}`),
    entry("asks", escapeHtml(title)),
    entry("found", escapeHtml(actual)),
    entry("expected", escapeHtml(expected)),
    entry("because", steps.join("<br>")),
    entry("floor", profile === undefined ? "" : escapeHtml(`${profile.title}: ${profile.source}`)),
    entry("law", law.join("<br>")),
    entry("why", escapeHtml(why)),
    entry("do", escapeHtml(remedy)),
    entry("decision", decisionHtml(result)),
    entry("requirements", escapeHtml(requirements.join(", "))),
    "</dl></article>",
  ].join("");
}
