import { setTimeout as pause } from "node:timers/promises";
import { type Configuration, readConfiguration } from "../contained/postfix/configuration.ts";
import { PostfixMachine } from "../contained/postfix/machine.ts";
import { Site } from "../contained/site.ts";
import type { SystemTraits } from "../contained/system.ts";
import { type Engine, openEngine } from "../containers/engine.ts";
import { type BuildOptions, ensureImage } from "../containers/image.ts";
import { backupName, plainZones, serverName } from "../network/zones.ts";
import { Authority } from "../pki/authority.ts";
import { startPostureServer } from "../posture-server/server.ts";
import { Canaries } from "../probe/canary.ts";
import { recipientDomain, senderDomain } from "../probe/message.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { writeTranscript } from "../wire/transcript.ts";
import { type Fault, queueFolder } from "./faults.ts";
import { type FaultJudgement, judgeFault } from "./judge-fault.ts";
import { Postman } from "./postman.ts";
import { reportedIn } from "./reported.ts";

export interface StageOptions {
  /** For the queue to empty once everything works again. */
  readonly drainMs: number;
  readonly signal: AbortSignal;
}

export interface Performance {
  readonly judgement: FaultJudgement;
  readonly traits: SystemTraits;
  readonly transcript: string;
}

/** Small enough to be filled at once, and large enough for the messages of a run. */
const queueSize = "size=16m,mode=755";
export const queueOverlay = `${queueFolder}: in memory, 16 MiB, so that it can be filled`;
const pollMs = 500;
const logDelayMs = 3000;

/** Where faults happen: each in a container and a network of its own. */
export class Stage {
  private readonly folder: string;
  private readonly configuration: Configuration;
  private readonly engine: Engine;
  private readonly images: { readonly network: string; readonly system: string };

  private constructor(folder: string, configuration: Configuration, engine: Engine, images: Stage["images"]) {
    this.folder = folder;
    this.configuration = configuration;
    this.engine = engine;
    this.images = images;
  }

  /** @throws SandboxError when there is no container engine, no configuration, or an image cannot be built */
  static async open(folder: string, options: BuildOptions): Promise<Stage> {
    const configuration = await readConfiguration(folder);
    const engine = await openEngine();
    return new Stage(folder, configuration, engine, {
      network: await ensureImage(engine, "network", options),
      system: await ensureImage(engine, "postfix", options),
    });
  }

  /**
   * Lets one thing fail.
   * @throws SandboxError when Postfix refuses its configuration; whatever breaks when the signal ends it
   */
  async perform(fault: Fault, implicitTls: boolean, { drainMs, signal }: StageOptions): Promise<Performance> {
    await using resources = new ResourceStack();
    const { configuration } = this;
    const site = resources.use(
      await Site.open(
        this.engine,
        {
          kind: "postfix",
          name: this.folder,
          image: "postfix",
          files: configuration.files,
          install: (container) => new PostfixMachine(container, configuration),
        },
        this.images,
        { [queueFolder]: queueSize },
      ),
    );
    resources.use(endOn(signal, site));
    const traits = await site.system.traits();
    signal.throwIfAborted();
    await site.network.accept(traits.ports);
    const named = traits.hosts.length > 0 ? traits.hosts : [serverName, backupName, senderDomain];
    const authority = await Authority.create({ hosts: [...named, "localhost"], recipientDomain });
    await site.start(authority.root);
    signal.throwIfAborted();
    const { plan } = fault;
    const server = resources.use(await startPostureServer({ plan, authority, implicitTls }));
    const targets = { server: { host: loopbackAddress, port: server.port } };
    await site.network.publish(plainZones, targets);
    const canaries = new Canaries();
    const postman = new Postman(site.container, canaries, fault.id, signal);
    signal.throwIfAborted();
    const { connections } = server;
    const { container, network } = site;
    const missed = await fault.run({ postman, container, network, targets, connections });
    signal.throwIfAborted();
    const began = Date.now();
    let drained = false;
    while (!drained && !signal.aborted && Date.now() < began + drainMs) {
      await pause(pollMs);
      drained = await postman.nothingLeft();
    }
    const { accepted, refused } = postman;
    const waitedMs = Date.now() - began;
    const look = async (): Promise<FaultJudgement> => {
      const reported = reportedIn(await site.system.logs());
      return judgeFault({ connections, canaries, accepted, refused, reported, drained, waitedMs, missed });
    };
    let judgement = await look();
    // What the mail server wrote to its log comes here a moment later.
    for (const end = Date.now() + logDelayMs; judgement.verdict === "lost" && Date.now() < end; ) {
      await pause(pollMs);
      judgement = await look();
    }
    return {
      judgement,
      traits,
      transcript: writeTranscript(connections, (text) => canaries.mark(text)),
    };
  }
}

/** Takes a site away as soon as a run is interrupted, so that nothing that goes on there is waited for. */
function endOn(signal: AbortSignal, site: Site): AsyncDisposable {
  let gone: Promise<void> | undefined;
  const end = (): void => {
    gone = site[Symbol.asyncDispose]();
    gone.catch(() => undefined);
  };
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return {
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", end);
      await gone;
    },
  };
}
