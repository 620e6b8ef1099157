import type { TlsVersion } from "#base/tls-version.ts";

/** What a TLS client says that it can do. */
export interface ClientHello {
  readonly suites: readonly number[];
  /** Undefined where the client names no list, as those do that know nothing newer than TLS 1.2. */
  readonly oldest: TlsVersion | undefined;
}

const versions = new Map<number, TlsVersion>([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1.0"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

/** Reads the ClientHello that begins a stream of TLS records (RFC 8446, section 4.1.2). */
export function readClientHello(stream: Buffer): ClientHello | undefined {
  if (stream.length < 6 || stream[0] !== 0x16 || stream[5] !== 0x01) return undefined;
  let at = 5 + 4 + 2 + 32;
  at += 1 + stream.readUInt8(at);
  const suitesLength = stream.readUInt16BE(at);
  const suites = Array.from({ length: suitesLength / 2 }, (_, index) =>
    stream.readUInt16BE(at + 2 + 2 * index),
  );
  at += 2 + suitesLength;
  at += 1 + stream.readUInt8(at);
  const end = at + 2 + stream.readUInt16BE(at);
  at += 2;
  let oldest: TlsVersion | undefined;
  while (at + 4 <= end) {
    const length = stream.readUInt16BE(at + 2);
    if (stream.readUInt16BE(at) === 0x002b) {
      const listed = Array.from({ length: stream.readUInt8(at + 4) / 2 }, (_, index) =>
        stream.readUInt16BE(at + 5 + 2 * index),
      );
      oldest = versions.get(Math.min(...listed.filter((version) => versions.has(version))));
    }
    at += 4 + length;
  }
  return { suites, oldest };
}
