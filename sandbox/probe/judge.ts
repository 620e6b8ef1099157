import { compareTlsVersions, parseTlsVersion } from "#base/tls-version.ts";
import type { Posture, Verdict } from "../posture-server/posture.ts";
import { strayTls } from "../posture-server/session.ts";
import type { ConnectionRecord } from "../wire/record.ts";
import type { Canaries } from "./canary.ts";
import {
  type Correspondents,
  echoesOf,
  isBounce,
  isReport,
  type Leak,
  type LeakOf,
  leaksOf,
  saidMore,
  unexplained,
} from "./leak.ts";
import type { QueueState, SendOutcome, TlsStart } from "./sender.ts";
import { gradeSuite } from "./suites.ts";

/** After so many tries of a queue there is nothing new to be seen: the timers have run through. */
export const enoughTries = 3;

/**
 * A queue with the tries that count: of a sender that comes, those with which it came. One that shuns a server for a
 * while calls that a try.
 */
export function seenTries(queue: QueueState, connections: number): QueueState {
  return connections === 0 ? queue : { ...queue, tries: Math.min(queue.tries, connections) };
}

/** What was seen of a posture, and what it means. */
export interface Judgement {
  readonly verdict: Verdict;
  /** In words; says what was seen, for every verdict. */
  readonly reason: string;
  readonly leaked: readonly Leak[];
  /** Of the last connection that agreed on TLS. */
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  readonly delivered: boolean;
  /** How often the message was accepted. */
  readonly copies: number;
}

