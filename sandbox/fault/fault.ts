import { setTimeout as pause } from "node:timers/promises";
import type { StatedFact } from "#facts/facts-file.ts";
import { readConfiguration } from "../contained/postfix/configuration.ts";
import { PostfixMachine } from "../contained/postfix/machine.ts";
import { Site } from "../contained/site.ts";
import type { SystemTraits } from "../contained/system.ts";
import { openEngine } from "../containers/engine.ts";
import { ensureImage } from "../containers/image.ts";
import { SandboxError } from "../error.ts";
import { backupName, plainZones, serverName } from "../network/zones.ts";
import { Authority } from "../pki/authority.ts";
import { type PostureServer, startPostureServer } from "../posture-server/server.ts";
import { Canaries } from "../probe/canary.ts";
import { makeMessage, recipientDomain, senderDomain } from "../probe/message.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { type Fault, faults as shippedFaults } from "./faults.ts";
import { Postman } from "./postman.ts";

/** What came of the messages that were handed in while something failed. */
export interface FaultResult {
  readonly id: string;
  readonly title: string;
  /** `held`: each accepted message arrived once. `lost`: one did not, and is kept nowhere. `weak`: one came twice. */
  readonly verdict: "held" | "lost" | "weak" | "inconclusive";
  /** In words, for every verdict. */
  readonly reason: string;
  readonly accepted: number;
  /** Not taken over: whoever handed them in was told. */
  readonly refused: number;
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
}

/** The result of `probeFaults`, version 1. */
export interface FaultReport {
  readonly schemaVersion: "1";
  readonly sender: {
    readonly kind: "postfix";
    readonly name: string;
    readonly software: string;
    readonly overlay: readonly string[];
  };
  readonly driver: "containers";
  readonly faults: readonly FaultResult[];
  /** The run was interrupted: what is missing was not run. */
  readonly partial: boolean;
}

export interface FaultOptions {
  /** Default: the shipped ones. */
  readonly faults?: readonly Fault[];
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Small enough to be filled at once, and large enough for the messages of a run. */
const queueFolder = "/var/spool/postfix";
const queueSize = "size=16m,mode=755";
/** For the queue to empty once everything works again. */
const drainMs = 60_000;

function conclude(
  postman: Postman,
  server: PostureServer,
  drained: boolean,
): Omit<FaultResult, "id" | "title"> {
  const arrivals = new Map<string, number>();
  for (const { messages } of server.connections) {
    for (const { accepted, to } of messages) {
      if (accepted)
        for (const address of to)
          arrivals.set(address.toLowerCase(), (arrivals.get(address.toLowerCase()) ?? 0) + 1);
    }
  }
  const copies = postman.accepted.map((address) => arrivals.get(address) ?? 0);
  const missing = copies.filter((count) => count === 0).length;
  const counts = {
    accepted: copies.length,
    refused: postman.refused,
    arrived: copies.length - missing,
    lost: drained ? missing : 0,
    doubled: copies.filter((count) => count > 1).length,
  };
  const { accepted, refused, doubled } = counts;
  if (accepted === 0) return { ...counts, verdict: "inconclusive", reason: "no message was accepted" };
  if (missing > 0 && !drained) {
    const reason = `${missing} of ${accepted} accepted messages are still in the queue after ${drainMs / 1000} s`;
    return { ...counts, verdict: "inconclusive", reason };
  }
  if (missing > 0) {
    return {
      ...counts,
      verdict: "lost",
      reason: `${missing} of ${accepted} accepted messages never arrived`,
    };
  }
  const told = refused === 0 ? "" : `; ${refused} were refused, and whoever handed them in was told`;
  if (doubled > 0) {
    return {
      ...counts,
      verdict: "weak",
      reason: `${doubled} of ${accepted} accepted messages arrived twice${told}`,
    };
  }
  return { ...counts, verdict: "held", reason: `each of ${accepted} accepted messages arrived, once${told}` };
}

/**
 * Lets a Postfix with a user's configuration fail while it takes and passes on mail: it is killed and started again,
 * its disk filled, its network cut in the middle of messages. Nothing that it accepted may be lost or come twice.
 * @param folder holds `main.cf`, and `master.cf` and tables beside it
 * @throws SandboxError when there is no container engine, no configuration, or one that Postfix refuses
 */
export async function probeFaults(folder: string, options: FaultOptions = {}): Promise<FaultReport> {
  const { faults = shippedFaults, signal = new AbortController().signal } = options;
  const configuration = await readConfiguration(folder);
  const engine = await openEngine();
  const images = {
    network: await ensureImage(engine, "network", options),
    system: await ensureImage(engine, "postfix", options),
  };
  const results: FaultResult[] = [];
  let traits: SystemTraits | undefined;
  for (const { id, title, plan, run } of faults) {
    if (signal.aborted) break;
    options.onProgress?.(title);
    await using resources = new ResourceStack();
    const site = resources.use(
      await Site.open(
        engine,
        {
          kind: "postfix",
          name: folder,
          image: "postfix",
          files: configuration.files,
          install: (container) => new PostfixMachine(container, configuration),
        },
        images,
        { [queueFolder]: queueSize },
      ),
    );
    traits = await site.system.traits();
    await site.network.accept(traits.ports);
    const authority = await Authority.create({
      hosts: [
        ...(traits.hosts.length > 0 ? traits.hosts : [serverName, backupName, senderDomain]),
        "localhost",
      ],
      recipientDomain,
    });
    await site.start(authority.root);
    const server = resources.use(await startPostureServer({ plan, authority, implicitTls: false }));
    const targets = { server: { host: loopbackAddress, port: server.port } };
    await site.network.publish(plainZones, targets);
    const canaries = new Canaries();
    const postman = new Postman(site.container, () => makeMessage(canaries, id));
    await run({ postman, container: site.container, network: site.network, targets });
    let drained = false;
    for (const end = Date.now() + drainMs; !drained && Date.now() < end && !signal.aborted; ) {
      await pause(500);
      drained = await postman.nothingLeft();
    }
    if (!signal.aborted) results.push({ id, title, ...conclude(postman, server, drained) });
  }
  if (traits === undefined)
    throw new SandboxError("environment", "interrupted", "interrupted before anything was run");
  return {
    schemaVersion: "1",
    sender: {
      kind: "postfix",
      name: folder,
      software: traits.software,
      overlay: [...traits.overlay, `${queueFolder}: in memory, 16 MiB, so that it can be filled`],
    },
    driver: "containers",
    faults: results,
    partial: signal.aborted,
  };
}

/** 1 when a message was lost or came twice; else 3 when something could not be decided or the run is partial; else 0. */
export function faultExitCode({ faults: results, partial }: FaultReport): 0 | 1 | 3 {
  if (results.some(({ verdict }) => verdict === "lost" || verdict === "weak")) return 1;
  return partial || results.length === 0 || results.some(({ verdict }) => verdict === "inconclusive") ? 3 : 0;
}

/** What a run says, as facts for `check`. */
export function faultFacts({ sender, faults: results }: FaultReport): StatedFact[] {
  return results.map(({ id, verdict, reason, doubled }) => ({
    kind: "probe.posture",
    id: `${sender.name} at ${id}`,
    attributes: {
      sender: { value: sender.name },
      "sender.kind": { value: sender.kind },
      posture: { value: id },
      group: { value: "delivery" },
      verdict: verdict === "inconclusive" ? { unknown: reason } : { value: verdict, because: [reason] },
      requirements: { value: ["AVL-02"] },
      copies: { value: doubled > 0 ? 2 : 1 },
    },
  }));
}
