import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../connection.ts";
import type { Sandbox } from "../driver.ts";
import { startSandbox } from "../start.ts";
import { ownerLabel, ownerOf } from "./container.ts";
import { openEngine } from "./engine.ts";
import { needsEngine, withoutEngine } from "./testing.ts";

const message = { from: "app@sender.test", to: "patient@clinic.test", subject: "hello", text: "x" };

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 2000 }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}

function transportTo(
  { connection }: Sandbox,
  service: "submission" | "smtps",
): ReturnType<typeof createTransport> {
  const { host, port, user, password } = connection[service];
  return createTransport({
    host,
    port,
    secure: service === "smtps",
    requireTLS: true,
    auth: { user, pass: password },
    tls: { ca: readFileSync(connection.ca) },
  });
}

/** Names of the containers that a thread of a process has started; threads of one process run different test files. */
async function containersOf(pid: number, thread: number): Promise<string[]> {
  const { client } = await openEngine();
  const found = await client.container.dockerode.listContainers({
    all: true,
    filters: { label: [`${ownerLabel}=${ownerOf(pid, thread)}`] },
  });
  return found.map(({ Id }) => Id);
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await condition()) return;
    await pause(50);
  }
  throw new Error("the condition was not met within 10 seconds");
}

describe.skipIf(withoutEngine !== undefined)(needsEngine("the containers driver"), () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ driver: "containers" });
  }, 600_000);

  afterAll(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    expect(await containersOf(process.pid, threadId)).toEqual([]);
  });

  test.each(["submission", "smtps"] as const)(
    "takes mail over TLS from a logged-in %s client",
    async (service) => {
      const subject = `Erinnerung über ${service}`;
      await transportTo(sandbox, service).sendMail({ ...message, subject, bcc: "copy@clinic.test" });
      const mail = await sandbox.mailbox.wait({ subject });
      expect(mail).toMatchObject({
        from: "app@sender.test",
        to: expect.arrayContaining(["patient@clinic.test", "copy@clinic.test"]),
        tls: { version: "TLSv1.3" },
        auth: { user: "sandbox" },
      });
    },
  );

  test("takes mail from other servers for reserved domains, and relays nothing", async () => {
    const { host, port } = sandbox.connection.mx;
    await createTransport({ host, port, ignoreTLS: true }).sendMail({ ...message, subject: "from outside" });
    expect(await sandbox.mailbox.wait({ subject: "from outside" })).toMatchObject({ tls: null, auth: null });
    const relay = createTransport({ host, port, ignoreTLS: true }).sendMail({
      ...message,
      to: "a@elsewhere.invalid",
    });
    await expect(relay).rejects.toThrow(/454|554/);
  });

  test.each([
    ["a report, whose sender is empty", { from: "", to: ["report@clinic.test"] }],
    ["an address in UTF-8", { from: "app@sender.test", to: ["pätient@clinic.test"] }],
    [
      "120 recipients as one message",
      { from: "app@sender.test", to: Array.from({ length: 120 }, (_, index) => `list-${index}@clinic.test`) },
    ],
  ])("loses nothing of what it took: %s", async (name, envelope) => {
    const { host, port } = sandbox.connection.mx;
    const subject = `this is ${name}`;
    await createTransport({ host, port, ignoreTLS: true }).sendMail({ ...message, subject, envelope });
    const { from, to } = await sandbox.mailbox.wait({ subject });
    expect({ from, to: [...to].sort() }).toEqual({ ...envelope, to: [...envelope.to].sort() });
  });

  test("passes on eight bits as they came", async () => {
    const { host, port } = sandbox.connection.mx;
    const raw =
      "Subject: eight bits\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÜberweisung\r\n";
    const transport = createTransport({ host, port, ignoreTLS: true });
    await transport.sendMail({ envelope: { from: message.from, to: message.to, use8BitMime: true }, raw });
    const mail = await sandbox.mailbox.wait({ subject: "eight bits" });
    expect(mail.raw).toContain("8bit\r\n\r\nÜberweisung");
  });

  test("takes no mail and no password on submission without TLS", async () => {
    const { host, port, user, password } = sandbox.connection.submission;
    const clear = createTransport({ host, port, ignoreTLS: true });
    await expect(clear.sendMail(message)).rejects.toThrow(/530/);
    const careless = createTransport({ host, port, ignoreTLS: true, auth: { user, pass: password } });
    await expect(careless.sendMail(message)).rejects.toThrow(/503|530|Missing credentials|not enabled/i);
  });

  test("refuses a wrong password", async () => {
    const { host, port, user } = sandbox.connection.submission;
    const transport = createTransport({
      host,
      port,
      auth: { user, pass: "wrong" },
      tls: { ca: readFileSync(sandbox.connection.ca) },
    });
    await expect(transport.sendMail(message)).rejects.toThrow(/535/);
  });

  test("listens on the loopback address only", async () => {
    const { submission, smtps, mx, mailbox } = sandbox.connection;
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal)
      .map(({ address }) => address);
    for (const port of [submission.port, smtps.port, mx.port, Number(new URL(mailbox.url).port)]) {
      expect(await opens("127.0.0.1", port)).toBe(true);
      expect(await Promise.all(others.map((address) => opens(address, port)))).toEqual(
        others.map(() => false),
      );
    }
  });

  test("has no way out", async () => {
    const { client } = await openEngine();
    const own = await containersOf(process.pid, threadId);
    expect(own.length).toBe(2);
    for (const id of own) {
      const container = client.container.getById(id);
      const { output } = await client.container.exec(container, ["cat", "/proc/net/route"]);
      const destinations = output
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t")[1]);
      expect(destinations.length).toBeGreaterThan(0);
      expect(destinations).not.toContain("00000000");
    }
  });

  test("a port in use is one clear line, and nothing is started", async () => {
    const { port } = sandbox.connection.mx;
    const before = await containersOf(process.pid, threadId);
    await expect(startSandbox({ driver: "containers", ports: { mx: port } })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is in use: end what uses it, or choose another port`,
    );
    expect(await containersOf(process.pid, threadId)).toEqual(before);
  });

  test("nothing is left of it when its process is killed", async () => {
    const code = `import { startSandbox } from ${JSON.stringify(new URL("../start.ts", import.meta.url).href)};
      const { connection } = await startSandbox({ driver: "containers" });
      process.stdout.write(JSON.stringify(connection)); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = child.pid ?? 0;
    const [chunk] = (await new Promise((resolve) =>
      child.stdout.once("data", (data) => resolve([data])),
    )) as [Buffer];
    const connection = JSON.parse(chunk.toString()) as Connection;
    expect((await containersOf(pid, 0)).length).toBe(2);
    process.kill(pid, "SIGKILL");
    await eventually(async () => (await containersOf(pid, 0)).length === 0);
    await eventually(() => !existsSync(dirname(connection.ca)));
    expect(await opens("127.0.0.1", connection.submission.port)).toBe(false);
  });

  test("nothing is left of it when its process is killed while it starts", async () => {
    const code = `import { startSandbox } from ${JSON.stringify(new URL("../start.ts", import.meta.url).href)};
      await startSandbox({ driver: "containers" });`;
    for (const after of [500, 900, 1300]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
      const pid = child.pid ?? 0;
      await pause(after);
      child.kill("SIGKILL");
      // A container that is being made appears late: the engine goes on without whoever asked.
      await pause(1500);
      await eventually(async () => (await containersOf(pid, 0)).length === 0);
      await eventually(() => readdirSync(tmpdir()).every((name) => !name.includes(`-${pid}-`)));
    }
  });
});