export interface Evidence {
  readonly posture: Pick<
    Posture,
    | "id"
    | "deliveryUnderTls"
    | "note"
    | "byDomain"
    | "bodyMayNotPass"
    | "bounceMayNotHold"
    | "mayBeGivenUp"
    | "implicit"
    | "starttls"
  >;
  readonly connections: readonly ConnectionRecord[];
  readonly outcome: SendOutcome;
  readonly canaries: Canaries;
  readonly tls: TlsStart;
  /** What a posture's own code found. */
  readonly findings?: readonly string[];
  /** Clear text that this posture's message left at other servers of the run. */
  readonly leakedElsewhere?: readonly Leak[];
  /** Milliseconds for which retries were waited for. */
  readonly waitedMs: number;
  /** What the sender's queue said in the end; undefined where it cannot be seen. */
  readonly queue?: QueueState | undefined;
  /** Of the posture's own message. */
  readonly correspondents: Correspondents;
  /** Recipients of messages that were sent beside the posture's own, and do not count. */
  readonly others?: readonly string[];
  /** The sender finds its server by the recipient's domain. */
  readonly byDomain?: boolean;
  /** The server is a good one, which departs from nothing. */
  readonly good?: boolean;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Where something was shown, in words. */
function placeOf({ phase }: Leak): string {
  if (phase === "bounce") return "in a bounce";
  return phase === "record" ? "in TLS records without encryption" : "in clear text";
}

/** What was shown, in words: "subject and body in clear text (message)". */
function describe(leaks: readonly Leak[]): string {
  const places = Map.groupBy(leaks, placeOf);
  return [...places]
    .map(([place, found]) => {
      const parts = list([...new Set(found.map(({ part }) => part))]);
      const phases = [...new Set(found.map(({ phase }) => phase))].filter(
        (phase) => phase !== "bounce" && phase !== "record",
      );
      return `${parts} ${place}${phases.length === 0 ? "" : ` (${phases.join(", ")})`}`;
    })
    .join("; ");
}

/** What delivery means for this kind of sender. */
function rulesFor({
  posture,
  byDomain,
}: Pick<Evidence, "posture" | "byDomain">): Pick<Posture, "deliveryUnderTls" | "note"> {
  return byDomain === true && posture.byDomain !== undefined ? posture.byDomain : posture;
}

/** Why a TLS session that carried more than its opening was not safe; undefined where it was. */
function weakness(
  { findings = [], ...evidence }: Evidence,
  used: readonly ConnectionRecord[],
): string | undefined {
  for (const { tls, met } of used) {
    const version = parseTlsVersion(tls?.version ?? "");
    if (version !== undefined && compareTlsVersions(version, "TLSv1.2") < 0) return `it sent over ${version}`;
    if (tls !== undefined && gradeSuite(tls.cipher) === "broken")
      return `it sent with the suite ${tls.cipher}`;
    // Only what the server really showed counts against a sender.
    const { deliveryUnderTls, note } = rulesFor(evidence);
    if (deliveryUnderTls === "weak" && met.length > 0)
      return note ?? "it sent to a server that it should not have trusted";
  }
  return findings[0];
}

/** Why it cannot be said what the sender does here; undefined where it can. */
function doubt(
  evidence: Evidence,
  met: boolean,
  delivered: boolean,
): { verdict: Verdict; reason: string } | undefined {
  const { connections, outcome, posture } = evidence;
  const queue = evidence.queue === undefined ? undefined : seenTries(evidence.queue, connections.length);
  const inconclusive = (reason: string): { verdict: Verdict; reason: string } => ({
    verdict: "inconclusive",
    reason,
  });
  if (connections.length === 0) {
    // Whoever stops a message has no need to connect.
    if (posture.bodyMayNotPass === true && ["sent", "failed", "unreported"].includes(outcome.ended))
      return undefined;
    // To stay away for a reason of its own, and to try again later, is to hold.
    if (queue?.holds === true && queue.tries >= enoughTries) return undefined;
    const why = outcome.reason === "" ? (queue?.reason ?? "") : outcome.reason;
    return inconclusive(why === "" ? "the sender never came" : `the sender never came: ${why}`);
  }
  if (outcome.ended === "stopped" && !delivered) return inconclusive(outcome.reason);
  if (!delivered && queue?.holds === true && queue.tries < enoughTries) {
    return inconclusive(
      `the sender's queue tried ${plural(queue.tries, "time")} only, and holds the message`,
    );
  }
  const undecided = connections.find((connection) => connection.undecided !== undefined)?.undecided;
  if (undecided !== undefined) return inconclusive(undecided);
  if (connections.some(({ truncated }) => truncated)) return inconclusive("more came than is recorded");
  const strange = connections.reduce((sum, connection) => sum + unexplained(connection), 0);
  if (strange > 0)
    return inconclusive(
      `${plural(strange, "byte")} came in clear text that are no command of the protocol's opening`,
    );
  const stray = connections.some((connection) => connection.met.includes(strayTls));
  if (stray && evidence.tls === "starttls" && posture.starttls !== "never") {
    return inconclusive("the sender spoke TLS from the first byte here, and STARTTLS in the controls");
  }
  if (met || evidence.good === true) return undefined;
  if (delivered)
    return { verdict: "not-run", reason: "the sender delivered well and never met what is different here" };
  return inconclusive(
    `the sender ended before it met what is different here${outcome.reason === "" ? "" : `: ${outcome.reason}`}`,
  );
}

function lost({ waitedMs, queue }: Evidence): string {
  if (queue !== undefined)
    return "the sender took the message, and has neither delivered, kept nor reported it";
  const waited = Math.round(waitedMs / 100) / 10;
  return `the sender reported success, and the message did not arrive within ${waited} s: one that queues needs a longer wait`;
}

/** What a held posture looked like. */
function held(evidence: Evidence, judged: { delivered: boolean; copies: number; bounced: boolean }): string {
  const { posture, outcome, queue, connections } = evidence;
  if (posture.bodyMayNotPass === true)
    return judged.delivered ? "a message arrived without the body" : "the message was stopped";
  if (judged.delivered) {
    const { deliveryUnderTls, note } = rulesFor(evidence);
    const twice = judged.copies > 1 ? `, ${judged.copies} times` : "";
    const limit = deliveryUnderTls === "noted" ? `; ${note}` : "";
    return `delivered under TLS${twice}${limit}`;
  }
  const said = connections.length === 0 ? "the sender stayed away" : "nothing but the opening was said";
  if (queue?.holds === true) {
    return `${said}, and the message waits in the sender's queue${queue.reason === "" ? "" : `: ${queue.reason}`}`;
  }
  if (queue?.reported === true && !judged.bounced) {
    return `${said}, and the message was given up: the sender's report about it was not taken here either`;
  }
  if (judged.bounced) return "not delivered; the sender was told by a bounce under TLS";
  const unseen =
    outcome.ended === "unreported" ? "; whether the sender keeps it for later cannot be seen" : "";
  const why = outcome.ended === "failed" && outcome.reason !== "" ? `: ${outcome.reason}` : unseen;
  return `${said}, and the message was not delivered${why}`;
}

/**
 * Judges one posture from the wire at the receiver. What the sender says of itself tells a loss from a delay and
 * nothing else.
 */
export function judge(evidence: Evidence): Judgement {
  const { connections, canaries, posture, outcome } = evidence;
  const own = ({ posture: owner }: LeakOf): boolean => owner === undefined || owner === posture.id;
  const { bounceMayNotHold: forbidden } = posture;
  const { others = [] } = evidence;
  const messages = connections
    .flatMap((connection) => connection.messages)
    .filter(({ to }) => !to.some((address) => others.includes(address.toLowerCase())));
  const reports = messages.filter((message) =>
    forbidden === undefined ? isBounce(message) : isReport(message, evidence.correspondents),
  );
  const leaked = [
    ...connections.flatMap((connection) => leaksOf(connection, canaries)).filter(own),
    ...echoesOf(reports, canaries, forbidden ?? []).filter(own),
  ].map(({ leak }) => leak);
  const all = dedupe([...leaked, ...(evidence.leakedElsewhere ?? [])]);
  const session = connections.findLast(({ tls }) => tls !== undefined)?.tls;
  const taken = messages.filter((message) => message.accepted && !reports.includes(message));
  const delivered = taken.length > 0;
  const common = {
    leaked: all,
    tls: session === undefined ? null : { version: session.version, cipher: session.cipher },
    delivered,
    copies: taken.length,
  };
  if (all.length > 0) return { ...common, verdict: "leaked", reason: describe(all) };
  const used = connections.filter((connection) => saidMore(connection, "tls"));
  const weak = weakness(evidence, used);
  if (weak !== undefined) return { ...common, verdict: "weak", reason: weak };
  const met = connections.some((connection) => connection.met.length > 0);
  const uncertain = doubt(evidence, met, delivered);
  if (uncertain !== undefined) return { ...common, ...uncertain };
  const bounced = reports.some(({ accepted }) => accepted);
  const { queue } = evidence;
  const mayEnd = posture.mayBeGivenUp === true || posture.bodyMayNotPass === true;
  const kept = queue?.holds === true || queue?.reported === true;
  if (outcome.ended === "sent" && !delivered && !bounced && !kept && !mayEnd) {
    return { ...common, verdict: "lost", reason: lost(evidence) };
  }
  return { ...common, verdict: "held", reason: held(evidence, { delivered, copies: taken.length, bounced }) };
}

function dedupe(leaks: readonly Leak[]): Leak[] {
  return [...new Map(leaks.map((leak) => [JSON.stringify(leak), leak])).values()];
}
