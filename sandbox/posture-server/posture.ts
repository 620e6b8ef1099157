import type { ServerPlan } from "./plan.ts";

export const postureGroups = [
  "capability",
  "handshake",
  "certificate",
  "policy",
  "delivery",
  "injection",
  "routing",
  "credentials",
  "content",
  "receiving",
] as const;

export type PostureGroup = (typeof postureGroups)[number];

/** What a posture can need beside a server on the loopback address, in words that complete "it needs". */
export const postureNeeds = {
  dns: "a resolver of the sandbox with a signed zone, which the containers driver provides",
  "policy-host": "an MTA-STS policy host under the recipient's domain, which the containers driver provides",
  containers: "a mail server of its own in a container",
  queue: "a sender whose queue can be seen, such as Postfix in a container",
  "content-scan": "mail that is scanned for patient data before it leaves, which --content-scan states",
  "loopback-ipv6": "the IPv6 loopback address, which this machine does not have",
} as const;

export type PostureNeed = keyof typeof postureNeeds;

export const verdicts = ["held", "weak", "leaked", "lost", "inconclusive", "not-run"] as const;
export type Verdict = (typeof verdicts)[number];

/** What the careless sender of the controls must be seen doing, so that no posture can rot unnoticed. */
export interface CarelessExpectation {
  readonly verdict: Verdict;
  /** Of the TLS session it agreed on; all that is said must be so. */
  readonly tls?: {
    readonly version?: string;
    readonly cipher?: string;
    readonly certificate?: string;
    readonly clientCertificateRequested?: boolean;
  };
}

/** One hostile or plain server that a sender meets: `sandbox/postures/<id>/posture.yaml`. */
export interface Posture {
  readonly id: string;
  readonly group: PostureGroup;
  readonly title: string;
  /** What happens, and what a sender has to do about it. */
  readonly why: string;
  readonly requirements: readonly string[];
  /** Part of the quick suite. */
  readonly quick?: boolean;
  /** Who is under test; default `sender`. */
  readonly side?: "sender" | "receiver";
  readonly needs?: readonly PostureNeed[];
  /** Name by which the sender is told to reach the server; default an address. */
  readonly host?: "localhost";
  /** What a sender meets that speaks TLS from the first byte; `never`: the posture does not exist for it. */
  readonly implicit?: "tls" | "clear" | "never";
  /** The posture exists only for a sender that speaks TLS from the first byte. */
  readonly starttls?: "never";
  readonly message?: { readonly headers?: Readonly<Record<string, string>>; readonly payload?: string };
  readonly server?: ServerPlan;
  /** What it means when the message is delivered under TLS here; default `held`. */
  readonly deliveryUnderTls?: "held" | "weak" | "noted";
  /** What to say when it is `weak` or `noted`; one clause. */
  readonly note?: string;
  /** What the message holds must not pass: it is stopped, or arrives without its body. */
  readonly bodyMayNotPass?: true;
  /** Parts that a bounce may not repeat. */
  readonly bounceMayNotHold?: readonly ("subject" | "header" | "body" | "attachment")[];
  /** The folder holds code of its own (`behaviour.ts`). */
  readonly behaviour?: true;
  readonly careless?: CarelessExpectation;
}
