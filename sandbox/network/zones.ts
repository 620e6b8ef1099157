/** Addresses of the network of a run: of a range for tests (RFC 2544), which no host there has as its own. */
export const addresses = {
  server: "198.18.0.25",
  server6: "2001:db8::25",
  /** A second server. */
  backup: "198.18.0.26",
  policyHost: "198.18.0.44",
  resolver: "198.18.0.53",
  nameServer: "198.18.0.54",
} as const;

export const serverName = "mx1.provider.test";
export const backupName = "mx2.provider.test";
export const policyHostName = "mta-sts.clinic.test";

export type Delegation = "signed" | "unsigned" | "bogus";

/** What the zones of one posture say. Every name of the world leads to the posture's server. */
export interface Zones {
  /** How the recipient's domain and that of its servers are delegated. Everything above them is signed. */
  readonly delegation: Delegation;
  /** Content of the TLSA records of port 25, the same for each server. */
  readonly tlsa: readonly string[];
  /** The id in the `_mta-sts` record; undefined: no record. */
  readonly policyId: string | undefined;
  /** `backup`: a second server, less preferred. `ipv6`: a better one that has an IPv6 address only. */
  readonly second: "backup" | "ipv6" | undefined;
  /** Names that lead to the second server. */
  readonly backupNames: readonly string[];
}

export const plainZones: Zones = {
  delegation: "signed",
  tlsa: [],
  policyId: undefined,
  second: undefined,
  backupNames: [],
};

/** Seconds; as short as can be, since every posture has zones of its own. */
const ttl = 1;

/** Wildcards that leave no name out: one at every level that one of the given names hides. */
function wildcards(names: readonly string[]): string[] {
  const parents = names.flatMap((name) => {
    const labels = name.split(".");
    return labels.slice(1).map((_, index) => labels.slice(index + 1).join("."));
  });
  return ["*", ...new Set(parents.map((parent) => `*.${parent}`))];
}

/** The zones as the `publish` program of the network takes them. */
export function writeZones(zones: Zones, serial: number): string {
  const start = (zone: string): string[] => [
    `${zone} ${ttl} SOA ns. hostmaster. ${serial} 3600 600 86400 ${ttl}`,
    `${zone} ${ttl} NS ns.`,
  ];
  const record = (name: string, text: string): string => `${name}. ${ttl} ${text}`;
  const exchanges = {
    none: [record("clinic.test", `MX 10 ${serverName}.`)],
    backup: [record("clinic.test", `MX 10 ${serverName}.`), record("clinic.test", `MX 20 ${backupName}.`)],
    ipv6: [record("clinic.test", `MX 10 ${backupName}.`), record("clinic.test", `MX 20 ${serverName}.`)],
  }[zones.second ?? "none"];
  const lines = [
    ";;zone root",
    ...start("."),
    record("ns", `A ${addresses.nameServer}`),
    ...wildcards(["clinic.test", "provider.test", ...zones.backupNames]).map((name) =>
      record(name, `A ${addresses.server}`),
    ),
    ...zones.backupNames.map((name) => record(name, `A ${addresses.backup}`)),
    record("clinic.test", "NS ns."),
    record("provider.test", "NS ns."),
    ";;zone clinic.test",
    ...start("clinic.test."),
    ...exchanges,
    record(policyHostName, `A ${addresses.policyHost}`),
    ...(zones.policyId === undefined
      ? []
      : [record("_mta-sts.clinic.test", `TXT "v=STSv1; id=${zones.policyId};"`)]),
    ";;zone provider.test",
    ...start("provider.test."),
    record(serverName, `A ${addresses.server}`),
    record(backupName, zones.second === "ipv6" ? `AAAA ${addresses.server6}` : `A ${addresses.backup}`),
    ...[serverName, ...(zones.second === undefined ? [] : [backupName])].flatMap((name) =>
      zones.tlsa.map((content) => record(`_25._tcp.${name}`, `TLSA ${content}`)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}
