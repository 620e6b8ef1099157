import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { AuthenticatedEndpoint, Connection } from "../connection.ts";
import {
  type Availability,
  type Driver,
  type NextHop,
  nextHopControlPort,
  nextHopPort,
  type RunningNextHop,
  type Sandbox,
  type SandboxOptions,
} from "../driver.ts";
import { messageOf, SandboxError } from "../error.ts";
import { Mailbox } from "../mailbox/mailbox.ts";
import { MailHogStore } from "../mailbox/mailhog.ts";
import { Authority } from "../pki/authority.ts";
import { NoReply, SmtpClient } from "../probe/senders/smtp-client.ts";
import { loopbackAddress, portError } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { createTemporaryFolder } from "../resources/temporary-folder.ts";
import { type ContainerFile, RunningContainer } from "./container.ts";
import { type Engine, findEngine, openEngine } from "./engine.ts";
import { ensureImage } from "./image.ts";

const ports = { submission: 587, smtps: 465, mx: 25, mailbox: 8025 } as const;
type Service = keyof typeof ports;

const readyTimeoutMs = 30_000;
const pollMs = 50;
/** So that a server that is ended on time is not ended under way. */
const graceMs = 60_000;

async function check(): Promise<Availability> {
  try {
    await findEngine();
    return { available: true };
  } catch (error) {
    return { available: false, reason: messageOf(error) };
  }
}

