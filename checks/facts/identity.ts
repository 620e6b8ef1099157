import type { FactKind } from "./fact.ts";

export const identityDirectory: FactKind = {
  kind: "identity.directory",
  title: "Directory of people who log in",
  doc: "One place that authenticates people: a Cognito user pool, an account's password policy.",
  attributes: {
    service: { doc: "The product's own name for it: `aws_cognito_user_pool`.", schema: { type: "string" } },
    "mfa.mode": {
      doc: "`off`, `optional` (each user may) or `required`.",
      schema: { type: "string", enum: ["off", "optional", "required"] },
    },
    "mfa.methods": {
      doc: "Second factors that are switched on: `totp`, `sms`, `email`, `webauthn`.",
      schema: { type: "array", items: { type: "string" } },
    },
    "password.minimumLength": { doc: "Fewest characters of a password.", schema: { type: "number" } },
    "password.reusePrevented": {
      doc: "How many earlier passwords cannot be used again; 0 when none.",
      schema: { type: "number" },
    },
  },
};

export const accessPolicy: FactKind = {
  kind: "access.policy",
  title: "Access policy",
  doc: "One policy document that grants rights, such as an IAM policy or a role's trust policy.",
  attributes: {
    service: { doc: "The product's own name for it: `aws_iam_policy`.", schema: { type: "string" } },
    administrator: {
      doc: "It allows every action on every resource.",
      schema: { type: "boolean" },
    },
    "mfa.required": {
      doc: "Its grants to people hold only after multi-factor authentication.",
      schema: { type: "boolean" },
    },
  },
};
