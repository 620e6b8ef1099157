import type { Verdict } from "../posture-server/posture.ts";
import { strayTls } from "../posture-server/session.ts";
import type { Canaries } from "../probe/canary.ts";
import { isBounce, type Leak, leaksOf } from "../probe/leak.ts";
import type { MessageCounts } from "../probe/report.ts";
import type { ConnectionRecord } from "../wire/record.ts";

/** What was seen while something failed, and what it means. */
export interface FaultJudgement {
  readonly verdict: Verdict;
  /** In words, for every verdict. */
  readonly reason: string;
  readonly leaked: readonly Leak[];
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  readonly messages: MessageCounts;
  /** The mail server began with TLS where a greeting was to be read first. */
  readonly beganWithTls: boolean;
}

export interface FaultEvidence {
  readonly connections: readonly ConnectionRecord[];
  readonly canaries: Canaries;
  /** The messages that were taken over, by name, each with its recipient. */
  readonly accepted: ReadonlyMap<string, string>;
  /** What the mail server says in its log that it has given up and reported: recipients, in lower case. */
  readonly reported: ReadonlySet<string>;
  readonly refused: number;
  /** The queue was empty in the end. */
  readonly drained: boolean;
  readonly waitedMs: number;
  /** Why the fault did not happen; undefined when it did. */
  readonly missed: string | undefined;
}

/** How often each recipient got each message; and which messages came back in a bounce. */
function arrivals({ connections, canaries }: FaultEvidence): {
  readonly copies: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly bounced: ReadonlySet<string>;
} {
  const copies = new Map<string, Map<string, number>>();
  const bounced = new Set<string>();
  for (const message of connections.flatMap(({ messages }) => messages)) {
    if (!message.accepted) continue;
    const names = new Set(canaries.find(message.content).map(({ canary }) => canary.posture));
    for (const name of names) {
      if (isBounce(message)) {
        bounced.add(name);
        continue;
      }
      const counts = copies.get(name) ?? new Map<string, number>();
      for (const to of message.to.map((address) => address.toLowerCase()))
        counts.set(to, (counts.get(to) ?? 0) + 1);
      copies.set(name, counts);
    }
  }
  return { copies, bounced };
}

/** Judges from what arrived. A message that was neither delivered, kept nor reported is lost. */
export function judgeFault(evidence: FaultEvidence): FaultJudgement {
  const { connections, canaries, accepted, refused, drained, waitedMs, missed } = evidence;
  const { copies, bounced } = arrivals(evidence);
  const isReported = (name: string): boolean =>
    bounced.has(name) || evidence.reported.has(accepted.get(name)?.toLowerCase() ?? "");
  const names = [...accepted.keys()];
  const missing = names.filter((name) => !copies.has(name) && !isReported(name)).length;
  const messages: MessageCounts = {
    accepted: accepted.size,
    refused,
    arrived: names.filter((name) => copies.has(name)).length,
    reported: names.filter((name) => !copies.has(name) && isReported(name)).length,
    lost: drained ? missing : 0,
    doubled: [...copies.values()].filter((counts) => [...counts.values()].some((count) => count > 1)).length,
  };
  const leaks = connections.flatMap((connection) => leaksOf(connection, canaries)).map(({ leak }) => leak);
  const leaked = [...new Map(leaks.map((leak) => [JSON.stringify(leak), leak])).values()];
  const session = connections.findLast(({ tls }) => tls !== undefined)?.tls;
  const common = {
    leaked,
    tls: session === undefined ? null : { version: session.version, cipher: session.cipher },
    messages,
    beganWithTls: connections.some(({ met }) => met.includes(strayTls)),
  };
  const counted = inWords(messages);
  const of = `of ${accepted.size} accepted messages`;
  if (leaked.length > 0) {
    const parts = [...new Set(leaked.map(({ part }) => part))].join(", ");
    return { ...common, verdict: "leaked", reason: `${parts} in clear text; ${counted}` };
  }
  if (messages.lost > 0)
    return { ...common, verdict: "lost", reason: `${messages.lost} ${of} never arrived; ${counted}` };
  if (messages.doubled > 0)
    return {
      ...common,
      verdict: "weak",
      reason: `${messages.doubled} ${of} came more than once; ${counted}`,
    };
  if (accepted.size === 0) return { ...common, verdict: "inconclusive", reason: "no message was accepted" };
  if (missing > 0) {
    const reason = `${missing} ${of} are still in the queue after ${Math.round(waitedMs / 1000)} s; ${counted}`;
    return { ...common, verdict: "inconclusive", reason };
  }
  if (missed !== undefined) return { ...common, verdict: "inconclusive", reason: `${missed}; ${counted}` };
  return { ...common, verdict: "held", reason: counted };
}

function inWords({ accepted, refused, arrived, reported }: MessageCounts): string {
  const parts = [`${arrived} of ${accepted} accepted messages arrived`];
  if (reported > 0) parts.push(`${reported} were reported as undeliverable`);
  if (refused > 0) parts.push(`${refused} were refused, and whoever handed them in was told`);
  return parts.join(", ");
}
