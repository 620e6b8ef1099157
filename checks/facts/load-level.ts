import type { FactKind } from "./fact.ts";

export const loadLevel: FactKind = {
  kind: "load.level",
  title: "Service level held against a load run",
  doc: "One stated service level of a send path and what a load run measured of it. Written by `loadtest run`; the id names the profile, the level and the target.",
  attributes: {
    profile: { doc: "The id of the profile: `isolation`.", schema: { type: "string" } },
    target: { doc: "What was loaded.", schema: { type: "string" } },
    level: { doc: "The demand in a few words: `accept p99 of transactional`.", schema: { type: "string" } },
    kind: {
      doc: "`latency`, `ratio`, `lost`, `refused`, `backlog`, `throughput`, `unsubscribe`, `backOff`.",
      schema: {
        type: "string",
        enum: ["latency", "ratio", "lost", "refused", "backlog", "throughput", "unsubscribe", "backOff"],
      },
    },
    requirements: {
      doc: "Ids of the requirements that the level is about.",
      schema: { type: "array", items: { type: "string" } },
    },
    met: {
      doc: "The level holds. Unknown, with the reason, where the run was invalid or could not tell.",
      schema: { type: "boolean" },
    },
    measured: { doc: "What was measured, in words with units.", schema: { type: "string" } },
    limit: { doc: "What was demanded, in words with units.", schema: { type: "string" } },
    stated: {
      doc: "Where the demand stands: `profile` for the one that came with it, `compliance.yaml` for the organisation's own.",
      schema: { type: "string", enum: ["profile", "compliance.yaml"] },
    },
  },
};
