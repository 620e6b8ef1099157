import { scalar } from "../value.ts";
import {
  EvaluationFailure,
  type FunctionDefinition,
  listOf,
  plain,
  text,
  wholeNumber,
} from "./definition.ts";

/** A network: the address as a number, and how many bits of it are the prefix. */
interface Network {
  readonly address: bigint;
  readonly bits: 32 | 128;
  readonly prefix: number;
}

function parseFour(address: string): bigint {
  const parts = address.split(".");
  const isWhole =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  if (!isWhole) throw new EvaluationFailure(`"${address}" is no address`);
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseSix(address: string): bigint {
  const [head = "", tail, ...more] = address.split("::");
  const groups = (part: string | undefined): string[] =>
    part === undefined || part === "" ? [] : part.split(":");
  const left = groups(head);
  const right = groups(tail);
  const missing = 8 - left.length - right.length;
  const isWhole = more.length === 0 && (tail === undefined ? missing === 0 : missing > 0);
  const all = [...left, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...right];
  if (!isWhole || !all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    throw new EvaluationFailure(`"${address}" is no address`);
  }
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function parseNetwork(content: string): Network {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(content) ?? [];
  const bits = address.includes(":") ? 128 : 32;
  const prefix = Number(length);
  if (address === "" || prefix > bits) throw new EvaluationFailure(`"${content}" is no network`);
  const parsed = bits === 128 ? parseSix(address) : parseFour(address);
  const host = BigInt(bits - prefix);
  return { address: (parsed >> host) << host, bits, prefix };
}

function formatAddress(address: bigint, bits: Network["bits"]): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => (address >> BigInt(112 - 16 * index)) & 65_535n);
  const { start, length } = longestZeros(groups);
  const written = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return written(groups);
  return `${written(groups.slice(0, start))}::${written(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0n) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

function subnet(network: Network, newBits: number, number: number): Network {
  const prefix = network.prefix + newBits;
  if (newBits < 0 || prefix > network.bits)
    throw new EvaluationFailure("the prefix has no room for so many bits");
  if (number < 0 || BigInt(number) >= 1n << BigInt(newBits))
    throw new EvaluationFailure("the network number is too large");
  return { ...network, prefix, address: network.address + (BigInt(number) << BigInt(network.bits - prefix)) };
}

function formatNetwork({ address, bits, prefix }: Network): string {
  return `${formatAddress(address, bits)}/${prefix}`;
}

function host({ address, bits, prefix }: Network, number: number): string {
  const size = 1n << BigInt(bits - prefix);
  const offset = number < 0 ? size + BigInt(number) : BigInt(number);
  if (offset < 0n || offset >= size) throw new EvaluationFailure("the host number is too large");
  return formatAddress(address + offset, bits);
}

/** Networks of the sizes asked for, one after the other. */
function subnets(network: Network, sizes: readonly number[]): string[] {
  let next = network.address;
  const end = network.address + (1n << BigInt(network.bits - network.prefix));
  return sizes.map((newBits) => {
    const prefix = network.prefix + newBits;
    if (newBits < 1 || prefix > network.bits)
      throw new EvaluationFailure("the prefix has no room for so many bits");
    const size = 1n << BigInt(network.bits - prefix);
    const address = ((next + size - 1n) / size) * size;
    if (address + size > end) throw new EvaluationFailure("the network has no room for all of them");
    next = address + size;
    return formatNetwork({ ...network, prefix, address });
  });
}

export const networkFunctions: Readonly<Record<string, FunctionDefinition>> = {
  cidrhost: plain(2, 2, ([network, number], origin) =>
    scalar(host(parseNetwork(text(network)), wholeNumber(number)), origin),
  ),
  cidrnetmask: plain(1, 1, ([network], origin) => {
    const { bits, prefix } = parseNetwork(text(network));
    if (bits === 128) throw new EvaluationFailure("IPv6 networks have no netmask");
    return scalar(formatAddress(((1n << 32n) - 1n) ^ ((1n << BigInt(32 - prefix)) - 1n), bits), origin);
  }),
  cidrsubnet: plain(3, 3, ([network, newBits, number], origin) =>
    scalar(
      formatNetwork(subnet(parseNetwork(text(network)), wholeNumber(newBits), wholeNumber(number))),
      origin,
    ),
  ),
  cidrsubnets: plain(1, Infinity, ([network, ...sizes], origin) =>
    listOf(
      subnets(
        parseNetwork(text(network)),
        sizes.map((size) => wholeNumber(size)),
      ),
      origin,
    ),
  ),
};
