import type { FactKind } from "./fact.ts";

export const postfixConfiguration: FactKind = {
  kind: "postfix.configuration",
  title: "Postfix instance",
  doc: "One Postfix configuration folder as it stands: each parameter that main.cf sets with its value expanded as `postconf -x` prints it, and the version and compatibility level that decide defaults.",
  attributes: {
    parameters: {
      doc: "Each parameter that main.cf sets and Postfix takes notice of, with every `$name` expanded as on this machine. Passwords are hidden, and references to the machine's networks and to the version stay as they are.",
      schema: { type: "object", additionalProperties: { type: "string" } },
    },
    version: {
      doc: "The Postfix version, where main.cf or an environment file states it as `mail_version`, as `postconf mail_version` prints it. Absent otherwise; defaults that changed between versions are then unknown.",
      schema: { type: "string" },
    },
    compatibilityLevel: {
      doc: "The effective `compatibility_level`.",
      schema: { type: "string" },
    },
  },
};
