/** TLS protocol versions from oldest to newest, as every fact and rule writes them. */
export const tlsVersions = ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

export type TlsVersion = (typeof tlsVersions)[number];

export function isTlsVersion(text: string): text is TlsVersion {
  return (tlsVersions as readonly string[]).includes(text);
}

/** Reads the spellings in use (`TLSv1.2`, `TLS1.2`, `tls 1.2`, `TLSv1_2`, `1.2`, `TLSv1`); undefined for anything else. */
export function parseTlsVersion(text: string): TlsVersion | undefined {
  const match = /^(?:(tls|ssl)[\s_-]*)?v?\s*([123])(?:[._]([0-3]))?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, family, major, minor] = match;
  const isSsl = family?.toLowerCase() === "ssl";
  if (isSsl && (minor ?? "0") !== "0") return undefined;
  const canonical = isSsl ? `SSLv${major}` : `TLSv${major}.${minor ?? "0"}`;
  return isTlsVersion(canonical) ? canonical : undefined;
}

/** Negative when `a` is older than `b`. */
export function compareTlsVersions(a: TlsVersion, b: TlsVersion): number {
  return tlsVersions.indexOf(a) - tlsVersions.indexOf(b);
}
