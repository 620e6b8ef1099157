import type { Json } from "#base/value.ts";
import { certificateNames } from "../pki/certificate.ts";
import { phases } from "../wire/record.ts";
import { upgrades } from "./plan.ts";
import { postureGroups, postureNeeds, verdicts } from "./posture.ts";

type Schema = Record<string, Json>;

const text: Schema = { type: "string", minLength: 1 };
const lines: Schema = { type: "array", items: { type: "string" } };

function object(properties: Schema, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, required: [...required] };
}

function oneOf(values: readonly string[], description?: string): Schema {
  return { type: "string", enum: [...values], ...(description === undefined ? {} : { description }) };
}

const replies: Schema = {
  type: "object",
  description:
    "By command (or `final-dot`, `log-in`): one answer for each time it comes, the last for all further ones. `accept` is the good answer.",
  additionalProperties: {
    type: "array",
    minItems: 1,
    items: { type: "string", pattern: "^(accept|[2-5][0-9][0-9][ -])" },
  },
};

const protocol = oneOf(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);

const server: Schema = object({
  greeting: {
    ...lines,
    minItems: 1,
    description: "One for each connection, the last for all further ones; `accept` is the good one.",
  },
  greetingLines: { type: "integer", minimum: 2 },
  capabilities: { ...lines, description: "Lines after the first in the answer to EHLO, in clear text." },
  capabilitiesInTls: lines,
  replies: object({ inClear: replies, inTls: replies }),
  upgrade: oneOf(upgrades, "What follows when a sender asks for TLS; `handshake` unless said otherwise."),
  tls: object({
    certificate: oneOf(certificateNames),
    minimum: protocol,
    maximum: protocol,
    ciphers: text,
    clientCertificate: oneOf(["requested"]),
  }),
  disconnect: object(
    {
      at: oneOf([...phases, "final-dot"]),
      in: oneOf(["clear", "tls"]),
      how: oneOf(["reset", "close"]),
      times: { type: "integer", minimum: 1 },
    },
    ["at", "in", "how"],
  ),
  weaknesses: {
    ...object({
      keepsInputAcrossTls: { type: "boolean", enum: [true] },
      endsAtBareDot: { type: "boolean", enum: [true] },
      tellsUsers: { type: "boolean", enum: [true] },
    }),
    description: "Of a receiving server; in the control of a check that has to find them.",
  },
  slowGreeting: object({ bytes: { type: "integer", minimum: 1 }, everyMs: { type: "integer", minimum: 1 } }, [
    "bytes",
    "everyMs",
  ]),
});

const headers: Schema = { type: "object", additionalProperties: { type: "string" } };
const delivery = oneOf(["held", "weak", "noted"]);

const network: Schema = object({
  delegation: oneOf(
    ["signed", "unsigned", "bogus"],
    "Of the recipient's domain; `signed` unless said otherwise.",
  ),
  tlsa: oneOf(
    ["matching", "mismatching", "unusable"],
    "`matching`: the key of the certificate that a good server shows.",
  ),
  policy: object(
    {
      mode: oneOf(["enforce", "testing", "none"]),
      mx: { ...text, description: "The server's own name unless said otherwise." },
      maxAge: { type: "integer", minimum: 1, description: "Seconds." },
      afterwards: oneOf(["bad-certificate"], "What the policy host does after the first fetch."),
      redirected: { type: "boolean", enum: [true] },
    },
    ["mode"],
  ),
  lifetime: { type: "integer", minimum: 1, description: "Seconds after which the message is given up." },
});

/** The JSON Schema (draft-07) of `posture.yaml`. */
export function postureSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/posture.schema.json",
    title: "hipaa-check sandbox posture",
    ...object(
      {
        id: { type: "string", pattern: "^[A-Z][0-9]{2}[a-z]?$", description: "The name of the folder." },
        group: oneOf(postureGroups),
        title: text,
        why: { ...text, description: "What happens, and what a sender has to do about it." },
        requirements: {
          type: "array",
          minItems: 1,
          items: { type: "string", pattern: "^[A-Z]{2,4}-[0-9]{2}$" },
        },
        quick: { type: "boolean" },
        side: oneOf(["sender", "receiver"]),
        needs: { type: "array", minItems: 1, items: oneOf(Object.keys(postureNeeds)) },
        host: oneOf(["localhost"]),
        implicit: oneOf(
          ["tls", "clear", "never"],
          "What a sender meets that speaks TLS from the first byte.",
        ),
        starttls: oneOf(["never"]),
        message: object({
          headers,
          payload: { type: "string" },
          before: {
            type: "array",
            items: object({ headers }),
            description: "Sent just before, to the same domain.",
          },
          recipient: oneOf(["exempted", "forwarding"], "Default: somebody in the recipient's domain."),
        }),
        server,
        backup: server,
        network,
        deliveryUnderTls: delivery,
        note: text,
        bodyMayNotPass: {
          type: "boolean",
          enum: [true],
          description: "The message is stopped, or arrives without its body.",
        },
        byDomain: {
          ...object({ deliveryUnderTls: delivery, note: text }, ["deliveryUnderTls", "note"]),
          description: "The same for a sender that finds the server by the recipient's domain.",
        },
        mayBeGivenUp: { type: "boolean", enum: [true] },
        bounceMayNotHold: { type: "array", items: oneOf(["subject", "header", "body", "attachment"]) },
        behaviour: { type: "boolean", enum: [true] },
        careless: object(
          {
            verdict: oneOf(verdicts),
            tls: object({
              version: text,
              cipher: text,
              certificate: oneOf(certificateNames),
              clientCertificateRequested: { type: "boolean" },
            }),
          },
          ["verdict"],
        ),
      },
      ["id", "group", "title", "why", "requirements"],
    ),
  };
}
