import { recordKinds } from "./compliance-file.ts";
import type { FactKind } from "./fact.ts";

const text = { type: "string" } as const;

export const record: FactKind = {
  kind: "record",
  title: "Record that an organisation keeps",
  doc: "One analysis, test, training or document as `compliance.yaml` states it, and, for each kind that the file does not name, one that is missing. A record never turns a failing configuration into a pass.",
  attributes: {
    kind: { doc: "What it is a record of.", schema: { type: "string", enum: [...recordKinds] } },
    present: { doc: "There is such a record.", schema: { type: "boolean" } },
    title: { doc: "What the organisation calls it.", schema: text },
    date: { doc: "When it was done, YYYY-MM-DD.", schema: text },
    owner: { doc: "Who answers for it.", schema: text },
    ageDays: {
      doc: "Days since it was done, on the day that the run counts as today. Negative for a day to come.",
      schema: { type: "number" },
    },
    daysUntilDue: { doc: "Days until it is due again; negative when overdue.", schema: { type: "number" } },
    held: { doc: "The file or link that holds it.", schema: text },
    heldInView: {
      doc: "The file that holds it is there and not empty. Absent for a link, which is not followed.",
      schema: { type: "boolean" },
    },
  },
};
