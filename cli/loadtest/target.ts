import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "#cli/errors.ts";
import {
  type K6,
  type SendPath,
  type Sink,
  type SmtpTarget,
  startSink,
  type TlsMode,
} from "#loadtests/index.ts";
import { checkTarget, startSandbox } from "#sandbox/index.ts";
import type { LoadFlags } from "./flags.ts";

/** A send path that is ready, with everything that was started for it. */
export interface OpenPath extends AsyncDisposable {
  readonly path: SendPath;
  readonly sink?: Sink;
  /** One line for people: what is loaded, and why this. */
  readonly words: string;
}

const modes: Readonly<Record<string, { readonly tls: TlsMode; readonly port: number }>> = {
  "smtp:": { tls: "none", port: 25 },
  "smtp+starttls:": { tls: "starttls", port: 587 },
  "smtps:": { tls: "tls", port: 465 },
};

/** @throws UsageError for an address that is none, holds a password, or is clear text to elsewhere */
async function readUrl(text: string, owned: readonly string[], ca: string | undefined): Promise<SmtpTarget> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(
      `--smtp ${text}: this is no address. Write smtp+starttls://HOST:PORT or smtps://HOST:PORT.`,
    );
  }
  const mode = modes[url.protocol];
  if (mode === undefined) {
    throw new UsageError(
      `--smtp ${text}: write smtp+starttls://, smtps:// or smtp:// (clear text, loopback only).`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--smtp: an argument is seen by everybody on the machine. Put user and password into HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD.",
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const target = await checkTarget(host, owned);
  if (!target.owned) throw new UsageError(target.reason);
  if (mode.tls === "none" && !(await checkTarget(host)).owned) {
    throw new UsageError(
      `--smtp ${text}: clear text goes to the loopback address only. Use smtp+starttls:// or smtps://.`,
    );
  }
  const { HIPAA_CHECK_SMTP_USER: user, HIPAA_CHECK_SMTP_PASSWORD: password } = process.env;
  return {
    kind: "smtp",
    host: target.address,
    port: url.port === "" ? mode.port : Number(url.port),
    tls: mode.tls,
    serverName: host,
    ...(ca === undefined ? {} : { ca: readFile(ca, "--ca") }),
    ...(user === undefined || password === undefined ? {} : { user, password }),
  };
}

function readFile(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${flag} ${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Starts what the flags ask for. @throws UsageError, SandboxError, LoadTestError */
export async function openPath(flags: LoadFlags, owned: readonly string[], k6: K6): Promise<OpenPath> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "hipaa-check-sink-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  if (flags.smtp !== undefined) {
    const target = await readUrl(flags.smtp, owned, flags.ca);
    const sink =
      flags.sink === undefined
        ? undefined
        : started.use(await startSink(k6, folder, { listen: flags.sink, tls: "starttls" }));
    const path: SendPath = {
      name: flags.smtp,
      target,
      environment: {},
      ...(sink === undefined ? {} : { sink }),
    };
    const resources = started.move();
    const words =
      sink === undefined
        ? `${flags.smtp}; its mailbox is not in view`
        : `${flags.smtp}; what it delivers is awaited at ${flags.sink}`;
    return {
      path,
      words,
      ...(sink === undefined ? {} : { sink }),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  }
  const sink = started.use(await startSink(k6, folder, { tls: "required" }));
  const { host, port, ca } = sink;
  const sandbox = started.use(
    await startSandbox({
      relayTo: { host, port, ca },
      ...(flags.driver === undefined ? {} : { driver: flags.driver }),
    }),
  );
  const { submission, ca: sandboxCa } = sandbox.connection;
  const name = `sandbox (${sandbox.driver})`;
  const path: SendPath = {
    name,
    target: {
      kind: "smtp",
      ...submission,
      tls: "starttls",
      ca: readFile(sandboxCa, "the sandbox's certificate"),
    },
    sink,
    environment: { driver: sandbox.driver },
  };
  const resources = started.move();
  return {
    path,
    sink,
    words: `${name}, a sink behind it`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
