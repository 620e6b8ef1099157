import type { FactKind } from "./fact.ts";

export const postfixConfiguration: FactKind = {
  kind: "postfix.configuration",
  title: "Postfix instance",
  doc: "One Postfix configuration folder as it stands: each parameter that main.cf sets with its value expanded as `postconf -x` prints it, and the version and compatibility level that decide defaults.",
  attributes: {
    parameters: {
      doc: "Each parameter that main.cf sets, with every `$name` expanded.",
      schema: { type: "object", additionalProperties: { type: "string" } },
    },
    version: {
      doc: "The Postfix version, where the configuration or the user states it.",
      schema: { type: "string" },
    },
    compatibilityLevel: {
      doc: "The effective `compatibility_level`.",
      schema: { type: "string" },
    },
  },
};
