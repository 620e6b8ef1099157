import { type AddressInfo, createServer } from "node:net";
import { SMTPServer } from "smtp-server";
import { beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../pki/authority.ts";
import { loadPostures } from "../posture-server/load.ts";
import { startPostureServer } from "../posture-server/server.ts";
import { probeExitCode } from "../probe/report.ts";
import { listen } from "../resources/listen.ts";
import { startSandbox } from "../start.ts";
import { serverChecks } from "./checks/index.ts";
import { checkCareless, probeServer, type ServerProbeOptions } from "./probe-server.ts";
import { parseTarget } from "./target.ts";

const receiving = (await loadPostures()).filter(({ side }) => side === "receiver");
let authority: Authority;

beforeAll(async () => {
  authority = await Authority.create({ hosts: ["localhost"], recipientDomain: "clinic.test" });
});

describe("checks of receiving servers", () => {
  test("there is one for each posture of that side", () => {
    expect(Object.keys(serverChecks).sort()).toEqual(receiving.map(({ id }) => id).sort());
  });

  test.each(receiving.map(({ id }) => id))("%s finds a server that is careless in just this", async (id) => {
    const posture = receiving.find((candidate) => candidate.id === id);
    const { verdict, reason } = await checkCareless(posture as (typeof receiving)[number], authority);
    expect({ verdict, reason }).toMatchObject({ verdict: "weak" });
  });

  test.each(["submission", "smtps", "mx"] as const)(
    "all hold at the %s service of the sandbox, and nothing is delivered",
    async (service) => {
      await using sandbox = await startSandbox({ driver: "in-process" });
      const { host, port } = sandbox.connection[service];
      const { user, password } = sandbox.connection.submission;
      const { report, purpose } = await probeServer({
        target: `${host}:${port}`,
        recipient: "patient@clinic.test",
        ...(service === "mx" ? {} : { logIn: { user, password } }),
      });
      expect(purpose).toBe({ submission: "submission", smtps: "submissions", mx: "relay" }[service]);
      const other = report.postures
        .filter(({ verdict }) => verdict !== "held")
        .map(({ id, verdict }) => `${id} ${verdict}`);
      const unasked = ["S04 not-run", "S05 not-run"];
      expect(other).toEqual(
        { submission: unasked, smtps: ["P54 not-run", ...unasked], mx: ["P67c not-run", ...unasked] }[
          service
        ],
      );
      expect(report.groups.map(({ valid }) => valid)).toEqual([true, true]);
      expect(probeExitCode(report)).toBe(0);
      expect(await sandbox.mailbox.list()).toEqual([]);
    },
  );

  test("hold a server to what its partner has promised, and to the number that is too many", async () => {
    const credential = await authority.credential("good");
    let envelopes = 0;
    const server = new SMTPServer({
      authOptional: true,
      cert: credential.certificate,
      key: credential.key,
      onMailFrom({ address }, { secure }, callback) {
        envelopes++;
        const limit = Object.assign(new Error("4.7.1 Too many"), { responseCode: 450 });
        const policy = Object.assign(new Error("5.7.10 Encryption needed"), { responseCode: 554 });
        if (envelopes > 30) return callback(limit);
        return callback(address.endsWith("@partner.test") && !secure ? policy : null);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.server.address() as AddressInfo;
    const reasons = async (options: Partial<ServerProbeOptions>): Promise<string[]> => {
      const { report } = await probeServer({
        target: `127.0.0.1:${port}`,
        purpose: "relay",
        only: ["S04", "S05"],
        ...options,
      });
      return report.postures.map(({ verdict, reason }) => `${verdict}: ${reason}`);
    };
    expect(await reasons({ partner: "partner.test", burst: 20 })).toEqual([
      "held: mail from partner.test is refused without TLS and taken under TLS",
      "weak: 20 messages in a row met no limit",
    ]);
    expect(await reasons({ partner: "other.test", burst: 20 })).toEqual([
      "weak: mail from other.test is taken without TLS",
      expect.stringMatching(/^held: message \d+ of a burst was refused \(450 4\.7\.1 Too many\)$/),
    ]);
    expect(await reasons({ partner: "partner.test" })).toEqual([
      "inconclusive: mail from partner.test is refused under TLS too: 450 4.7.1 Too many",
      "not-run: it needs a number of messages that is too many at once: state it with --burst",
    ]);
    await new Promise<void>((resolve) => server.close(resolve));
  });

  test("a careless server fails in many of them at once", async () => {
    await using server = await startPostureServer({
      plan: { capabilities: ["AUTH PLAIN", "8BITMIME"] },
      authority,
      implicitTls: false,
    });
    const { report } = await probeServer({ target: `127.0.0.1:${server.port}`, only: ["receiving"] });
    const weak = report.postures.filter(({ verdict }) => verdict === "weak").map(({ id }) => id);
    expect(weak).toEqual(expect.arrayContaining(["P67a", "P67b", "P67c", "P69", "S02"]));
    expect(probeExitCode(report)).toBe(1);
  });
});

describe("a target in trouble", () => {
  test.each(["localhost", "localhost:", ":25", "a:b:c", "127.0.0.1:0", "127.0.0.1:70000"])(
    "%s is refused as no server",
    (text) => {
      expect(() => parseTarget(text)).toThrow(`${text} is no server: write host:port`);
    },
  );

  test("an IPv6 address is read", () => {
    expect(parseTarget("[::1]:2525")).toEqual({ host: "::1", port: 2525 });
  });

  test("that is not owned is never talked to", async () => {
    await expect(probeServer({ target: "192.0.2.1:25" })).rejects.toThrow(
      "192.0.2.1 is neither loopback nor listed as owned",
    );
  });

  test("that does not answer makes the groups invalid, in one line", async () => {
    const port = await (async () => {
      await using listener = await listen(() => undefined);
      return listener.port;
    })();
    const { report } = await probeServer({ target: `127.0.0.1:${port}`, only: ["P67a", "S03"] });
    expect(report.groups[0]).toMatchObject({
      valid: false,
      controls: { positive: { reason: "the server does not answer: ECONNREFUSED" } },
    });
    expect(report.postures.map(({ verdict }) => verdict)).toEqual(["inconclusive", "inconclusive"]);
    expect(probeExitCode(report)).toBe(3);
  });

  test("that speaks something else makes the groups invalid", async () => {
    const server = createServer(
      (socket) => void socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { report } = await probeServer({
      target: `127.0.0.1:${port}`,
      purpose: "relay",
      only: ["S03"],
      timeoutMs: 1000,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(report.groups[0]?.controls.positive.reason).toBe(
      "the server does not answer: the answer is no SMTP",
    );
  });
});
