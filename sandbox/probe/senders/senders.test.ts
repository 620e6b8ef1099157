import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTransport } from "nodemailer";
import { describe, expect, test } from "vitest";
import { listen } from "../../resources/listen.ts";
import { checkTarget, isOwnedTarget } from "../../resources/owned-target.ts";
import type { ProbeEvent } from "../events.ts";
import { probeSender } from "../probe.ts";
import { execSender, fillCommand } from "./exec.ts";
import { httpSender } from "./http.ts";
import { nameOf } from "./name.ts";
import { waitingSender } from "./waiting.ts";

async function freePort(): Promise<number> {
  await using listener = await listen(() => undefined);
  return listener.port;
}

describe("a command", () => {
  const environment = {
    HIPAA_CHECK_SMTP_HOST: "127.0.0.1",
    HIPAA_CHECK_SMTP_PORT: "2525",
    HIPAA_CHECK_BODY: `it's "quoted" $HOME \`id\` \\ and\nlong`,
  };

  test.each([
    ["bare", "printf %s {body}"],
    ["in double quotes", 'printf %s "{body}"'],
    ["in single quotes", "printf %s '{body}'"],
    ["in the middle of a word", "printf %s x{body}"],
  ])("gets values %s as they are, whatever they hold", (place, command) => {
    const filled = fillCommand(command, environment);
    const said = execFileSync("/bin/sh", ["-c", filled], { encoding: "utf8" });
    expect(said).toBe(`${place === "in the middle of a word" ? "x" : ""}${environment.HIPAA_CHECK_BODY}`);
  });

  test("keeps what is no placeholder", () => {
    expect(fillCommand("curl {smtp.host}:{smtp.port} {other} $X \\{body}", environment)).toBe(
      "curl '127.0.0.1':'2525' {other} $X \\{body}",
    );
  });
});

describe("the name of a sender", () => {
  test.each([
    ["swaks --auth-password hunter2 --to {to}", "swaks --auth-password [not shown] --to {to}"],
    ["swaks -ap hunter2", "swaks -ap [not shown]"],
    ["SMTP_PASSWORD='hunter 2' node send.mjs", "SMTP_PASSWORD=[not shown] node send.mjs"],
    ["curl -u app:hunter2 smtp://a", "curl -u app:[not shown] smtp://a"],
    ["http://app:hunter2@localhost/?token=hunter2", "http://app:[not shown]@localhost/?token=[not shown]"],
  ])("shows no password: %s", (text, name) => {
    expect(nameOf(text)).toBe(name);
  });

  test.each([
    "SMTP_PASSWORD={smtp.password} node send.mjs {to}",
    'swaks --auth-password "$PASSWORD" --au {smtp.user}',
    "curl -u {smtp.user}:{smtp.password} smtp://{smtp.host}",
    "./bypass --passive file",
    "http://localhost:3000/invite",
  ])("is the command or the address else: %s", (text) => {
    expect(nameOf(text)).toBe(text);
  });

  test("stands in reports and facts in place of the command", () => {
    expect(execSender("send --password=hunter2").name).toBe("send --password=[not shown]");
  });
});

const go = ["go", "/usr/local/go/bin/go"].find((program) => spawnSync(program, ["version"]).status === 0);

