import type { DriverName } from "../connection.ts";
import type { Posture, PostureNeed } from "../posture-server/posture.ts";
import { hasLoopback6, loopbackAddress } from "../resources/listen.ts";

/** Where senders meet posture servers. The containers driver brings one of its own. */
export interface ProbeEnvironment {
  readonly driver: DriverName;
  /** What postures can have here beside a server. */
  readonly provides: ReadonlySet<PostureNeed>;
  /** The address that servers listen on, unless a posture brings its own. */
  readonly address: string;
  /** What senders are told instead of the address, where that differs. */
  readonly host?: string;
  /**
   * Runs when the server of a posture is ready and before the sender starts: publishes zones, policies and records
   * that lead to it. What it gives is undone when the posture is over.
   */
  prepare?(posture: Posture, server: { readonly port: number }): Promise<AsyncDisposable>;
}

/** Senders on this machine, servers on its loopback address. */
export function loopbackEnvironment(): ProbeEnvironment {
  return {
    driver: "in-process",
    provides: new Set<PostureNeed>(hasLoopback6() ? ["loopback-ipv6"] : []),
    address: loopbackAddress,
  };
}
