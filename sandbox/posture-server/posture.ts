import type { Delegation } from "../network/zones.ts";
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
  dns: "a sender in a container that finds the server by the recipient's domain, and so asks zones and policies",
  containers: "a sender in a container",
  queue: "a sender whose queue can be seen, such as Postfix in a container",
  "content-scan": "mail that is scanned for patient data before it leaves, which --content-scan states",
  expiry: "a sender whose patience can be set, such as Postfix in a container",
  "fallback-relay": "a configuration with a fall-back relay",
  "exempted-destination": "a configuration that makes an exception for a destination",
  forwarding: "a mail server that forwards mail of its own users",
  requiretls: "a sender that takes messages with REQUIRETLS, as Postfix does from 3.11 on",
  "loopback-ipv6": "a server at an IPv6 address beside the other, which cannot be had here",
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

/** What is sent. */
export interface MessagePlan {
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
  /** Sent just before it, to the same domain. */
  readonly before?: readonly { readonly headers?: Readonly<Record<string, string>> }[];
  /** Default: somebody in the recipient's domain. */
  readonly recipient?: "exempted" | "forwarding";
}

/** What an MTA-STS policy host serves. */
export interface PolicyPlan {
  readonly mode: "enforce" | "testing" | "none";
  /** Default: the server's own name. */
  readonly mx?: string;
  /** Seconds; default a day. */
  readonly maxAge?: number;
  /** After the first fetch; default: it goes on as before. */
  readonly afterwards?: "bad-certificate";
  /** The policy lies elsewhere, and the usual place leads there. */
  readonly redirected?: true;
}

/** What the zones of a posture say. */
export interface NetworkPlan {
  /** How the recipient's domain is delegated; default `signed`. */
  readonly delegation?: Delegation;
  /** `matching`: the key of the certificate that a good server shows. `unusable`: a usage that SMTP does not have. */
  readonly tlsa?: "matching" | "mismatching" | "unusable";
  readonly policy?: PolicyPlan;
  /** Seconds after which a sender whose timers can be set gives a message up. */
  readonly lifetime?: number;
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
  readonly message?: MessagePlan;
  readonly server?: ServerPlan;
  /** A second server beside it, less preferred. */
  readonly backup?: ServerPlan;
  /** What zones and policies say, for a sender that looks. */
  readonly network?: NetworkPlan;
  /** What it means when the message is delivered under TLS here; default `held`. */
  readonly deliveryUnderTls?: "held" | "weak" | "noted";
  /** What to say when it is `weak` or `noted`; one clause. */
  readonly note?: string;
  /** What the message holds must not pass: it is stopped, or arrives without its body. */
  readonly bodyMayNotPass?: true;
  /** The same for a sender that finds the server by the recipient's domain. */
  readonly byDomain?: { readonly deliveryUnderTls: "held" | "weak" | "noted"; readonly note: string };
  /** The message may be given up without a word. */
  readonly mayBeGivenUp?: true;
  /** Parts that a bounce may not repeat. */
  readonly bounceMayNotHold?: readonly ("subject" | "header" | "body" | "attachment")[];
  /** The folder holds code of its own (`behaviour.ts`). */
  readonly behaviour?: true;
  readonly careless?: CarelessExpectation;
}
