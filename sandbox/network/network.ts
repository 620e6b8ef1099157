import { RunningContainer } from "../containers/container.ts";
import type { Engine } from "../containers/engine.ts";
import { SandboxError } from "../error.ts";
import { hasLoopback6 } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { Tunnel, type TunnelTarget } from "./tunnel.ts";
import { addresses, writeZones, type Zones } from "./zones.ts";

/** Where the names of a network lead to on this machine. */
export interface Targets {
  readonly server?: TunnelTarget | undefined;
  readonly server6?: TunnelTarget | undefined;
  readonly backup?: TunnelTarget | undefined;
  readonly policyHost?: TunnelTarget | undefined;
}

/** IPv6 on the loopback interface, and listening on addresses that are local by their route alone. */
const ipv6Settings = {
  "net.ipv6.conf.all.disable_ipv6": "0",
  "net.ipv6.conf.lo.disable_ipv6": "0",
  "net.ipv6.ip_nonlocal_bind": "1",
};

/** Ports at which mail servers are looked for. */
const mailPorts = [25, 465, 587, 2525];

/**
 * A network without a way out: zones, a resolver that knows only them, and servers of this machine at their addresses.
 * Containers join it with `network: network.container`.
 */
export class Network implements AsyncDisposable {
  readonly container: RunningContainer;
  private readonly tunnel: Tunnel;
  private readonly resources: ResourceStack;
  private readonly ports = new Set<number>();
  private targets: Targets = {};
  private serial = 1;

  private constructor(container: RunningContainer, tunnel: Tunnel, resources: ResourceStack) {
    this.container = container;
    this.tunnel = tunnel;
    this.resources = resources;
  }

  /** @throws SandboxError */
  static async start(engine: Engine, image: string): Promise<Network> {
    const resources = new ResourceStack();
    try {
      const container = resources.use(
        await RunningContainer.start(engine, {
          image,
          purpose: "network",
          hostName: "mail.sandbox.test",
          command: ["sleep", "infinity"],
          network: "none",
          // In this network only: routes that make the addresses local.
          capabilities: ["NET_ADMIN"],
          sysctls: hasLoopback6() ? ipv6Settings : {},
        }),
      );
      const { status, errors } = await container.execute(["sh", "/usr/local/sbin/start-network"]);
      if (status !== 0) throw failure("cannot be started", errors);
      const tunnel = new Tunnel(await container.attach(["tunnel"]));
      const network = new Network(container, tunnel, resources);
      await network.lead([["policyHost", 443]]);
      await network.accept(mailPorts);
      return network;
    } catch (error) {
      await resources[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has the names lead where they should from now on. */
  async publish(zones: Zones, targets: Targets): Promise<void> {
    this.targets = targets;
    const text = writeZones(zones, ++this.serial);
    const { status, errors } = await this.container.execute(
      ["sh", "/usr/local/sbin/publish", zones.delegation],
      text,
    );
    if (status !== 0) throw failure("does not take its zones", errors);
  }

  /** Has mail servers be found at further ports. */
  async accept(ports: readonly number[]): Promise<void> {
    const further = ports.filter((port) => !this.ports.has(port));
    for (const port of further) this.ports.add(port);
    const hosts = ["server", "backup", ...(hasLoopback6() ? (["server6"] as const) : [])] as const;
    await this.lead(hosts.flatMap((host) => further.map((port) => [host, port] as const)));
  }

  /** From now on nobody is at any address. */
  withdraw(): void {
    this.targets = {};
  }

  /** Resets every connection that is open, in the middle of whatever it carries. */
  cut(): void {
    this.tunnel.cut();
  }

  /**
   * Leads what goes to addresses of the run into the tunnel. By translation, since the system in the network may
   * itself listen at the same ports of every address.
   */
  private async lead(places: readonly (readonly [keyof Targets, number])[]): Promise<void> {
    const rules: string[] = [];
    for (const [host, port] of places) {
      const family = host === "server6" ? "ip6" : "ip";
      const listener = await this.tunnel.accept(
        family === "ip6" ? "::1" : "127.0.0.1",
        () => this.targets[host],
      );
      rules.push(
        `add rule ${family} run lead ${family} daddr ${addresses[host]} tcp dport ${port} redirect to :${listener}`,
      );
    }
    const families = ["ip", ...(hasLoopback6() ? ["ip6"] : [])];
    const chains = families.flatMap((family) => [
      `add table ${family} run`,
      `add chain ${family} run lead { type nat hook output priority -100 ; }`,
    ]);
    const { status, errors } = await this.container.execute(
      ["nft", "-f", "-"],
      [...chains, ...rules, ""].join("\n"),
    );
    if (status !== 0) throw failure("cannot lead to its servers", errors);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources[Symbol.asyncDispose]();
  }
}

function failure(what: string, errors: string): SandboxError {
  const line = errors.trim().split("\n").at(-1) ?? "";
  return new SandboxError("environment", "network-failed", `the network of the run ${what}: ${line}`);
}
