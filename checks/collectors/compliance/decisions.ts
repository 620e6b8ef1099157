import type { Diagnostic } from "#base/diagnostic.ts";
import { absent, type Json, known, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { DecisionPolicy, Part, WrittenDecision } from "./parts.ts";

const longestUsually = 366;

/**
 * Each decision of a file, as a fact on its own line.
 * @param folder the folder of the `compliance.yaml` that the file belongs to
 * @param seen ids of the decisions in the parts that were read before; those of this part are added
 */
export function decisionFacts(
  { document, content }: Part,
  policy: DecisionPolicy,
  folder: string,
  seen: Set<string>,
): { readonly facts: readonly Fact[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const facts = (content.decisions ?? []).flatMap((written, index): Fact[] => {
    if (written === undefined) return [];
    const path = ["decisions", index] as const;
    if (seen.has(written.id)) {
      const message = `There is already a decision ${written.id}. Give this one another id.`;
      diagnostics.push({
        level: "error",
        code: "decision-duplicate",
        message,
        location: document.locate([...path, "id"]),
      });
      return [];
    }
    seen.add(written.id);
    const at = (key: string, value: Json | undefined, ...below: string[]): Value =>
      value === undefined
        ? absent(document.locate(path))
        : known(value, document.locate([...path, key, ...below]));
    return [
      {
        kind: "decision",
        id: written.id,
        location: document.locate([...path, "id"]),
        origin: { evidence: "record" },
        attributes: {
          kind: at("kind", written.kind),
          rule: at("rule", written.rule),
          control: at("control", written.control),
          "scope.facts": at("scope", written.scope.facts, "facts"),
          "scope.files": at("scope", written.scope.files, "files"),
          "scope.folder": known(folder),
          "scope.everything": at("scope", written.scope.everything, "everything"),
          reason: at("reason", written.reason),
          measure: measure(written, at),
          assessment: at("assessment", written.assessment),
          owner: at("owner", written.owner),
          author: at("author", written.author),
          approver: at("approver", written.approver),
          date: at("date", written.date),
          until: written.review === undefined ? at("expires", written.expires) : at("review", written.review),
          longestDays: known(policy.longestWaiverDays ?? longestUsually),
          approverMayBeAuthor: known(policy.approverMayBeAuthor ?? false),
        },
      },
    ];
  });
  return { facts, diagnostics };
}

function measure(written: WrittenDecision, at: (key: string, value: Json | undefined) => Value): Value {
  if (written.alternative !== undefined) return at("alternative", written.alternative);
  if (written.residualRisk !== undefined) return at("residualRisk", written.residualRisk);
  return at("measure", written.measure);
}
