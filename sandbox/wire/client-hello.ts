import { parseTlsVersion, type TlsVersion } from "#base/tls-version.ts";

/** What a client offers when it opens a TLS handshake. */
export interface ClientHello {
  /** Newest first, as offered; for older clients the one version that the hello states. */
  readonly versions: readonly TlsVersion[];
  /** Suite numbers in the client's order: `0xc02f`. */
  readonly suites: readonly number[];
  readonly serverName: string | undefined;
}

const versionNames: Readonly<Record<number, string>> = {
  768: "SSLv3",
  769: "TLSv1.0",
  770: "TLSv1.1",
  771: "TLSv1.2",
  772: "TLSv1.3",
};

function versionOf(code: number): TlsVersion | undefined {
  return parseTlsVersion(versionNames[code] ?? "");
}

/** The handshake bytes of the records at the start of a stream, without record headers. */
function handshakeBytes(stream: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= stream.length && stream[at] === 22; ) {
    const length = stream.readUInt16BE(at + 3);
    parts.push(stream.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return Buffer.concat(parts);
}

/** True when a stream begins as a TLS record of version 3.x does. */
export function looksLikeTls(bytes: Buffer): boolean {
  const type = bytes[0] ?? 0;
  return type >= 20 && type <= 23 && (bytes.length < 2 || bytes[1] === 3);
}

/** Reads the first message of a client; undefined while it is incomplete or when it is no ClientHello. */
export function readClientHello(stream: Buffer): ClientHello | undefined {
  const bytes = handshakeBytes(stream);
  if (bytes.length < 4 || bytes[0] !== 1 || bytes.length < 4 + bytes.readUIntBE(1, 3)) return undefined;
  try {
    return parse(bytes.subarray(4, 4 + bytes.readUIntBE(1, 3)));
  } catch {
    return undefined;
  }
}

function parse(body: Buffer): ClientHello {
  const legacy = body.readUInt16BE(0);
  let at = 34;
  at += 1 + body.readUInt8(at);
  const suites: number[] = [];
  const suitesEnd = at + 2 + body.readUInt16BE(at);
  for (at += 2; at < suitesEnd; at += 2) suites.push(body.readUInt16BE(at));
  at += 1 + body.readUInt8(at);
  let versions: number[] = [legacy];
  let serverName: string | undefined;
  const end = at + 2 <= body.length ? at + 2 + body.readUInt16BE(at) : body.length;
  for (at += 2; at + 4 <= end; ) {
    const type = body.readUInt16BE(at);
    const data = body.subarray(at + 4, at + 4 + body.readUInt16BE(at + 2));
    if (type === 0 && data.length > 5)
      serverName = data.subarray(5, 5 + data.readUInt16BE(3)).toString("latin1");
    if (type === 43) versions = pairs(data.subarray(1));
    at += 4 + data.length;
  }
  const known = versions.map(versionOf).filter((version) => version !== undefined);
  return { versions: known, suites, serverName };
}

function pairs(data: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + 2 <= data.length; at += 2) found.push(data.readUInt16BE(at));
  return found;
}
