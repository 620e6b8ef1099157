import { tlsVersions } from "#base/tls-version.ts";
import type { FactKind } from "./fact.ts";

export const mailRoute: FactKind = {
  kind: "mail.route",
  title: "Outbound mail route",
  doc: "One way by which mail leaves: a Postfix client service or a policy-map entry that a destination meets, an SES configuration set, a transport made in code. What it says is the effective policy, defaults included, and never better than the weakest thing that can reach it.",
  attributes: {
    product: {
      doc: "What sends: `postfix`, `nodemailer`, `amazon-ses`.",
      schema: { type: "string" },
    },
    destination: {
      doc: "Where the route leads when that is narrower than everywhere: a domain, a relay host with port, a policy-map pattern.",
      schema: { type: "string" },
    },
    loopback: {
      doc: "The next hop is written as a loopback address or a local program, so that the relay there decides. Only a literal counts, never a default that an environment can replace.",
      schema: { type: "boolean" },
    },
    "tls.mode": {
      doc: "`none`: never TLS. `opportunistic`: clear text when TLS cannot be had. `required`: TLS or no delivery. A mode that some destination can lower is the lowered one.",
      schema: { type: "string", enum: ["none", "opportunistic", "required"] },
      ranking: [["none"], ["opportunistic"], ["required"]],
    },
    "tls.verification": {
      doc: "What the sender demands of the peer's certificate: `none`, `chain` (issuer only), `name` (chain and name), `dane` or `fingerprint` (pinned by the zone or by hand). At an opportunistic mode nothing is demanded.",
      schema: { type: "string", enum: ["none", "chain", "name", "dane", "fingerprint"] },
      ranking: [["none"], ["chain"], ["name", "dane", "fingerprint"]],
    },
    "tls.minimumVersion": {
      doc: "The oldest protocol version that the sender negotiates on this route.",
      schema: { type: "string", enum: tlsVersions },
      ranking: tlsVersions.map((version) => [version]),
    },
    "tls.weakCiphers": {
      doc: "Families of cipher suites that stay enabled although no published profile allows them: `null`, `anonymous`, `export`, `rc4`, `3des`, `md5`, `des`, and `legacy-list` for a list that only an old protocol version uses. Empty when none.",
      schema: { type: "array", items: { type: "string" } },
    },
    "authentication.mechanism": {
      doc: "How the sender proves who it is: `none`, `password`, `oauth2`, `client-certificate`, `instance-role`.",
      schema: {
        type: "string",
        enum: ["none", "password", "oauth2", "client-certificate", "instance-role"],
      },
    },
    "authentication.cleartextAllowed": {
      doc: "Credentials can be sent on a connection without TLS.",
      schema: { type: "boolean" },
      ranking: [[true], [false]],
    },
    "message.loweringHonoured": {
      doc: "A header of the message itself (`TLS-Required: no`, RFC 8689) can lower the policy of this route.",
      schema: { type: "boolean" },
      ranking: [[true], [false]],
    },
  },
};
