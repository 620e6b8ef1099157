import { RunningContainer } from "../containers/container.ts";
import type { Engine } from "../containers/engine.ts";
import { Network } from "../network/network.ts";
import { addresses } from "../network/zones.ts";
import { ResourceStack } from "../resources/stack.ts";
import type { InstalledSystem, SendingSystem } from "./system.ts";

/** A sending system in a container, in a network that holds nothing else. */
export class Site implements AsyncDisposable {
  readonly network: Network;
  readonly container: RunningContainer;
  readonly system: InstalledSystem;
  private readonly resources: ResourceStack;
  private started = false;

  private constructor(
    network: Network,
    container: RunningContainer,
    system: InstalledSystem,
    resources: ResourceStack,
  ) {
    this.network = network;
    this.container = container;
    this.system = system;
    this.resources = resources;
  }

  /** @throws SandboxError */
  static async open(
    engine: Engine,
    system: SendingSystem,
    images: { readonly network: string; readonly system: string },
    memoryFolders: Readonly<Record<string, string>> = {},
  ): Promise<Site> {
    const resources = new ResourceStack();
    try {
      const network = resources.use(await Network.start(engine, images.network));
      const container = resources.use(
        await RunningContainer.start(engine, {
          image: images.system,
          purpose: system.kind,
          command: ["sleep", "infinity"],
          network: network.container,
          files: system.files,
          memoryFolders,
        }),
      );
      // The engine's own file cannot be replaced, only written.
      await container.execute(
        ["sh", "-c", "cat >/etc/resolv.conf"],
        `nameserver ${addresses.resolver}\noptions edns0 trust-ad\n`,
      );
      return new Site(network, container, system.install(container), resources);
    } catch (error) {
      await resources[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes the system ready to send; once. @throws SandboxError */
  async start(ca: string): Promise<void> {
    if (this.started) return;
    this.started = true;
    await this.system.start(ca);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources[Symbol.asyncDispose]();
  }
}
