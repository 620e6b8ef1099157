import { randomBytes, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "#cli/errors.ts";
import {
  attachSink,
  type HttpTarget,
  type K6,
  requireSmtp,
  type SendPath,
  type Sink,
  type SmtpTarget,
  sinkTokenVariable,
  sinkWords,
  startSink,
} from "#loadtests/index.ts";
import {
  Application,
  checkTarget,
  chooseDriver,
  nextHopControlPort,
  nextHopPort,
  type Sandbox,
  startSandbox,
} from "#sandbox/index.ts";
import type { LoadFlags } from "./flags.ts";
import { requireListening } from "./listening.ts";
import { parseApi, parseServer, readFile } from "./server.ts";

/** A send path that is ready, with everything that was started for it. */
export interface OpenPath extends AsyncDisposable {
  readonly path: SendPath;
  readonly sink?: Sink;
  /** One line for people: what is loaded, and why this. */
  readonly words: string;
}

/**
 * The server that --smtp names; undefined without the flag.
 * @throws UsageError for an address that is none, holds a password, or is clear text to elsewhere
 */
export async function readServer(
  { smtp: text, ca }: LoadFlags,
  owned: readonly string[],
): Promise<SmtpTarget | undefined> {
  if (text === undefined) return undefined;
  const { host, port, tls } = parseServer(text);
  const target = await checkTarget(host, owned);
  if (!target.owned) throw new UsageError(target.reason);
  if (tls === "none" && !(await checkTarget(host)).owned) {
    throw new UsageError(
      `--smtp ${text}: clear text goes to the loopback address only. Use smtp+starttls:// or smtps://.`,
    );
  }
  const { user, password } = readCredentials();
  if (tls === "none" && user !== undefined) {
    throw new UsageError(
      `--smtp ${text}: credentials are never sent in clear text. Use smtp+starttls:// or smtps://, or unset HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD.`,
    );
  }
  return {
    kind: "smtp",
    host: target.address,
    port,
    tls,
    ...(tls === "none" ? {} : { serverName: host }),
    ...(ca === undefined ? {} : { ca: readCertificates(ca) }),
    ...(user === undefined || password === undefined ? {} : { user, password }),
  };
}

/** @throws UsageError where one of the two is missing: a session without AUTH would measure something else */
function readCredentials(): Pick<SmtpTarget, "user" | "password"> {
  // A variable that a pipeline has left empty is one that is not set.
  const user = process.env.HIPAA_CHECK_SMTP_USER || undefined;
  const password = process.env.HIPAA_CHECK_SMTP_PASSWORD || undefined;
  if ((user === undefined) !== (password === undefined)) {
    const [there, missing] = user === undefined ? ["PASSWORD", "USER"] : (["USER", "PASSWORD"] as const);
    throw new UsageError(
      `HIPAA_CHECK_SMTP_${there} is set, and HIPAA_CHECK_SMTP_${missing} is not. Set both, or neither.`,
    );
  }
  return user === undefined || password === undefined ? {} : { user, password };
}

function readCertificates(path: string): string {
  const text = readFile(path, "--ca");
  try {
    new X509Certificate(text);
  } catch {
    throw new UsageError(`--ca ${path} holds no PEM certificate.`);
  }
  return text;
}

/** What a flag needs to be started, and everything that it starts. */
interface Opening {
  readonly flags: LoadFlags;
  readonly owned: readonly string[];
  readonly k6: K6;
  readonly started: AsyncDisposableStack;
  /** Where the sink keeps its files. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

type Path = Pick<OpenPath, "path" | "sink" | "words">;

/** Starts what the flags ask for. @throws UsageError, SandboxError, LoadTestError */
export async function openPath(
  flags: LoadFlags,
  server: SmtpTarget | undefined,
  owned: readonly string[],
  k6: K6,
  signal: AbortSignal,
): Promise<OpenPath> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "hipaa-check-sink-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const opening = { flags, owned, k6, started, folder, signal };
  const opened =
    server !== undefined
      ? await openServer(server, opening)
      : flags.http !== undefined
        ? await openApplication(flags.http, opening)
        : await openSandbox(opening);
  const resources = started.move();
  return { ...opened, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** A sink where the user has said that the target delivers. */
async function openSink({ flags, k6, folder, started }: Opening): Promise<Sink | undefined> {
  if (flags.sink === undefined) return undefined;
  return started.use(await startSink(k6, folder, { listen: flags.sink, tls: "starttls" }));
}

async function openServer(target: SmtpTarget, opening: Opening): Promise<Path> {
  const { smtp: url = "" } = opening.flags;
  const sink = await openSink(opening);
  if (sink === undefined) {
    return { path: { name: url, target, environment: {} }, words: `${url}; its mailbox is not in view` };
  }
  const words = `${url}; what it delivers is awaited at ${opening.flags.sink}`;
  return { path: { name: url, target, environment: {}, sink }, sink, words };
}

/** The sandbox's mail server, with a sink in place of its mailbox. */
async function startRelay(opening: Opening): Promise<{ readonly sandbox: Sandbox; readonly sink: Sink }> {
  requireSmtp(opening.k6);
  const { driver } = await chooseDriver(opening.flags.driver);
  if (driver.name === "containers") return await startContained(opening);
  const sink = opening.started.use(await startSink(opening.k6, opening.folder, { tls: "required" }));
  const { host, port, ca } = sink;
  const sandbox = await startSandbox({ driver: driver.name, relayTo: { host, port, ca } });
  return { sandbox: opening.started.use(sandbox), sink };
}

/** The sink runs beside the mail server, in a network that leads nowhere else. */
async function startContained({
  k6,
  started,
}: Opening): Promise<{ readonly sandbox: Sandbox; readonly sink: Sink }> {
  const config = "/run/sandbox/sink.json";
  const token = randomBytes(16).toString("hex");
  const options = { listen: `127.0.0.1:${nextHopPort}`, tls: "required" };
  const words = [...sinkWords(config), "--control", `0.0.0.0:${nextHopControlPort}`];
  const command = `${sinkTokenVariable}=$(cat /run/sandbox/sink-token) exec /run/sandbox/next-hop ${words.join(" ")}`;
  const sandbox = started.use(
    await startSandbox({
      driver: "containers",
      nextHop: {
        program: k6.path,
        command,
        files: { [config]: JSON.stringify(options), "/run/sandbox/sink-token": token },
      },
    }),
  );
  const { nextHop } = sandbox;
  if (nextHop === undefined) throw new Error("the containers driver starts the next hop that it is given");
  const sink = started.use(await attachSink(nextHop, { control: nextHop.control, token }));
  return { sandbox, sink };
}

async function openSandbox(opening: Opening): Promise<Path> {
  const { sandbox, sink } = await startRelay(opening);
  const { submission, ca } = sandbox.connection;
  const name = `sandbox (${sandbox.driver})`;
  const target = {
    kind: "smtp",
    ...submission,
    tls: "starttls",
    ca: readFile(ca, "the sandbox's certificate"),
  } as const;
  const { restart } = sandbox;
  const path: SendPath = {
    name,
    target,
    sink,
    environment: { driver: sandbox.driver },
    ...(restart === undefined ? {} : { mta: { restart } }),
  };
  return { path, sink, words: `${name}, a sink behind it` };
}

const defaultBody = JSON.stringify({
  from: "{{from}}",
  to: "{{recipient}}",
  subject: "Load test message {{sequence}}",
});

async function openApplication(address: string, opening: Opening): Promise<Path> {
  const { flags, owned, started, signal } = opening;
  const url = parseApi(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const checked = await checkTarget(host, owned);
  if (!checked.owned) throw new UsageError(checked.reason);
  const target: HttpTarget = {
    kind: "http",
    url: url.href,
    method: (flags["http-method"] ?? "POST").toUpperCase(),
    ...(flags.ca === undefined ? {} : { ca: readCertificates(flags.ca) }),
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries((flags["http-header"] ?? []).map(readHeader)),
    },
    body: flags["http-body"] ?? defaultBody,
  };
  if (!target.body.includes("{{recipient}}")) {
    throw new UsageError("--http-body has no {{recipient}}, so no message could be told from another.");
  }
  const name = address;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  if (flags.exec === undefined) {
    await requireListening(target, { host, address: checked.address, port });
    const sink = await openSink(opening);
    const path = { name, target, environment: {} };
    if (sink === undefined) return { path, words: `${name}; its mailbox is not in view` };
    return { path: { ...path, sink }, sink, words: `${name}; what it sends is awaited at ${flags.sink}` };
  }
  const { sandbox, sink } = await startRelay(opening);
  const { submission, ca } = sandbox.connection;
  const application = started.use(new Application());
  await application.start(flags.exec, { ...submission, ca }, { host: checked.address, port }, signal);
  const path = { name, target, sink, environment: { driver: sandbox.driver } };
  return { path, sink, words: `${name}, a sandbox (${sandbox.driver}) and a sink behind it` };
}

/** Values come from the environment: what stands on a command line is seen by everybody on the machine. */
function readHeader(text: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+)=(\w+)$/.exec(text);
  if (match === null) throw new UsageError(`--http-header ${text}: write NAME=VARIABLE.`);
  const value = process.env[match[2] ?? ""];
  if (value === undefined)
    throw new UsageError(`--http-header ${text}: there is no environment variable ${match[2]}.`);
  return [match[1] ?? "", value];
}
