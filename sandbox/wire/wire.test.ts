import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../pki/authority.ts";
import { gradeSuite } from "../probe/suites.ts";
import { readClientHello } from "./client-hello.ts";
import { askHello, buildClientHello, commonSuites } from "./hello-probe.ts";
import { ConnectionRecord } from "./record.ts";
import { writeTranscript } from "./transcript.ts";
import { weakFamiliesIn, weakSuites } from "./weak-suites.ts";

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("the first TLS message", () => {
  test("of Node's own client is read", async () => {
    let bytes = Buffer.alloc(0);
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (readClientHello(bytes) !== undefined) socket.destroy();
      });
    });
    const port = await listening(server);
    await new Promise((resolve) => {
      connectTls({ host: "127.0.0.1", port, servername: "mx.clinic.test", minVersion: "TLSv1.2" }).on(
        "error",
        resolve,
      );
    });
    await new Promise((resolve) => server.close(resolve));
    const hello = readClientHello(bytes);
    expect(hello).toMatchObject({ serverName: "mx.clinic.test" });
    expect([...(hello?.versions ?? [])].sort()).toEqual(["TLSv1.2", "TLSv1.3"]);
    expect(hello?.suites).toContain(0x1301);
    expect(weakFamiliesIn(hello?.suites ?? [])).toEqual([]);
    expect(readClientHello(bytes.subarray(0, 40))).toBeUndefined();
    expect(readClientHello(Buffer.from("EHLO x\r\n"))).toBeUndefined();
  });

  test("that is built is read back", () => {
    const hello = readClientHello(buildClientHello(0x0302, [0x000a, 0x0005], "mx.test"));
    expect(hello).toEqual({ versions: ["TLSv1.1"], suites: [0x000a, 0x0005], serverName: "mx.test" });
    expect(weakFamiliesIn(hello?.suites ?? [])).toEqual(["rc4", "3des"]);
  });
});

