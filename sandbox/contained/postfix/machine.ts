import { setTimeout as pause } from "node:timers/promises";
import type { RunningContainer } from "../../containers/container.ts";
import { SandboxError } from "../../error.ts";
import type { ProbeMessage } from "../../probe/message.ts";
import type { QueueState, SendContext, SendOrder, SendOutcome } from "../../probe/sender.ts";
import type { InstalledSystem, SystemTraits } from "../system.ts";
import { type Configuration, configurationFolder, shortTimers } from "./configuration.ts";
import { compileMaps } from "./maps.ts";
import { QueueLog } from "./queue-log.ts";
import { readRoutes } from "./routes.ts";
import { readSettings, readValues, refusalOf, refuse, type Setting } from "./settings.ts";

const mailLog = "/var/log/mail.log";
const authorityFile = "/run/sandbox/ca.pem";
const pollMs = 25;
/** Longer than any of the timers. */
const stallMs = 6000;

/** Where authorities are expected: by parameters, by policy tables, by the system. */
interface AuthorityPlaces {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function authorityPlaces(settings: readonly Setting[], text: string): AuthorityPlaces {
  const valuesOf = (pattern: RegExp): string[] =>
    settings
      .filter(({ name }) => pattern.test(name) && !name.startsWith("smtpd_"))
      .flatMap(({ value }) => value.split(/[\s,]+/))
      .filter((path) => path.startsWith("/"));
  const inTables = [...text.matchAll(/\btafile=(\/[^\s:]+)/g)].map(([, path = ""]) => path);
  return {
    files: [
      ...new Set([
        "/etc/ssl/certs/ca-certificates.crt",
        ...valuesOf(/_tls_(CAfile|trust_anchor_file)$/),
        ...inTables,
      ]),
    ],
    folders: [...new Set(["/etc/ssl/certs", ...valuesOf(/_tls_CApath$/)])],
  };
}

/** Postfix with a user's configuration in one container. */
export class PostfixMachine implements InstalledSystem {
  private readonly container: RunningContainer;
  private readonly configuration: Configuration;
  private readonly log = new QueueLog();
  private lastActivity = 0;
  private places: AuthorityPlaces | undefined;

  constructor(container: RunningContainer, configuration: Configuration) {
    this.container = container;
    this.configuration = configuration;
  }

  async traits(): Promise<SystemTraits> {
    const places = await this.prepare();
    const { relay, fallbackRelays, exempted, local } = await readRoutes(this.container);
    const { mail_version: version } = await readValues(this.container, ["mail_version"]);
    const openssl = await this.container.execute(["openssl", "version"]);
    return {
      software: `Postfix ${version}, ${openssl.output.split(" ").slice(0, 2).join(" ")}`,
      overlay: [
        ...Object.entries(shortTimers).map(([name, value]) => `${name} = ${value}`),
        "resolver: the sandbox's own, which knows the zones of the run only",
        ...[...places.files, ...places.folders].map((path) => `${path}: the sandbox's authority`),
      ],
      hosts: relay === undefined ? [] : [relay.host],
      ports: relay === undefined ? [] : [relay.port],
      backupNames: fallbackRelays,
      provides: [
        "queue",
        "expiry",
        ...(fallbackRelays.length > 0 ? (["fallback-relay"] as const) : []),
        ...(exempted === undefined ? [] : (["exempted-destination"] as const)),
        ...(local === undefined ? [] : (["forwarding"] as const)),
      ],
      recipients: {
        ...(exempted === undefined ? {} : { exempted }),
        ...(local === undefined ? {} : { forwarding: `forward@${local}` }),
      },
    };
  }

  async start(ca: string): Promise<void> {
    const { files, folders } = await this.prepare();
    await this.run(["sh", "-c", `mkdir -p /run/sandbox && cat >${authorityFile}`], ca);
    const { maillog_file: ownLog } = await readValues(this.container, ["maillog_file"]);
    // Folders first: what lies in one is put there afterwards.
    const lines = [...folders.map((path) => `folder ${path}\n`), ...files.map((path) => `file ${path}\n`)];
    await this.run(["sh", "/usr/local/sbin/start-sender"], lines.join(""));
    const logs = ownLog.startsWith("/") && ownLog !== "/dev/stdout" ? [mailLog, ownLog] : [mailLog];
    const { output } = await this.container.attach(["tail", "-q", "-n", "+1", "-F", ...logs]);
    output.setEncoding("utf8").on("data", (chunk: string) => {
      this.log.add(chunk);
      this.lastActivity = Date.now();
    });
  }

