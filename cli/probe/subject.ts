import { randomBytes } from "node:crypto";
import { UsageError } from "#cli/errors.ts";
import type { StatedFact } from "#facts/facts-file.ts";
import type { ProbeEvent, ProbeReport, Sender } from "#sandbox/index.ts";
import type { ProbeFlags } from "./flags.ts";

/** What a run has found out. */
export interface ProbeFindings {
  readonly report: ProbeReport;
  readonly facts: readonly StatedFact[];
}

export interface ProbeRun {
  readonly flags: ProbeFlags;
  /** Hosts beside loopback that the user has listed as owned. */
  readonly owned: readonly string[];
  readonly onEvent: (event: ProbeEvent) => void;
  readonly signal: AbortSignal;
}

const subjects = ["postfix", "exec", "module", "http", "smtp", "server"] as const;

/** @throws UsageError unless exactly one thing to test is named */
export function requireOneSubject(flags: ProbeFlags): void {
  const given = subjects.filter((name) => flags[name] !== undefined && flags[name] !== false);
  if (given.length === 0) {
    throw new UsageError(
      "Name what to put to the test: --postfix, --exec, --module, --http, --smtp or --server. See: hipaa-check sandbox probe --help.",
    );
  }
  if (given.length > 1)
    throw new UsageError(`--${given.join(" and --")} were given: a run puts one of them to the test.`);
  if (flags.fault && flags.postfix === undefined) {
    throw new UsageError(
      `--fault goes with --postfix DIR, and not with --${given[0]}: it kills, fills and cuts off a mail server that it runs itself. What a sender does when its connection breaks is in the postures of delivery.`,
    );
  }
}

/** @throws UsageError where what is tested cannot be run in the way that was asked for */
export function requireFittingDriver({ driver, ...flags }: ProbeFlags): void {
  if (driver === "in-process" && flags.postfix !== undefined) {
    throw new UsageError(
      "--postfix runs in a container, so that its configuration is run nowhere else: leave --driver in-process out.",
    );
  }
  const fixed = (["http", "smtp", "server"] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (driver === "containers" && fixed !== undefined) {
    const why =
      fixed === "server"
        ? "the server runs already"
        : "its sender knows one port, where this process listens";
    throw new UsageError(`--driver containers does not go with --${fixed}: ${why}.`);
  }
}

/** Puts the sender or server that the flags name to the test. @throws UsageError, SandboxError */
export async function runProbe({ flags, owned, onEvent, signal }: ProbeRun): Promise<ProbeFindings> {
  const sandbox = await import("#sandbox/index.ts");
  const common = {
    onEvent,
    signal,
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
  };
  if (flags.fault && flags.postfix !== undefined) {
    const report = await sandbox.probeFaults(flags.postfix, {
      onEvent,
      signal,
      ...(flags.only === undefined ? {} : { only: flags.only }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.wait === undefined ? {} : { drainMs: flags.wait }),
    });
    return { report, facts: sandbox.faultFacts(report) };
  }
  if (flags.server === undefined) {
    const sender = await chooseSender({ flags, owned, onEvent, signal });
    const outcome = await sandbox.probeSender({
      ...common,
      sender: flags.name === undefined ? sender : named(sender, flags.name),
      quick: flags.quick,
      contentScan: flags["content-scan"],
      ...(flags.driver === undefined ? {} : { driver: flags.driver }),
      ...(flags.wait === undefined ? {} : { retryWaitMs: flags.wait }),
    });
    return { report: outcome.report, facts: sandbox.probeFacts(outcome, flags["message-class"]) };
  }
  const { user, password } = logIn();
  const outcome = await sandbox.probeServer({
    ...common,
    target: flags.server,
    owned,
    ...(flags.purpose === undefined ? {} : { purpose: flags.purpose }),
    ...(flags.recipient === undefined ? {} : { recipient: flags.recipient }),
    ...(flags.partner === undefined ? {} : { partner: flags.partner }),
    ...(flags.burst === undefined ? {} : { burst: flags.burst }),
    ...(user === undefined || password === undefined ? {} : { logIn: { user, password } }),
  });
  return { report: outcome.report, facts: sandbox.serverFacts(outcome) };
}

/** The log-in comes from the environment: what stands on a command line is seen by everybody on the machine. */
function logIn(): { readonly user: string | undefined; readonly password: string | undefined } {
  const { HIPAA_CHECK_SMTP_USER: user, HIPAA_CHECK_SMTP_PASSWORD: password } = process.env;
  return { user, password };
}

/** The same sender under another name. */
function named(sender: Sender, name: string): Sender {
  return Object.create(sender, { name: { value: name, enumerable: true } }) as Sender;
}

async function chooseSender({ flags, owned, onEvent, signal }: ProbeRun): Promise<Sender> {
  const { execSender, freePort, httpSender, moduleSender, postfixSender, waitingSender } = await import(
    "#sandbox/index.ts"
  );
  if (flags.postfix !== undefined) {
    const onProgress = (text: string): void => onEvent({ kind: "preparing", text });
    return await postfixSender(flags.postfix, { onProgress, signal });
  }
  if (flags.exec !== undefined) return execSender(flags.exec);
  if (flags.module !== undefined) return moduleSender(flags.module);
  const { user = "hipaa-check", password = randomBytes(12).toString("hex") } = logIn();
  const smtpPort = flags["smtp-port"];
  if (flags.http === undefined)
    return waitingSender({ smtpPort: smtpPort ?? (await freePort()), user, password });
  if (flags.start === undefined && smtpPort === undefined) {
    throw new UsageError(
      "--http needs --start CMD, which starts the application with its mail server in the environment, or --smtp-port PORT, where it looks for it.",
    );
  }
  return httpSender({
    url: flags.http,
    smtpPort: smtpPort ?? (await freePort()),
    user,
    password,
    owned,
    headers: Object.fromEntries((flags["http-header"] ?? []).map(readHeader)),
    ...(flags.start === undefined ? {} : { start: flags.start }),
    ...(flags["http-method"] === undefined ? {} : { method: flags["http-method"].toUpperCase() }),
    ...(flags["http-body"] === undefined ? {} : { body: flags["http-body"] }),
  });
}

function readHeader(text: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text);
  if (match === null) throw new UsageError(`--http-header ${text}: write NAME:VALUE.`);
  return [match[1] ?? "", match[2] ?? ""];
}
