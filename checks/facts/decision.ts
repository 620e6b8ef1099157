import { decisionKinds } from "./compliance-file.ts";
import type { FactKind } from "./fact.ts";

const text = { type: "string" } as const;

export const decision: FactKind = {
  kind: "decision",
  title: "Decision of the organisation",
  doc: "One waiver, decision on an addressable specification, or acceptance of a risk, as `compliance.yaml` states it. The engine lifts findings by it while it is in force; no rule asks about it.",
  attributes: {
    kind: { doc: "What it is.", schema: { type: "string", enum: [...decisionKinds] } },
    rule: { doc: "The rule whose findings it lifts.", schema: text },
    control: { doc: "The paragraph whose findings it lifts, in place of a rule.", schema: text },
    "scope.facts": { doc: "Ids of the things that it covers.", schema: { type: "array", items: text } },
    "scope.files": {
      doc: "Files that it covers, in the syntax of .gitignore, relative to `scope.folder`.",
      schema: { type: "array", items: text },
    },
    "scope.folder": {
      doc: "The folder of `compliance.yaml`: nothing outside it is covered.",
      schema: text,
    },
    "scope.everything": {
      doc: "It covers everything that the rule asks about.",
      schema: { type: "boolean" },
    },
    reason: { doc: "Why.", schema: text },
    measure: { doc: "What compensates: the measure or alternative, or the residual risk.", schema: text },
    assessment: {
      doc: "Why an addressable specification is not reasonable and appropriate here.",
      schema: text,
    },
    owner: { doc: "Who has to end the exception.", schema: text },
    author: { doc: "Who wrote it.", schema: text },
    approver: { doc: "Who approved it.", schema: text },
    date: { doc: "When it was decided, YYYY-MM-DD.", schema: text },
    until: { doc: "Its last day: when it expires or has to be reviewed, YYYY-MM-DD.", schema: text },
    longestDays: { doc: "Longest life that the organisation's policy grants.", schema: { type: "number" } },
    approverMayBeAuthor: {
      doc: "The policy lets people approve what they wrote.",
      schema: { type: "boolean" },
    },
  },
};
