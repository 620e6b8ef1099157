import { setTimeout as pause } from "node:timers/promises";
import { loadBehaviour, type PostureBehaviour } from "../posture-server/behaviour.ts";
import type { Posture } from "../posture-server/posture.ts";
import { type PostureServer, startPostureServer } from "../posture-server/server.ts";
import { backupAddress, loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import type { ConnectionRecord } from "../wire/record.ts";
import { carriedParts } from "./arrival.ts";
import { enoughTries, type Judgement, judge, seenTries } from "./judge.ts";
import { type LeakOf, leaksOf } from "./leak.ts";
import { makeMessage } from "./message.ts";
import type { Run } from "./run.ts";
import type { Arrangement, QueueState, Sender, SendOrder, SendOutcome, TlsStart } from "./sender.ts";

/** One sender meeting one server: what was asked, what the sender said, what the wire showed. */
export interface Encounter {
  readonly posture: Posture;
  readonly order: SendOrder;
  readonly server: PostureServer;
  readonly behaviour: PostureBehaviour | undefined;
  readonly outcome: SendOutcome;
  readonly sender: Sender;
  readonly tls: TlsStart;
  readonly resources: ResourceStack;
  readonly arrangement: Arrangement | undefined;
  /** The server is a good one: what is special, if anything, is in the message. */
  readonly good: boolean;
}

function isGood({ server, message }: Posture, behaviour: PostureBehaviour | undefined): boolean {
  if (server === undefined) return behaviour === undefined;
  const { hooks, planFor, prepare } = behaviour ?? {};
  const isPlain =
    Object.keys(server).length === 0 && [hooks, planFor, prepare].every((part) => part === undefined);
  return isPlain && message?.payload !== undefined;
}

const shortWait = 150;
const pollInterval = 25;

function isAccepted(connections: readonly ConnectionRecord[]): boolean {
  return connections.some(({ messages }) => messages.some(({ accepted }) => accepted));
}

/** Resolves when somebody has come and gone; false when the time is over. */
async function served(
  { connections }: PostureServer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end && !signal.aborted; await pause(pollInterval)) {
    if (connections.some(({ closedAt }) => closedAt !== undefined)) return true;
  }
  return false;
}

/** Whether TLS begins with the connection for this sender at this server. */
function implicitTls(posture: Posture, tls: TlsStart): boolean {
  return tls === "implicit" && posture.implicit !== "clear";
}

/** Starts the server of a posture and has the sender send its message there. */
export async function meet(run: Run, posture: Posture, sender: Sender, tls: TlsStart): Promise<Encounter> {
  const resources = new ResourceStack();
  try {
    const { environment, authority, canaries, options } = run;
    const behaviour = posture.behaviour === true ? await loadBehaviour(posture.id) : undefined;
    if (behaviour?.prepare !== undefined) resources.use(await behaviour.prepare(authority));
    const server = resources.use(
      await startPostureServer({
        plan: posture.server ?? {},
        authority,
        implicitTls: implicitTls(posture, tls),
        addresses: behaviour?.addresses ?? [
          // A name leads to the address that everybody knows.
          posture.host === undefined ? environment.address : loopbackAddress,
          ...(posture.backup === undefined ? [] : [backupAddress]),
        ],
        planFor: (address) => (address === backupAddress ? posture.backup : behaviour?.planFor?.(address)),
        ...(behaviour?.hooks === undefined ? {} : { hooks: behaviour.hooks }),
        ...(sender.fixedPort === undefined ? {} : { port: sender.fixedPort }),
      }),
    );
    const arrangement = await sender.arrange?.({ posture, server, authority });
    if (arrangement !== undefined) resources.use(arrangement);
    const { before = [], recipient, ...content } = posture.message ?? {};
    const domain = recipient === "exempted" ? environment.recipients?.exempted : undefined;
    const message = makeMessage(canaries, posture.id, { ...content, domain });
    const order: SendOrder = {
      host: posture.host ?? environment.address,
      port: server.port,
      user: sender.fixedLogIn?.user ?? "hipaa-check",
      password: sender.fixedLogIn?.password ?? canaries.make(posture.id, "password"),
      ca: run.ca,
      message,
      via: recipient === "forwarding" ? environment.recipients?.forwarding : undefined,
      before: before.map((other, index) => makeMessage(canaries, `${posture.id} before ${index + 1}`, other)),
      messageFile: await run.folder.write(
        `${posture.id.replace(/\W/g, "-")}-${server.port}.eml`,
        message.raw,
      ),
      tls,
    };
    if (sender.kind === "smtp" && sender.fixedPort !== undefined) {
      const { from, to } = message;
      options.onEvent?.({ kind: "waiting", posture: posture.id, relay: order, from, to });
    }
    const { timeoutMs } = run;
    const outcome = await sender.send(order, {
      timeoutMs,
      signal: run.signal,
      served: () => served(server, timeoutMs, run.signal),
    });
    const good = isGood(posture, behaviour);
    return { posture, order, server, behaviour, outcome, sender, tls, resources, arrangement, good };
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw error;
  }
}

