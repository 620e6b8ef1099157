import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { messageOf } from "../error.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

export type Target =
  | { readonly owned: true; readonly address: string }
  /** One line with what to do. */
  | { readonly owned: false; readonly reason: string };

/** @param address an IP address; anything else is none of the loopback interface */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * Whether a probe may talk to a host: loopback, or one that the user has listed as owned. Connect to the address that
 * is given back and not to the name: a name can change its mind.
 * @param owned host names and addresses as the user lists them, compared as written
 */
export async function checkTarget(host: string, owned: readonly string[] = []): Promise<Target> {
  const listed = owned.some((entry) => entry.toLowerCase() === host.toLowerCase());
  let addresses: readonly string[];
  try {
    addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  } catch (error) {
    const reason = listed
      ? `${host} cannot be found: ${messageOf(error)}`
      : `${host} cannot be found, and is not listed as owned: list it under owned: in hipaa-check.yaml if it is yours`;
    return { owned: false, reason };
  }
  const [address] = addresses;
  if (address !== undefined && (listed || addresses.every(isLoopback))) return { owned: true, address };
  return {
    owned: false,
    reason: `${host} is neither loopback nor listed as owned: list it under owned: in hipaa-check.yaml if it is yours`,
  };
}

/** True where a probe may talk to the host. */
export async function isOwnedTarget(host: string, owned: readonly string[] = []): Promise<boolean> {
  return (await checkTarget(host, owned)).owned;
}
