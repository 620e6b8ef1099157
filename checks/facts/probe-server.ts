import type { FactKind } from "./fact.ts";

export const probeServer: FactKind = {
  kind: "probe.server",
  title: "Receiving server put to the test",
  doc: "What one check found at a mail server that receives: whether it relays for strangers, takes injected commands, tells who exists. Written by `sandbox probe --server`; the id names the server and the check.",
  attributes: {
    server: { doc: "Host and port as given.", schema: { type: "string" } },
    check: { doc: "The id of the check: `P69`.", schema: { type: "string" } },
    verdict: {
      doc: "`held` or `weak`. Unknown, with the reason, where the check was inconclusive or could not be run.",
      schema: { type: "string", enum: ["held", "weak"] },
    },
    "group.valid": {
      doc: "The controls passed, so that the verdict means what it says.",
      schema: { type: "boolean" },
    },
    requirements: {
      doc: "Ids of the requirements that the check is about.",
      schema: { type: "array", items: { type: "string" } },
    },
  },
};
