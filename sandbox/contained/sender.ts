import { openEngine } from "../containers/engine.ts";
import { ensureImage } from "../containers/image.ts";
import { SandboxError } from "../error.ts";
import { startPolicyHost } from "../network/policy-host.ts";
import { tlsaRecords } from "../network/tlsa.ts";
import type { TunnelTarget } from "../network/tunnel.ts";
import { backupName, serverName, type Zones } from "../network/zones.ts";
import type { NetworkPlan, PostureNeed } from "../posture-server/posture.ts";
import type { ProbeEnvironment } from "../probe/environment.ts";
import { senderDomain } from "../probe/message.ts";
import type {
  Arrangement,
  Occasion,
  QueueState,
  SendContext,
  Sender,
  SendOrder,
  SendOutcome,
} from "../probe/sender.ts";
import { backupAddress, hasLoopback6, loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { Site } from "./site.ts";
import { Sites } from "./sites.ts";
import type { SendingSystem, SystemTraits } from "./system.ts";

export interface ContainedOptions {
  /** Sites at a time, and so postures; default 6. */
  readonly sites?: number;
  /** What the recipient's domain publishes in postures that say nothing about it; default nothing. */
  readonly published?: NetworkPlan;
  /** Told, one line each, what takes long. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const defaultSites = 6;

/** A sender whose system runs in containers, with a network of its own for each posture. */
class ContainedSender implements Sender {
  readonly kind: Sender["kind"];
  readonly name: string;
  readonly software: string;
  readonly overlay: readonly string[];
  readonly environment: ProbeEnvironment;
  private readonly backupNames: readonly string[];
  private readonly sites: Sites;
  private readonly published: NetworkPlan;
  /** By the port of the posture's server, which is in every order. */
  private readonly occupied = new Map<number, Site>();

  constructor(system: SendingSystem, traits: SystemTraits, sites: Sites, published: NetworkPlan) {
    this.kind = system.kind;
    this.name = system.name;
    this.software = traits.software;
    this.overlay = traits.overlay;
    this.backupNames = traits.backupNames;
    this.sites = sites;
    this.published = published;
    this.environment = environmentOf(traits);
  }

  async arrange(occasion: Occasion): Promise<Arrangement> {
    const { posture, server, authority } = occasion;
    const plan = posture.network ?? this.published;
    const resources = new ResourceStack();
    try {
      const site = await this.sites.take();
      resources.defer(() => this.sites.giveBack(site));
      await site.start(authority.root);
      const policyHost =
        plan.policy === undefined ? undefined : resources.use(await startPolicyHost(plan.policy, authority));
      const at = (host: string): TunnelTarget | undefined =>
        server.addresses.includes(host) ? { host, port: server.port } : undefined;
      await site.network.publish(await zonesOf(plan, occasion, this.backupNames), {
        server: at(loopbackAddress),
        server6: at("::1"),
        backup: at(backupAddress),
        policyHost: policyHost === undefined ? undefined : { host: loopbackAddress, port: policyHost.port },
      });
      if (plan.lifetime !== undefined) {
        await site.system.limitLifetime?.(plan.lifetime);
        resources.defer(() => site.system.limitLifetime?.(undefined));
      }
      if (plan.policy !== undefined) {
        resources.defer(async () => {
          // A message that is tried once more would have the policy fetched again.
          await site.system.clear();
          await site.system.forgetPolicies?.();
        });
      }
      this.occupied.set(server.port, site);
      resources.defer(() => this.occupied.delete(server.port));
      return {
        findings: () => policyHost?.findings() ?? [],
        [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
      };
    } catch (error) {
      await resources[Symbol.asyncDispose]();
      throw error;
    }
  }

  async send(order: SendOrder, context: SendContext): Promise<SendOutcome> {
    return await this.siteOf(order).system.submit(order, context);
  }

  queue(order: SendOrder): QueueState | undefined {
    return this.siteOf(order).system.queue?.(order);
  }

  async logs(): Promise<string> {
    return (await Promise.all(this.sites.all.map(({ system }) => system.logs()))).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sites[Symbol.asyncDispose]();
  }

  private siteOf({ port }: SendOrder): Site {
    const site = this.occupied.get(port);
    if (site !== undefined) return site;
    throw new SandboxError("environment", "site-missing", "the sender's network for this posture is gone");
  }
}

function environmentOf(traits: SystemTraits): ProbeEnvironment {
  const byDomain = traits.hosts.length === 0;
  const provides: PostureNeed[] = ["containers", ...traits.provides];
  if (byDomain) provides.push("dns");
  if (byDomain && hasLoopback6()) provides.push("loopback-ipv6");
  return {
    driver: "containers",
    provides: new Set(provides),
    address: loopbackAddress,
    hosts: byDomain ? [serverName, backupName, senderDomain] : traits.hosts,
    byDomain,
    recipients: traits.recipients,
  };
}

async function zonesOf(
  { delegation = "signed", tlsa, policy }: NetworkPlan,
  { server, authority }: Occasion,
  backupNames: readonly string[],
): Promise<Zones> {
  const second = server.addresses.includes("::1") ? "ipv6" : undefined;
  return {
    delegation,
    tlsa: tlsa === undefined ? [] : await tlsaRecords(tlsa, authority),
    policyId: policy === undefined ? undefined : String(Date.now()),
    second: server.addresses.includes(backupAddress) ? "backup" : second,
    backupNames,
  };
}

/**
 * A sender whose system runs in a container, and meets each server in a network that holds nothing else. Its images are
 * built where they are missing.
 * @throws SandboxError when there is no engine, or the system refuses its configuration
 */
export async function containedSender(
  system: SendingSystem,
  options: ContainedOptions = {},
): Promise<Sender> {
  const engine = await openEngine();
  const images = {
    network: await ensureImage(engine, "network", options),
    system: await ensureImage(engine, system.image, options),
  };
  const openSite = (): Promise<Site> => Site.open(engine, system, images);
  const first = await openSite();
  try {
    const traits = await first.system.traits();
    await first.network.accept(traits.ports);
    const sites = new Sites(first, {
      ports: traits.ports,
      most: options.sites ?? defaultSites,
      open: openSite,
    });
    return new ContainedSender(system, traits, sites, options.published ?? {});
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}
