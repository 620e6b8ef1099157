import type { FactKind } from "./fact.ts";

export const secret: FactKind = {
  kind: "secret",
  title: "Place where a secret stands",
  doc: "One setting that takes a password, key or token: where its value comes from. The value itself is never part of the fact.",
  attributes: {
    setting: {
      doc: "The setting that takes the secret: `auth.pass`, `password`.",
      schema: { type: "string" },
    },
    source: {
      doc: "`literal` (written in the file), `environment`, `secret-store`, `variable` (a declared input without a written value), `file`, `generated`.",
      schema: {
        type: "string",
        enum: ["literal", "environment", "secret-store", "variable", "file", "generated"],
      },
    },
    placeholder: {
      doc: "A literal that is plainly no secret: empty, `changeme`, an angle-bracket placeholder, a credential of a public test service.",
      schema: { type: "boolean" },
    },
  },
};