describe("a program", () => {
  test.skipIf(go === undefined)(
    `in Go that guards its password is not taken for careless, though it trusts its own machine${go === undefined ? " (needs go)" : ""}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
      const source = fileURLToPath(new URL("../fixtures/go-sender/main.go", import.meta.url));
      const program = join(folder, "send");
      execFileSync(go ?? "go", ["build", "-o", program, source]);
      const sender = execSender(`SSL_CERT_FILE={smtp.ca} '${program}'`);
      const { report } = await probeSender({ sender, only: ["P01", "P65b", "P14"], retryWaitMs: 200 });
      rmSync(folder, { recursive: true });
      const verdicts = report.postures.map(({ id, verdict, leaked }) => [
        id,
        verdict,
        leaked.some(({ part }) => part === "password"),
      ]);
      expect(verdicts).toEqual([
        ["P01", "held", false],
        ["P14", "held", false],
        ["P65b", "held", false],
      ]);
    },
    60_000,
  );
});

describe("a target", () => {
  test.each([
    ["127.0.0.1", [], true],
    ["127.9.9.9", [], true],
    ["::1", [], true],
    ["localhost", [], true],
    ["192.0.2.1", [], false],
    ["192.0.2.1", ["192.0.2.1"], true],
    ["0.0.0.0", [], false],
    ["::ffff:192.0.2.1", [], false],
    ["LOCALHOST", ["other.test"], true],
  ])("%s with %j listed is owned: %s", async (host, owned, expected) => {
    expect(await isOwnedTarget(host, owned)).toBe(expected);
  });

  test("that is not owned is refused with what to do", async () => {
    expect(await checkTarget("192.0.2.1")).toEqual({
      owned: false,
      reason:
        "192.0.2.1 is neither loopback nor listed as owned: list it under owned: in hipaa-check.yaml if it is yours",
    });
    expect(await checkTarget("no-such-host.invalid")).toMatchObject({ owned: false });
  });
});

/** An application that mails when it is asked to; it was told once where its mail server is. */
async function startApplication(
  smtpPort: number,
  options: object,
): Promise<AsyncDisposable & { url: string }> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: smtpPort,
    auth: { user: "app", pass: "app-password" },
    ...options,
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { from, to, subject, body } = JSON.parse(Buffer.concat(chunks).toString());
    try {
      await transport.sendMail({ from, to, subject, text: body });
      response.writeHead(202).end("accepted");
    } catch {
      response.writeHead(502).end("not sent");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/remind`,
    async [Symbol.asyncDispose]() {
      transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("an application that is asked over HTTP", () => {
  test.each([
    [
      "falls back to clear text",
      { tls: { rejectUnauthorized: false } },
      { P01: "leaked", P14: "weak", P27: "held" },
    ],
    [
      "insists on TLS without verification",
      { requireTLS: true, tls: { rejectUnauthorized: false } },
      { P01: "held", P14: "weak", P27: "held" },
    ],
  ])("and %s is judged on the one port that it knows", async (_, options, expected) => {
    const smtpPort = await freePort();
    await using application = await startApplication(smtpPort, options);
    const { report } = await probeSender({
      sender: httpSender({ url: application.url, smtpPort, user: "app", password: "app-password" }),
      only: Object.keys(expected),
      retryWaitMs: 200,
    });
    expect(Object.fromEntries(report.postures.map(({ id, verdict }) => [id, verdict]))).toEqual(expected);
    expect(report.groups.every(({ valid }) => valid)).toBe(true);
    expect(report.postures.map(({ transcript }) => transcript).join("\n")).not.toContain(
      Buffer.from("app-password").toString("base64"),
    );
  });

  test("and does not answer is named, and nothing else than an owned host is asked", async () => {
    const smtpPort = await freePort();
    const options = { smtpPort, user: "app", password: "x" };
    const dead = httpSender({ ...options, url: `http://127.0.0.1:${await freePort()}/` });
    const { report } = await probeSender({ sender: dead, only: ["P01"], retryWaitMs: 100 });
    expect(report.groups[0]?.controls.positive.reason).toMatch(
      /^the sender never came: the application cannot be asked: .*ECONNREFUSED/,
    );
    const foreign = httpSender({ ...options, url: "http://192.0.2.1/" });
    await expect(probeSender({ sender: foreign, only: ["P01"] })).rejects.toThrow(
      "192.0.2.1 is neither loopback nor listed as owned",
    );
    expect(() => httpSender({ ...options, url: "not an address" })).toThrow("not an address is no address");
  });
});

describe("whatever the user points at the port", () => {
  test("is judged when it comes, with the addresses that were shown", async () => {
    const smtpPort = await freePort();
    const waits: ProbeEvent[] = [];
    const { report } = await probeSender({
      sender: waitingSender({ smtpPort, user: "app", password: "secret" }),
      only: ["P01"],
      retryWaitMs: 200,
      timeoutMs: 5000,
      onEvent(event) {
        if (event.kind !== "waiting") return;
        waits.push(event);
        const { relay, from, to } = event;
        const { host, port } = relay;
        void createTransport({ host, port, tls: { rejectUnauthorized: false } })
          .sendMail({ from, to, subject: "by hand", text: "x" })
          .catch(() => undefined);
      },
    });
    expect(waits.map((event) => (event.kind === "waiting" ? [event.posture, event.relay.port] : []))).toEqual(
      [
        ["control capability", smtpPort],
        ["P01", smtpPort],
      ],
    );
    expect(report.groups[0]?.valid).toBe(true);
    expect(report.postures[0]).toMatchObject({
      verdict: "leaked",
      reason: "address and body in clear text (MAIL, RCPT, message)",
    });
  });

  test("and nobody comes: one line says so", async () => {
    const sender = waitingSender({ smtpPort: await freePort(), user: "app", password: "secret" });
    const { report } = await probeSender({ sender, only: ["P01"], retryWaitMs: 100, timeoutMs: 300 });
    expect(report.postures[0]).toMatchObject({
      verdict: "inconclusive",
      reason: "the sender never came: nothing connected within 0.3 s",
    });
  });
});
