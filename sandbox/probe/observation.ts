import type { ConnectionRecord, ReceivedMessage } from "../wire/record.ts";
import { type Arrival, arrivalOf } from "./arrival.ts";
import type { Canaries, CanaryPart } from "./canary.ts";
import type { Encounter } from "./encounter.ts";
import type { Judgement } from "./judge.ts";
import { isBounce } from "./leak.ts";

/** What one encounter showed beside its verdict. */
export interface Observation {
  /** The posture, or `control <group>`. */
  readonly posture: string;
  readonly judgement: Judgement;
  readonly connections: readonly ConnectionRecord[];
  /** Milliseconds between the first tries of the sender; empty where it tried once. */
  readonly intervals: readonly number[];
  readonly waitedMs: number;
  /** Parts that stood in what the sender wrote to its log or screen. */
  readonly logged: readonly CanaryPart[];
  /** The recipient that the sender was given. */
  readonly recipient: string;
  /** The first message that was taken over, where one was. */
  readonly accepted:
    | { readonly connection: ConnectionRecord; readonly message: ReceivedMessage; readonly arrival: Arrival }
    | undefined;
}

function firstAccepted(
  connections: readonly ConnectionRecord[],
  posture: string,
  canaries: Canaries,
): Observation["accepted"] {
  for (const connection of connections) {
    const message = connection.messages.find((candidate) => candidate.accepted && !isBounce(candidate));
    if (message !== undefined)
      return { connection, message, arrival: arrivalOf(connection, message, posture, canaries) };
  }
  return undefined;
}

/** Collects what is seen. */
export class Observations {
  private readonly list: Observation[] = [];

  add(
    { posture, server, outcome, order }: Encounter,
    judgement: Judgement,
    canaries: Canaries,
    waitedMs = 0,
  ): void {
    const { connections } = server;
    const opened = connections.map(({ openedAt }) => openedAt);
    this.list.push({
      posture: posture.id,
      judgement,
      connections,
      intervals: opened.slice(1).map((at, index) => at - (opened[index] ?? at)),
      waitedMs,
      logged: [...new Set(canaries.find(Buffer.from(outcome.log)).map(({ canary }) => canary.part))],
      recipient: order.message.to,
      accepted: firstAccepted(connections, posture.id, canaries),
    });
  }

  all(): readonly Observation[] {
    return this.list;
  }
}