  async limitLifetime(seconds: number | undefined): Promise<void> {
    const change =
      seconds === undefined
        ? `cat /run/sandbox/main.cf >${configurationFolder}/main.cf`
        : `postconf maximal_queue_lifetime=${seconds}s bounce_queue_lifetime=${seconds}s`;
    await this.run(["sh", "-c", `${change} && postfix reload`]);
  }

  async forgetPolicies(): Promise<void> {
    await this.run(["sh", "/usr/local/sbin/policy-daemon"]);
  }

  async submit(order: SendOrder, context: SendContext): Promise<SendOutcome> {
    const { message, before, via } = order;
    if (via !== undefined) await this.forwardTo(message.to);
    for (const other of before) await this.hand(other, other.to);
    const failure = await this.hand(message, via ?? message.to);
    if (failure !== undefined) return { ended: "failed", reason: failure, log: "" };
    const end = Date.now() + context.timeoutMs;
    while (!this.log.tried(message.to)) {
      const fatal = this.log.fatal();
      if (fatal !== undefined) return { ended: "not-started", reason: `Postfix says: ${fatal}`, log: "" };
      const filter = this.log.missingFilter();
      if (filter !== undefined) {
        const reason = `the mail filter ${filter} is not there in the test, and Postfix takes no message without it: set milter_default_action = accept in the folder`;
        return { ended: "not-started", reason, log: "" };
      }
      if (context.signal.aborted) return { ended: "stopped", reason: "interrupted", log: "" };
      if (Date.now() > end) break;
      await pause(pollMs);
    }
    return { ended: "sent", reason: "", log: "" };
  }

  queue({ message }: SendOrder): QueueState {
    const state = this.log.state(message.to);
    if (state.holds && Date.now() - this.lastActivity > stallMs) {
      // A message that a client had not let go of yet when it was due is put aside until the queue manager starts anew.
      this.lastActivity = Date.now();
      void this.container.execute(["postfix", "reload"]).catch(() => undefined);
    }
    return state;
  }

  async clear(): Promise<void> {
    // Programs that start anew remember no record, no session and no dead destination.
    await this.container.execute(["sh", "-c", "postsuper -d ALL; postfix reload"]);
    this.log.forget();
  }

  logs(): Promise<string> {
    return Promise.resolve(this.log.all);
  }

  /** Lets Postfix check the configuration, compiles its tables and shortens timers that services set for themselves. */
  private async prepare(): Promise<AuthorityPlaces> {
    if (this.places !== undefined) return this.places;
    const settings = await readSettings(this.container);
    await compileMaps(this.container, settings);
    for (const { name, service } of settings) {
      const timer = shortTimers[name];
      if (service !== undefined && timer !== undefined)
        await this.run(["postconf", "-P", `${service}/${name}=${timer}`]);
    }
    await this.run(["postfix", "check"]);
    this.places = authorityPlaces(settings, this.configuration.text);
    return this.places;
  }

  /** @returns why `sendmail` did not take the message; undefined when it did */
  private async hand({ from, raw }: ProbeMessage, to: string): Promise<string | undefined> {
    const { status, errors } = await this.container.execute(["sendmail", "-i", "-f", from, "--", to], raw);
    if (status === 0) return undefined;
    return `sendmail refused the message: ${refusalOf(errors) ?? errors.trim().split("\n").at(-1)}`;
  }

  private async forwardTo(address: string): Promise<void> {
    const lines = `${address}\n"|sh /usr/local/sbin/vacation"\n`;
    await this.run(
      ["sh", "-c", "cat >/home/forward/.forward && chown forward /home/forward/.forward"],
      lines,
    );
  }

  /** @throws SandboxError with Postfix's own words when the program fails */
  private async run(command: readonly string[], input?: string): Promise<void> {
    const { status, output, errors } = await this.container.execute(command, input);
    if (status === 0) return;
    if (refusalOf(errors) !== undefined) refuse(errors);
    const said = `${errors}\n${output}`.trim().split("\n").at(-1) ?? "";
    throw new SandboxError("environment", "sender-failed", `Postfix in its container failed: ${said}`);
  }
}
