import { type TlsVersion, tlsVersions } from "#base/tls-version.ts";

const names = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const numbers = [0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304];
const first = 1;

/**
 * The oldest version that a protocol list of Postfix leaves on, or in words why Postfix refuses the list.
 * SSLv2 counts as off: no library that a supported Postfix is built with has it.
 * @param limits Postfix takes `>=` and `<=`, as it does from 3.6 on
 */
export function protocolFloor(list: string, limits = true): TlsVersion | { readonly refused: string } {
  const words = list.split(/[\s,:]+/).filter((word) => word !== "");
  const included = new Set<number>();
  const excluded = new Set<number>([0]);
  let floor = first;
  let ceiling = names.length - 1;
  for (const word of words) {
    const limit = /^([<>]=)(.*)$/.exec(word);
    if (limit !== null && !limits)
      return { refused: `before Postfix 3.6 there is no "${limit[1]}" in a list` };
    const version = limit === null ? protocolIndex(word.replace(/^!/, "")) : limitIndex(limit[2] ?? "");
    if (version === undefined) return { refused: `there is no protocol "${word}"` };
    if (limit?.[1] === ">=") floor = version;
    else if (limit?.[1] === "<=") ceiling = version;
    else if (word.startsWith("!")) excluded.add(version);
    else included.add(version);
  }
  for (let version = first; version < names.length; version += 1) {
    const isIncluded = included.size === 0 || included.has(version);
    if (isIncluded && !excluded.has(version) && version >= floor && version <= ceiling) {
      return tlsVersions[version] as TlsVersion;
    }
  }
  return { refused: `"${list}" leaves no protocol version on` };
}

function protocolIndex(word: string): number | undefined {
  const index = names.findIndex((name) => name.toLowerCase() === word.toLowerCase());
  return index === -1 ? undefined : index;
}

/** A name, or the number of the version as hexadecimal digits. `0` sets no limit. */
function limitIndex(word: string): number | undefined {
  const byName = protocolIndex(word);
  if (byName !== undefined) return byName;
  if (!/^(?:0x)?[0-9a-f]+$/i.test(word)) return undefined;
  const number = Number.parseInt(word, 16);
  if (number === 0) return first;
  const index = numbers.indexOf(number);
  return index === -1 ? undefined : index;
}