describe("an offer of one version and some suites", () => {
  let authority: Authority;

  beforeAll(async () => {
    authority = await Authority.create({ hosts: ["localhost"], recipientDomain: "clinic.test" });
  });

  test.each([
    ["TLS 1.2 to a modern server", { minVersion: "TLSv1.2" }, 0x0303, commonSuites, "accepted"],
    ["TLS 1.0 to a modern server", { minVersion: "TLSv1.2" }, 0x0301, commonSuites, "refused"],
    [
      "TLS 1.0 to an old server",
      { minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" },
      0x0301,
      commonSuites,
      "accepted",
    ],
    [
      "TLS 1.1 to an old server",
      { minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" },
      0x0302,
      commonSuites,
      "accepted",
    ],
    ["suites without encryption to a modern server", {}, 0x0303, weakSuites.null, "refused"],
    [
      "suites without encryption to a careless server",
      { ciphers: "ALL:eNULL@SECLEVEL=0", maxVersion: "TLSv1.2" },
      0x0303,
      weakSuites.null,
      "accepted",
    ],
    [
      "anonymous suites to a careless server",
      { ciphers: "ALL:aNULL@SECLEVEL=0", maxVersion: "TLSv1.2" },
      0x0303,
      weakSuites.anonymous,
      "accepted",
    ],
    ["RC4 to a server without it", { ciphers: "ALL@SECLEVEL=0" }, 0x0303, weakSuites.rc4, "refused"],
  ] as const)("%s is answered as it should be", async (_, options, version, suites, answer) => {
    const { certificate, key } = await authority.credential("good-rsa");
    const server = createTlsServer({ ...options, cert: certificate, key });
    server.on("tlsClientError", () => undefined);
    const port = await listening(server);
    const found = await askHello(
      connect({ host: "127.0.0.1", port }),
      buildClientHello(version, suites),
      3000,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(found.answer).toBe(answer);
    if (found.answer === "accepted") expect(suites).toContain(found.suite);
  });

  test("to a server that says nothing is silence, to one that speaks clear text a refusal", async () => {
    const mute = createServer((socket) => void socket.on("error", () => undefined).resume());
    const port = await listening(mute);
    const socket = connect({ host: "127.0.0.1", port });
    expect(await askHello(socket, buildClientHello(0x0303, commonSuites), 100)).toEqual({ answer: "silent" });
    await new Promise((resolve) => mute.close(resolve));
    const talker = createServer((client) =>
      client
        .on("error", () => undefined)
        .resume()
        .end("500 5.5.2 Error: bad syntax\r\n"),
    );
    const other = connect({ host: "127.0.0.1", port: await listening(talker) });
    expect(await askHello(other, buildClientHello(0x0303, commonSuites), 3000)).toMatchObject({
      answer: "refused",
    });
    await new Promise((resolve) => talker.close(resolve));
  });
});

test.each([
  ["TLS_AES_256_GCM_SHA384", "listed"],
  ["ECDHE-RSA-AES128-GCM-SHA256", "listed"],
  ["ECDHE-ECDSA-AES256-CCM8", "listed"],
  ["DHE-RSA-AES256-SHA256", "listed"],
  ["ECDHE-RSA-AES256-SHA", "listed"],
  ["TLS_CHACHA20_POLY1305_SHA256", "modern"],
  ["ECDHE-ECDSA-CHACHA20-POLY1305", "modern"],
  ["AES128-SHA", "dated"],
  ["AES256-GCM-SHA384", "dated"],
  ["CAMELLIA256-SHA", "dated"],
  ["ECDHE-RSA-CAMELLIA256-SHA384", "dated"],
  ["ECDHE-RSA-ARIA256-GCM-SHA384", "dated"],
  ["ADH-AES256-GCM-SHA384", "broken"],
  ["AECDH-AES256-SHA", "broken"],
  ["ECDHE-RSA-NULL-SHA", "broken"],
  ["DES-CBC3-SHA", "broken"],
  ["RC4-MD5", "broken"],
])("the suite %s is %s", (name, grade) => {
  expect(gradeSuite(name)).toBe(grade);
});

describe("a transcript", () => {
  const record = new ConnectionRecord(1, "127.0.0.1");
  const say = (
    direction: "in" | "out",
    layer: "clear" | "tls",
    phase: Parameters<ConnectionRecord["segment"]>[2],
    text: string,
  ): void => record.segment(direction, layer, phase, Buffer.from(text, "latin1"));
  say("out", "clear", "greeting", "220 mx ESMTP\r\n");
  say("in", "clear", "AUTH", "AUTH PLAIN AHVzZXIAcmVhbC1wYXNzd29yZA==\r\n");
  say("in", "clear", "AUTH", "cmVhbC1wYXNzd29yZA==\r\n");
  say(
    "in",
    "tls",
    "message",
    "Subject: CANARY here\r\nX-Patient: Jane Roe\r\nDate: today\r\n\r\nJane Roe has a cold.\r\nCANARY again\x07\r\n.\r\n",
  );
  record.note("the server reset the connection");
  const text = writeTranscript([record], (line) => line.replace("CANARY", "[canary]"));

  test("marks canaries and says what could be read by others", () => {
    expect(text).toContain("CLEAR S: 220 mx ESMTP");
    expect(text).toContain("tls   C: Subject: [canary] here");
    expect(text).toContain("tls   C: [canary] again\\x07");
    expect(text).toContain("*** the server reset the connection");
    expect(text).toContain("tls   C: Date: today");
  });

  test("holds no credential and no content that is not the probe's", () => {
    expect(text).toContain("CLEAR C: AUTH PLAIN [credentials not shown]");
    expect(text).toContain("CLEAR C: [credentials not shown]");
    expect(text).toContain("X-Patient: [not shown]");
    expect(text).not.toMatch(/Jane|cold|AHVz|cmVh/);
  });
});
