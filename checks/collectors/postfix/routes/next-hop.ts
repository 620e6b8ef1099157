/** Whether a next hop, as `relayhost` or a transport writes it, is this host: a loopback address or a local socket. */
export function isLoopback(nextHop: string): boolean {
  if (/^unix:/i.test(nextHop)) return true;
  const host = hostOf(nextHop).toLowerCase();
  return (
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    host === "::1" ||
    host === "localhost" ||
    host.endsWith(".localhost")
  );
}

/** The host or domain of `[host]:port`, `host:port`, `inet:host:port`, `[::1]`. */
export function hostOf(nextHop: string): string {
  const bare = nextHop.replace(/^inet:/i, "");
  const bracketed = /^\[([^\]]*)\]/.exec(bare);
  const host = bracketed?.[1] ?? bare.replace(/:[^:]*$/, "");
  return host.replace(/^ipv6:/i, "");
}

/** A next hop without brackets and port is a domain, whose parents a policy table is asked for too. */
export function isDomain(nextHop: string): boolean {
  return /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(nextHop);
}