/** How long a sender was watched for later tries, and what its queue said in the end. */
export interface Waiting {
  readonly ms: number;
  /** Undefined where it cannot be seen. */
  readonly queue: QueueState | undefined;
}

/**
 * Waits for what the sender may do later: as long as its queue holds the message and has not shown all of its tries,
 * where that can be seen, else for the recorded time since it last did something. A message that was accepted is not
 * sent again.
 */
export async function waitForRetries(
  run: Run,
  { posture, server, sender, order, outcome }: Encounter,
): Promise<Waiting> {
  const start = Date.now();
  const lastActivity = (): number => Math.max(start, ...server.connections.map(({ lastAt }) => lastAt));
  const quiet = (): number => Date.now() - lastActivity();
  let queue: QueueState | undefined;
  while (!run.signal.aborted) {
    const settled = isAccepted(server.connections) || outcome.ended === "not-started";
    queue = sender.queue?.(order);
    if (queue === undefined && quiet() >= (settled ? shortWait : run.retryWaitMs)) break;
    const done =
      outcome.ended === "not-started" ||
      (queue !== undefined && isOver(seenTries(queue, server.connections.length), posture));
    if (done && quiet() >= shortWait) break;
    if (Date.now() - start > run.longestWaitMs) break;
    await pause(pollInterval);
  }
  return { ms: Date.now() - start, queue };
}

function isOver({ holds, tries }: QueueState, { network }: Posture): boolean {
  if (!holds) return true;
  // Where the message is to be given up, the end of it is what counts.
  return network?.lifetime === undefined && tries >= enoughTries;
}

/** Judges an encounter whose waiting is over. */
export function conclude(run: Run, encounter: Encounter, waiting: Waiting): Judgement {
  const { posture, order, server, behaviour, outcome, tls, good, arrangement } = encounter;
  const findings = [
    ...server.connections.flatMap((connection) => [
      ...connection.findings,
      ...(behaviour?.judge?.(connection) ?? []),
    ]),
    ...(arrangement?.findings() ?? []),
  ];
  if (posture.bodyMayNotPass === true) {
    const messages = server.connections.flatMap((connection) => connection.messages);
    if (carriedParts(messages, posture.id, run.canaries).has("body"))
      findings.push(posture.note ?? "the message arrived with its body");
  }
  const judgement = judge({
    posture,
    connections: server.connections,
    outcome,
    canaries: run.canaries,
    tls,
    findings,
    waitedMs: waiting.ms,
    queue: waiting.queue,
    correspondents: order.message,
    others: order.before.map(({ to }) => to),
    byDomain: run.environment.byDomain === true,
    good,
    leakedElsewhere: run.takeStrayLeaks(posture.id),
  });
  return { ...judgement, reason: run.canaries.mark(judgement.reason) };
}

/** Clear text at this server that belongs to the messages of other postures. */
export function strayLeaks(run: Run, { posture, server }: Encounter): LeakOf[] {
  return server.connections
    .flatMap((connection) => leaksOf(connection, run.canaries))
    .filter(({ posture: owner }) => owner !== undefined && owner !== posture.id);
}
