import type { FactKind } from "./fact.ts";

const verdict = {
  type: "string",
  enum: ["held", "weak", "leaked", "lost"],
} as const;

export const probePosture: FactKind = {
  kind: "probe.posture",
  title: "Sender met a posture of the sandbox",
  doc: "What one sender did when it met one hostile or plain mail server, judged from the wire at the receiver. Written by `sandbox probe`; the id names the sender and the posture.",
  attributes: {
    sender: {
      doc: "How the sender was run: a command, a module, an address, a Postfix folder.",
      schema: { type: "string" },
    },
    "sender.kind": {
      doc: "`exec`, `module`, `http`, `smtp`, `postfix`.",
      schema: { type: "string", enum: ["exec", "module", "http", "smtp", "postfix", "server"] },
    },
    posture: {
      doc: "The posture's id: `P01`; several where they could not be run for one reason.",
      schema: { type: "string" },
    },
    title: { doc: "The posture in a few words: `STARTTLS is not offered`.", schema: { type: "string" } },
    group: {
      doc: "What kind of trouble it is: `capability`, `handshake`, `certificate`, `policy`, `delivery`, `injection`, `routing`, `credentials`, `content`.",
      schema: { type: "string" },
    },
    "group.valid": {
      doc: "Both controls of the group passed, so that the verdict means what it says. A leak counts in an invalid group too.",
      schema: { type: "boolean" },
    },
    verdict: {
      doc: "`held`: nothing but the protocol's opening was said in clear text. `weak`: encrypted, but unauthenticated or below the floor. `leaked`: something was shown. `lost`: taken over and never delivered. Unknown, with the reason, where the posture was inconclusive or could not be run.",
      schema: verdict,
    },
    requirements: {
      doc: "Ids of the requirements that the posture is about.",
      schema: { type: "array", items: { type: "string" } },
    },
    "leaked.parts": {
      doc: "What was shown: `subject`, `header`, `body`, `attachment`, `address`, `password`. Empty when nothing was.",
      schema: { type: "array", items: { type: "string" } },
    },
    "leaked.clear": {
      doc: "Something was shown to whoever listens on the wire, bounces apart.",
      schema: { type: "boolean" },
    },
    "leaked.bounce": {
      doc: "Content was repeated in a bounce, in clear text or not.",
      schema: { type: "boolean" },
    },
    "tls.version": { doc: "What was agreed on in the end.", schema: { type: "string" } },
    "tls.cipher": { doc: "OpenSSL's name of the suite.", schema: { type: "string" } },
    "tls.suiteGrade": {
      doc: "`listed`: NIST SP 800-52r2 lists the suite. `modern`: sound, with forward secrecy, not listed. `dated`: without forward secrecy or with a cipher that no profile lists. `broken`.",
      schema: { type: "string", enum: ["listed", "modern", "dated", "broken"] },
    },
    delivered: { doc: "The receiver took the message over.", schema: { type: "boolean" } },
    copies: {
      doc: "How often it took it over; more than 1 is a doubled message.",
      schema: { type: "number" },
    },
    attempts: { doc: "Connections that the sender made.", schema: { type: "number" } },
    "retry.shortestSeconds": {
      doc: "Shortest time between two connections. Absent where there was one only.",
      schema: { type: "number" },
    },
    waitedSeconds: {
      doc: "For how long the sender was watched for a later try.",
      schema: { type: "number" },
    },
  },
};
