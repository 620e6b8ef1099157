import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { familiesOfGrade, type Grade, weakFamiliesOf } from "./ciphers.ts";
import { protocolFloor } from "./protocols.ts";

const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
const isInstalled = spawnSync("posttls-finger", [], { env: { PATH: path } }).error === undefined;
const reason = isInstalled ? "" : " (left out: no posttls-finger is installed)";

/** What a TLS client offers in its first message. */
interface Hello {
  /** The numbers of the versions, `0x0303`. */
  readonly versions: readonly number[];
  readonly suites: readonly number[];
}

const supportedVersions = 43;

function readHello(bytes: Buffer): Hello {
  const legacyVersion = bytes.readUInt16BE(9);
  let at = 11 + 32;
  at += 1 + bytes.readUInt8(at);
  const suites: number[] = [];
  const suitesEnd = at + 2 + bytes.readUInt16BE(at);
  for (at += 2; at < suitesEnd; at += 2) suites.push(bytes.readUInt16BE(at));
  at += 1 + bytes.readUInt8(at);
  let versions: number[] = [];
  for (at += 2; at + 4 <= bytes.length; ) {
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    if (type === supportedVersions) {
      versions = Array.from({ length: bytes.readUInt8(at + 4) / 2 }, (_, index) =>
        bytes.readUInt16BE(at + 5 + 2 * index),
      );
    }
    at += 4 + length;
  }
  return { versions: versions.length > 0 ? versions : [legacyVersion], suites };
}

/** Suites without authentication, by their registered numbers: DH_anon and ECDH_anon. */
const anonymous = new Set([
  0x0018, 0x001b, 0x0034, 0x003a, 0x0046, 0x0089, 0x006c, 0x006d, 0x00a6, 0x00a7, 0x00bf, 0x00c5, 0xc015,
  0xc016, 0xc017, 0xc018, 0xc019,
]);

describe.skipIf(!isInstalled)(`what Postfix's client offers, seen on the wire${reason}`, () => {
  let server: Server;
  let port = 0;
  let configuration = "";
  let heard: (hello: Hello | undefined) => void = () => {};

  beforeAll(async () => {
    // Not the configuration of this machine, and old enough to be read at once.
    configuration = mkdtempSync(join(tmpdir(), "hipaa-check-posttls-finger-"));
    const file = join(configuration, "main.cf");
    const past = Date.now() / 1000 - 60;
    writeFileSync(file, "");
    utimesSync(file, past, past);
    server = createServer((socket: Socket) => {
      let received = Buffer.alloc(0);
      socket.on("error", () => {});
      socket.on("data", (data: Buffer) => {
        received = Buffer.concat([received, data]);
        if (received.length < 5 || received.length < 5 + received.readUInt16BE(3)) return;
        heard(readHello(received));
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = address !== null && typeof address === "object" ? address.port : 0;
  });

  afterAll(() => {
    server.close();
    rmSync(configuration, { recursive: true, force: true });
  });

  /** The hello of `posttls-finger` under implicit TLS; undefined where it sends none. */
  async function hello(...words: string[]): Promise<Hello | undefined> {
    return await new Promise((resolve) => {
      heard = resolve;
      const options = ["-w", "-c", "-l", "encrypt", "-T", "5", "-t", "5", ...words, `[127.0.0.1]:${port}`];
      const environment = { PATH: path, MAIL_CONFIG: configuration };
      const child = spawn("posttls-finger", options, { env: environment, stdio: "ignore" });
      child.on("exit", () => resolve(undefined));
    });
  }

  const numbers = { "TLSv1.0": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304 } as const;
  const lists = [
    ">=TLSv1",
    ">=TLSv1.2",
    ">=tlsv1.3",
    ">=0303",
    ">=0x0304",
    "<=TLSv1.2, >=TLSv1.1",
    "!SSLv2, !SSLv3",
    "!SSLv2,!SSLv3,!TLSv1,!TLSv1.1",
    "!SSLv2:!SSLv3:!TLSv1",
    "TLSv1.2",
    "TLSv1.2 TLSv1.3",
    "!SSLv2, !SSLv3, TLSv1",
    "!TLSv1.1",
    "TLSv1.3, !TLSv1.2",
  ];

  test.each(lists)("the oldest version of %s", async (list) => {
    const floor = protocolFloor(list);
    const offered = await hello("-p", list, "-o", "tls_medium_cipherlist=ALL:@SECLEVEL=0");
    const oldest = Math.min(...(offered?.versions ?? []));
    // A version range that begins below TLS 1.3 is offered by its end only where nothing newer is on.
    const shown = offered?.versions.length === 1 && oldest !== 0x0304 ? "at most" : "exactly";
    const number = typeof floor === "string" && floor in numbers ? numbers[floor as keyof typeof numbers] : 0;
    if (shown === "exactly" || number === 0) expect(oldest).toBe(Math.max(number, 0x0301));
    else expect(number).toBeLessThanOrEqual(oldest);
  });

  test.each(["TLSv1.4", ">=TLSv9", "!SSLv2 TLSv1.2.1"])("Postfix refuses %s", async (list) => {
    expect(protocolFloor(list)).toMatchObject({ refused: expect.any(String) });
    expect(await hello("-p", list)).toBeUndefined();
  });

  test.each<[Grade, string]>([
    ["high", "encrypt"],
    ["medium", "encrypt"],
    ["medium", "may"],
    ["medium", "secure"],
  ])("anonymous suites in the grade %s at the level %s", async (grade, level) => {
    const offered = await hello("-g", grade, "-l", level);
    const isOffered = offered?.suites.some((suite) => anonymous.has(suite)) === true;
    expect(offered).toBeDefined();
    expect(isOffered).toBe(level !== "secure" && familiesOfGrade(grade, true).includes("anonymous"));
  });

  test.each([
    "ALL",
    "HIGH:!aNULL",
    "HIGH:!ADH:!AECDH",
    "ECDHE+AESGCM:DHE+AESGCM",
    "kEECDH:!aNULL",
    "AES256",
    "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384",
    "DEFAULT",
    "aNULL:-aNULL:HIGH",
    "AECDH-AES128-SHA:HIGH:!aNULL",
    "HIGH:-aNULL",
  ])("anonymous suites in the list %s", async (list) => {
    const offered = await hello("-o", `tls_medium_cipherlist=${list}`, "-g", "medium");
    expect(offered).toBeDefined();
    const isOffered = offered?.suites.some((suite) => anonymous.has(suite)) === true;
    expect(isOffered).toBe(weakFamiliesOf(list).includes("anonymous"));
  });
});
