import type { ReportContext } from "#cli/reporters/reporter.ts";
import { escapeHtml } from "#cli/ui/html.ts";
import { htmlTable } from "#cli/ui/page.ts";
import type { Report } from "#engine/result.ts";
import type { StatedFact } from "#facts/facts-file.ts";
import { statedFacts, statedValue } from "./stated-facts.ts";

const looks: Readonly<Record<string, readonly [look: string, mark: string]>> = {
  held: ["good", "✓"],
  weak: ["bad", "✗"],
  leaked: ["bad", "✗"],
  lost: ["bad", "✗"],
};

/** What each sender did at each posture of the sandbox, where a probe was run. */
export function probeMatrix(report: Report, context: ReportContext): string {
  const facts = statedFacts(report, context, "probe.posture");
  if (facts.length === 0) return "";
  const senders = [...new Set(facts.map((fact) => text(fact, "sender")))].sort();
  const groups = [...Map.groupBy(facts, (fact) => text(fact, "group") || "not run")];
  const rows = groups.flatMap(([group, own]) =>
    [...Map.groupBy(own, (fact) => text(fact, "posture"))].map(([posture, met]) => [
      `<strong>${escapeHtml(posture)}</strong> ${escapeHtml(met.map((fact) => text(fact, "title")).find((title) => title !== "") ?? "")} <span class="quiet">(${escapeHtml(group)})</span>`,
      ...senders.map((sender) => cell(met.find((fact) => text(fact, "sender") === sender))),
    ]),
  );
  return [
    "<h2>On the wire: posture by sender</h2>",
    htmlTable("posture by sender", ["posture", ...senders.map(escapeHtml)], rows, [], { stacked: true }),
  ].join("");
}

function text(fact: StatedFact, name: string): string {
  const value = statedValue(fact, name);
  return typeof value === "string" ? value : "";
}

/** Of what held, how the message went; of anything else, what was seen. */
function seen(fact: StatedFact, verdict: string): string {
  const { because = [] } = fact.attributes.verdict ?? {};
  if (verdict !== "held") return because.join("; ");
  if (statedValue(fact, "delivered") !== true) return "nothing was delivered";
  return `delivered over ${text(fact, "tls.version") || "an unknown version"}`;
}

function cell(fact: StatedFact | undefined): string {
  if (fact === undefined) return '<span class="quiet">–</span>';
  const stated = fact.attributes.verdict;
  if (stated === undefined) return '<span class="open">?</span> could not tell';
  if (!("value" in stated))
    return `<span class="open">?</span> could not tell: ${escapeHtml(stated.unknown)}`;
  const verdict = text(fact, "verdict");
  const [look, mark] = looks[verdict] ?? ["open", "?"];
  return `<span class="${look}">${mark} ${escapeHtml(verdict)}</span> <span class="quiet">${escapeHtml(seen(fact, verdict))}</span>`;
}
