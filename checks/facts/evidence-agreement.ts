import type { FactKind } from "./fact.ts";

export const evidenceAgreement: FactKind = {
  kind: "evidence.agreement",
  title: "What was seen, held against what is configured",
  doc: "One attribute of which both a configuration and an observation speak: the configuration of a sender or server, and a probe that names it. Made by the engine from the facts of both; what was seen may be better than what is configured, and not worse.",
  attributes: {
    attribute: { doc: "Kind and attribute: `mail.route tls.mode`.", schema: { type: "string" } },
    configured: {
      doc: "The weakest value that the configuration allows, as text.",
      schema: { type: "string" },
    },
    seen: { doc: "The value that was observed, as text.", schema: { type: "string" } },
    agrees: {
      doc: "False where what was seen is worse than anything that the configuration says. Unknown where a part of the configuration could not be resolved.",
      schema: { type: "boolean" },
    },
  },
};
