import type { DriverName } from "../connection.ts";
import type { PostureNeed } from "../posture-server/posture.ts";
import { hasLoopback6, loopbackAddress } from "../resources/listen.ts";

/** Where senders meet posture servers. A sender in a container brings one of its own. */
export interface ProbeEnvironment {
  readonly driver: DriverName;
  /** What postures can have here beside a server. */
  readonly provides: ReadonlySet<PostureNeed>;
  /** The address that servers listen on, unless a posture brings its own. */
  readonly address: string;
  /** Names under which servers are reached beside the address; the first is the one that the sender knows best. */
  readonly hosts?: readonly string[];
  /** The sender finds the server by the recipient's domain, and is not told its name. */
  readonly byDomain?: boolean;
  /** Addresses and domains that some postures send to. */
  readonly recipients?: {
    /** A domain for which the sender's configuration makes an exception. */
    readonly exempted?: string;
    /** The address of a user whose mail is forwarded to where the message is meant to go. */
    readonly forwarding?: string;
  };
}

/**
 * Senders on this machine, servers on its loopback address.
 * @param driver `containers` where a real mail server takes part in the controls
 * @param address on which servers listen; default: the one that everybody knows
 */
export function loopbackEnvironment(
  driver: DriverName = "in-process",
  address = loopbackAddress,
): ProbeEnvironment {
  return {
    driver,
    provides: new Set<PostureNeed>(hasLoopback6() ? ["loopback-ipv6"] : []),
    address,
  };
}
