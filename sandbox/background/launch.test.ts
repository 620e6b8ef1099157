import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "../connection.ts";
import { openInbox, sandboxConnection, sandboxDown, sandboxStatus, sandboxUp } from "./launch.ts";
import { readState } from "./state.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
});

afterEach(async () => {
  await sandboxDown({ folder });
  rmSync(folder, { recursive: true, force: true });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 250; attempt++) {
    if (await condition()) return;
    await pause(20);
  }
  throw new Error("the condition was not met within 5 seconds");
}

async function send({ submission, ca }: Connection, subject: string): Promise<void> {
  const { host, port, user, password } = submission;
  const transport = createTransport({
    host,
    port,
    auth: { user, pass: password },
    tls: { ca: readFileSync(ca) },
  });
  await transport.sendMail({ from: "app@sender.test", to: "patient@clinic.test", subject, text: "x" });
}

/** Nothing of a sandbox is there any more: no process, no port, no file. */
async function isGone(connection: Connection, pid: number): Promise<void> {
  await eventually(() => !existsSync(`/proc/${pid}`) && !existsSync(dirname(connection.ca)));
  await eventually(() => readdirSync(folder).length === 0);
  for (const { port } of [connection.submission, connection.smtps, connection.mx])
    expect(await answers(port)).toBe(false);
}

describe("the sandbox in the background", () => {
  test("is up, takes mail, lists it for another process, and goes down", async () => {
    const up = await sandboxUp({ driver: "in-process", folder });
    expect(up).toMatchObject({ wasRunning: false, reason: "mail server in this process, as asked for" });
    expect(Math.round((Date.parse(up.until) - Date.now()) / 60_000)).toBe(60);
    await send(up.connection, "first");
    const [mail] = await (await openInbox({ folder })).list();
    expect(mail).toMatchObject({ subject: "first", tls: { version: "TLSv1.3" }, auth: { user: "sandbox" } });
    expect(await sandboxStatus({ folder })).toMatchObject({ running: true, driver: "in-process" });
    const pid = (await readState(folder))?.pid ?? 0;
    expect(await sandboxDown({ folder })).toBe(true);
    expect(await sandboxStatus({ folder })).toEqual({ running: false, driver: null, since: null });
    expect(await sandboxDown({ folder })).toBe(false);
    await isGone(up.connection, pid);
  });

  test("is given back when it is up already", async () => {
    const first = await sandboxUp({ driver: "in-process", folder });
    const second = await sandboxUp({ driver: "in-process", folder });
    expect(second).toMatchObject({ wasRunning: true, connection: first.connection });
    await expect(sandboxUp({ folder, driver: "containers" })).rejects.toThrow(
      "end it with `sandbox down` first",
    );
  });

  test("ends when its time is over", async () => {
    const { connection } = await sandboxUp({ driver: "in-process", folder, forMs: 300 });
    const pid = (await readState(folder))?.pid ?? 0;
    await isGone(connection, pid);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("leaves nothing when it gets %s", async (signal) => {
    const { connection } = await sandboxUp({ driver: "in-process", folder });
    const pid = (await readState(folder))?.pid ?? 0;
    process.kill(pid, signal);
    await isGone(connection, pid);
    expect(await sandboxStatus({ folder })).toMatchObject({ running: false });
    expect((await sandboxUp({ driver: "in-process", folder })).wasRunning).toBe(false);
  });

  test("keeps nothing when the process that started it is killed before it is up", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "launch-test-"));
    const code = `import { sandboxUp } from ${JSON.stringify(new URL("./launch.ts", import.meta.url).href)};
      sandboxUp({ driver: "in-process", folder: ${JSON.stringify(folder)} }); setTimeout(() => process.kill(process.pid, "SIGKILL"), 60);`;
    const env = { ...process.env, TMPDIR: temporary };
    const launcher = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore", env });
    await new Promise((resolve) => launcher.on("exit", resolve));
    await eventually(() => readdirSync(temporary).length === 0);
    rmSync(temporary, { recursive: true });
    await eventually(() => readdirSync(folder).length === 0);
  });

  test("can be interrupted while it starts", async () => {
    const controller = new AbortController();
    const starting = sandboxUp({ driver: "in-process", folder, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(starting).rejects.toThrow("interrupted before the sandbox was up");
    await eventually(() => readdirSync(folder).length === 0);
  });

  test("says in one line what keeps it from starting", async () => {
    const { connection } = await sandboxUp({ driver: "in-process", folder });
    const other = join(folder, "other");
    const { port } = connection.mx;
    await expect(sandboxUp({ driver: "in-process", folder: other, ports: { mx: port } })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is in use`,
    );
    await expect(sandboxUp({ driver: "in-process", folder: other, forMs: 0 })).rejects.toThrow(
      "the time to stay up must be more than nothing",
    );
    await expect(sandboxConnection({ folder: other })).rejects.toThrow("no sandbox is up");
    rmSync(other, { recursive: true });
  });

  test("keeps its state from other users, and trusts no folder of theirs", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    chmodSync(own, 0o777);
    await sandboxUp({ driver: "in-process", folder: own });
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(statSync(join(own, "sandbox.json")).mode & 0o777).toBe(0o600);
    await sandboxDown({ folder: own });
    const link = join(folder, "link");
    symlinkSync(own, link);
    await expect(sandboxUp({ driver: "in-process", folder: link })).rejects.toThrow(
      "is not a folder of this user",
    );
    rmSync(own, { recursive: true });
    rmSync(link);
  });
});
