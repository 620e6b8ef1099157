import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import type { TlsVersion } from "#base/tls-version.ts";

/** What a server made of a first TLS message. */
export type HelloAnswer =
  | { readonly answer: "accepted"; readonly version: number; readonly suite: number }
  | { readonly answer: "refused"; readonly how: string }
  | { readonly answer: "silent" };

/** The versions that one message can offer by itself; TLS 1.3 needs key shares and is asked for otherwise. */
export const helloVersions = {
  SSLv3: 0x0300,
  "TLSv1.0": 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": 0x0303,
} as const satisfies Partial<Record<TlsVersion, number>>;

/** Suites that any server of the last twenty years shares some of. */
export const commonSuites: readonly number[] = [
  0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, 0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc027, 0x009e,
  0x009f, 0x0033, 0x0039, 0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x000a, 0x0005, 0x0004,
];

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([u16(bytes.length), bytes]);
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([u16(type), sized(data)]);
}

const groups = u16(0x001d, 0x0017, 0x0018, 0x0019, 0x0100);
const signatures = u16(
  0x0403,
  0x0503,
  0x0603,
  0x0804,
  0x0805,
  0x0806,
  0x0401,
  0x0501,
  0x0601,
  0x0203,
  0x0201,
);

/** A first TLS message that offers one version and the given suites. */
export function buildClientHello(version: number, suites: readonly number[], serverName?: string): Buffer {
  const named = serverName !== undefined && isIP(serverName) === 0;
  const name = Buffer.from(named ? serverName : "");
  const extensions = Buffer.concat([
    ...(named ? [extension(0, sized(Buffer.concat([Buffer.from([0]), sized(name)])))] : []),
    extension(10, sized(groups)),
    extension(11, Buffer.from([1, 0])),
    ...(version >= 0x0303 ? [extension(13, sized(signatures))] : []),
    extension(0xff01, Buffer.from([0])),
  ]);
  const body = Buffer.concat([
    u16(version),
    randomBytes(32),
    Buffer.from([0]),
    sized(u16(...suites)),
    Buffer.from([1, 0]),
    ...(version === 0x0300 ? [] : [sized(extensions)]),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), sized(body)]);
  return Buffer.concat([Buffer.from([22]), u16(Math.min(version, 0x0301)), sized(handshake)]);
}

function read(bytes: Buffer): HelloAnswer | undefined {
  if (bytes.length < 7) return undefined;
  if (bytes[0] === 21) return { answer: "refused", how: `alert ${bytes[6]}` };
  if (bytes[0] !== 22 || bytes[5] !== 2) return { answer: "refused", how: "an answer that is no TLS" };
  const suiteAt = 5 + 4 + 2 + 32 + 1 + (bytes[43] ?? 0);
  if (bytes.length < suiteAt + 2) return undefined;
  return { answer: "accepted", version: bytes.readUInt16BE(9), suite: bytes.readUInt16BE(suiteAt) };
}

/** Sends a first TLS message on a socket where TLS may begin, and reads what comes back. The socket is then cut. */
export function askHello(socket: Socket, hello: Buffer, timeoutMs: number): Promise<HelloAnswer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (answer: HelloAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish({ answer: "silent" }), timeoutMs);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = read(bytes);
      if (answer !== undefined) finish(answer);
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      finish({ answer: "refused", how: error.code ?? error.message }),
    );
    socket.on("close", () => finish({ answer: "refused", how: "the connection was closed" }));
    socket.write(hello);
  });
}
