import type { FactKind } from "./fact.ts";

const count = { type: "integer", minimum: 0 };

export const probeFault: FactKind = {
  kind: "probe.fault",
  title: "Mail server failed while it took mail",
  doc: "What became of the messages that a mail server took over while it was killed, its disk was full or its network was cut. Written by `sandbox probe --fault`; the id names the mail server and the fault.",
  attributes: {
    sender: {
      doc: "How the mail server was run: a Postfix folder.",
      schema: { type: "string" },
    },
    "sender.kind": { doc: "`postfix`.", schema: { type: "string", enum: ["postfix"] } },
    fault: { doc: "The id of the fault: `F01`.", schema: { type: "string" } },
    "group.valid": {
      doc: "Both controls passed: with nothing failing each message arrived, and a loss that was made on purpose was found.",
      schema: { type: "boolean" },
    },
    requirements: {
      doc: "Ids of the requirements that the fault is about.",
      schema: { type: "array", items: { type: "string" } },
    },
    accepted: { doc: "Messages that the mail server took over.", schema: count },
    refused: {
      doc: "Messages that it did not take over, of which whoever handed them in was told.",
      schema: count,
    },
    lost: {
      doc: "Messages that it took over and neither delivered, kept nor reported. Unknown, with the reason, where the fault was inconclusive.",
      schema: count,
    },
    doubled: {
      doc: "Messages that one recipient got more than once. Unknown, with the reason, where the fault was inconclusive.",
      schema: count,
    },
  },
};
