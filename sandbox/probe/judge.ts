import { compareTlsVersions, parseTlsVersion } from "#base/tls-version.ts";
import type { Posture, Verdict } from "../posture-server/posture.ts";
import { strayTls } from "../posture-server/session.ts";
import type { ConnectionRecord } from "../wire/record.ts";
import type { Canaries } from "./canary.ts";
import { echoesOf, isBounce, type Leak, type LeakOf, leaksOf, saidMore, unexplained } from "./leak.ts";
import type { SendOutcome, TlsStart } from "./sender.ts";
import { gradeSuite } from "./suites.ts";

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
    "id" | "deliveryUnderTls" | "note" | "bodyMayNotPass" | "bounceMayNotHold" | "implicit" | "starttls"
  >;
  readonly connections: readonly ConnectionRecord[];
  readonly outcome: SendOutcome;
  readonly canaries: Canaries;
  readonly tls: TlsStart;
  /** What a posture's own code found. */
  readonly findings?: readonly string[];
  /** Clear text that this posture's message left at other servers of the run. */
  readonly leakedElsewhere?: readonly Leak[];
  /** Milliseconds for which retries were waited for, and whether the queue said that none will come. */
  readonly waitedMs: number;
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

/** Why a TLS session that carried more than its opening was not safe; undefined where it was. */
function weakness(
  { posture, findings = [] }: Evidence,
  used: readonly ConnectionRecord[],
): string | undefined {
  for (const { tls, met } of used) {
    const version = parseTlsVersion(tls?.version ?? "");
    if (version !== undefined && compareTlsVersions(version, "TLSv1.2") < 0) return `it sent over ${version}`;
    if (tls !== undefined && gradeSuite(tls.cipher) === "broken")
      return `it sent with the suite ${tls.cipher}`;
    // Only what the server really showed counts against a sender.
    if (posture.deliveryUnderTls === "weak" && met.length > 0)
      return posture.note ?? "it sent to a server that it should not have trusted";
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
  const inconclusive = (reason: string): { verdict: Verdict; reason: string } => ({
    verdict: "inconclusive",
    reason,
  });
  if (connections.length === 0) {
    // Whoever stops a message has no need to connect.
    if (posture.bodyMayNotPass === true && ["sent", "failed", "unreported"].includes(outcome.ended))
      return undefined;
    return inconclusive(
      outcome.reason === "" ? "the sender never came" : `the sender never came: ${outcome.reason}`,
    );
  }
  if (outcome.ended === "stopped" && !delivered) return inconclusive(outcome.reason);
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

/** What a held posture looked like. */
function held(evidence: Evidence, judged: { delivered: boolean; copies: number; bounced: boolean }): string {
  const { posture, outcome } = evidence;
  if (posture.bodyMayNotPass === true)
    return judged.delivered ? "a message arrived without the body" : "the message was stopped";
  if (judged.delivered) {
    const twice = judged.copies > 1 ? `, ${judged.copies} times` : "";
    const limit = posture.deliveryUnderTls === "noted" ? `; ${posture.note}` : "";
    return `delivered under TLS${twice}${limit}`;
  }
  if (judged.bounced) return "not delivered; the sender was told by a bounce under TLS";
  const unseen =
    outcome.ended === "unreported" ? "; whether the sender keeps it for later cannot be seen" : "";
  const said = outcome.ended === "failed" && outcome.reason !== "" ? `: ${outcome.reason}` : unseen;
  return `nothing but the opening was said, and the message was not delivered${said}`;
}

/**
 * Judges one posture from the wire at the receiver. What the sender says of itself tells a loss from a delay and
 * nothing else.
 */
export function judge(evidence: Evidence): Judgement {
  const { connections, canaries, posture, outcome } = evidence;
  const own = ({ posture: owner }: LeakOf): boolean => owner === undefined || owner === posture.id;
  const forbidden = posture.bounceMayNotHold ?? [];
  const leaked = [
    ...connections.flatMap((connection) => leaksOf(connection, canaries)).filter(own),
    ...connections.flatMap((connection) => echoesOf(connection, canaries, forbidden)).filter(own),
  ].map(({ leak }) => leak);
  const all = dedupe([...leaked, ...(evidence.leakedElsewhere ?? [])]);
  const session = connections.findLast(({ tls }) => tls !== undefined)?.tls;
  const messages = connections.flatMap((connection) => connection.messages);
  const taken = messages.filter((message) => message.accepted && !isBounce(message));
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
  const bounced = messages.some((message) => message.accepted && isBounce(message));
  if (outcome.ended === "sent" && !delivered && !bounced && posture.bodyMayNotPass !== true) {
    const waited = Math.round(evidence.waitedMs / 100) / 10;
    const reason = `the sender reported success, and the message did not arrive within ${waited} s: one that queues needs a longer wait`;
    return { ...common, verdict: "lost", reason };
  }
  return { ...common, verdict: "held", reason: held(evidence, { delivered, copies: taken.length, bounced }) };
}

function dedupe(leaks: readonly Leak[]): Leak[] {
  return [...new Map(leaks.map((leak) => [JSON.stringify(leak), leak])).values()];
}