/** Says which port is in use before anything is built or started. */
async function refuseTakenPort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      // The engine may open what this process may not.
      if (error.code === "EACCES") resolve();
      else reject(portError(error, loopbackAddress, port));
    });
    server.listen({ host: loopbackAddress, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

async function greets(port: number): Promise<boolean> {
  let client: SmtpClient | undefined;
  try {
    client = await SmtpClient.open(loopbackAddress, port, 1000);
    return (await client.reply(1000)).code === 220;
  } catch (error) {
    if (error instanceof NoReply) return false;
    throw error;
  } finally {
    client?.close();
  }
}

async function serves(url: string): Promise<boolean> {
  return await fetch(`${url}/api/v2/messages?limit=1`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function whenReady(server: RunningContainer, ready: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + readyTimeoutMs;
  while (!(await ready())) {
    const running = await server.runs();
    if (running && Date.now() < end) {
      await pause(pollMs);
      continue;
    }
    const last = (await server.logs()).trim().split("\n").at(-1) ?? "";
    const what = running
      ? `did not answer within ${readyTimeoutMs / 1000} seconds`
      : "ended before it answered";
    const said = last === "" ? "" : `: ${last}`;
    throw new SandboxError("environment", "start-failed", `the mail server in its container ${what}${said}`);
  }
}

/** MailHog, in the network of the mail server. */
function startMailbox(
  engine: Engine,
  image: string,
  server: RunningContainer,
  lifetimeMs: number | undefined,
): Promise<RunningContainer> {
  return RunningContainer.start(engine, {
    image,
    purpose: "mailhog",
    command: ["mailhog", "-smtp-bind-addr", "127.0.0.1:1025", "-storage", "memory"],
    network: server,
    lifetimeMs,
  });
}

const nextHopProgram = "/run/sandbox/next-hop";

function nextHopFiles({ program, files }: NextHop): Record<string, ContainerFile> {
  const own = Object.entries(files).map(([path, content]) => [path, { content }] as const);
  return {
    ...Object.fromEntries(own),
    [nextHopProgram]: { content: readFileSync(program), mode: 0o700 },
    // start-server sends mail there, and keeps the mail server up.
    "/run/sandbox/relay": { content: `[127.0.0.1]:${nextHopPort}` },
  };
}

async function startNextHop(server: RunningContainer, { command }: NextHop): Promise<RunningNextHop> {
  const process = await server.attach(["sh", "-c", command]);
  const port = await server.publishedPort(nextHopControlPort);
  return { ...process, control: `http://${loopbackAddress}:${port}` };
}

/** Nothing of the mail server gets a chance to end well, as in a loss of power; its queue stays on the disk. */
async function restart(server: RunningContainer, afterMs: number): Promise<void> {
  const others = "qmgr smtpd cleanup smtp pickup trivial-rewrite tlsmgr bounce anvil scache proxymap";
  const kill = `touch /run/sandbox/hold; busybox killall -9 master && { busybox killall -q -9 ${others}; true; }`;
  const { status, errors } = await server.execute(["sh", "-c", kill]);
  if (status !== 0) {
    await server.execute(["rm", "-f", "/run/sandbox/hold"]);
    const why = errors.trim().split("\n", 1)[0];
    throw new SandboxError("environment", "restart-failed", `the mail server could not be killed: ${why}`);
  }
  await pause(afterMs);
  await server.execute(["rm", "/run/sandbox/hold"]);
}

async function start(options: SandboxOptions): Promise<Sandbox> {
  const { nextHop } = options;
  const resources = new ResourceStack();
  try {
    for (const port of Object.values(options.ports ?? {}))
      if (port !== undefined) await refuseTakenPort(port);
    const engine = await openEngine();
    const postfix = await ensureImage(engine, "postfix", options);
    const folder = resources.use(await createTemporaryFolder("sandbox"));
    const authority = await Authority.create({
      hosts: ["localhost", loopbackAddress, "::1"],
      recipientDomain: "clinic.test",
    });
    const ca = await folder.write("ca.pem", authority.root);
    const { certificate, key } = await authority.credential("good");
    const user = options.user ?? "sandbox";
    const password = options.password ?? randomBytes(12).toString("hex");
    const lifetimeMs = options.lifetimeMs === undefined ? undefined : options.lifetimeMs + graceMs;
    const server = resources.use(
      await RunningContainer.start(engine, {
        image: postfix,
        purpose: "postfix",
        command: ["sh", "/usr/local/sbin/start-server"],
        ports: [
          ...Object.entries(ports).map(([service, inside]) => ({
            inside,
            outside: options.ports?.[service as Service],
          })),
          ...(nextHop === undefined ? [] : [{ inside: nextHopControlPort }]),
        ],
        // To take its own way out away; it is given up before the server starts.
        capabilities: ["NET_ADMIN"],
        files: {
          "/run/sandbox/tls.pem": { content: `${key}${certificate}` },
          "/run/sandbox/user": { content: user },
          "/run/sandbox/password": { content: password },
          ...(nextHop === undefined ? {} : nextHopFiles(nextHop)),
        },
        lifetimeMs,
      }),
    );
    if (nextHop === undefined)
      resources.use(
        await startMailbox(engine, await ensureImage(engine, "mailhog", options), server, lifetimeMs),
      );
    const running = nextHop === undefined ? undefined : await startNextHop(server, nextHop);
    const endpoint = async (service: Service): Promise<AuthenticatedEndpoint> => ({
      host: loopbackAddress,
      port: await server.publishedPort(ports[service]),
      user,
      password,
    });
    const submission = await endpoint("submission");
    const mx = { host: loopbackAddress, port: (await endpoint("mx")).port };
    const mailbox = { url: `http://${loopbackAddress}:${(await endpoint("mailbox")).port}` };
    const ready = async (): Promise<boolean> =>
      (await greets(submission.port)) && (nextHop !== undefined || (await serves(mailbox.url)));
    await whenReady(server, ready);
    const connection: Connection = {
      driver: "containers",
      submission,
      smtps: await endpoint("smtps"),
      mx,
      ca,
      mailbox,
    };
    return {
      driver: "containers",
      connection,
      mailbox: new Mailbox(new MailHogStore(mailbox.url)),
      ...(running === undefined
        ? {}
        : { nextHop: running, restart: (afterMs: number) => restart(server, afterMs) }),
      since: new Date().toISOString(),
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw error;
  }
}

/** A real Postfix in a container, and MailHog behind it in another. */
export const containersDriver: Driver = {
  name: "containers",
  title: "Postfix and MailHog in containers",
  check,
  start,
};
