import { setTimeout as pause } from "node:timers/promises";
import type { RunningContainer } from "../containers/container.ts";
import { SandboxError } from "../error.ts";
import type { QueueState, SendContext, SendOrder, SendOutcome } from "../probe/sender.ts";
import { trustAuthority } from "./debian.ts";
import type { InstalledSystem, SystemTraits } from "./system.ts";

/** What sets one mail server with a queue apart from another. Commands are for the shell. */
export interface QueueingSpec {
  /** Prints product and TLS library. */
  readonly version: string;
  readonly overlay: readonly string[];
  readonly start: string;
  readonly log: string;
  /** Has the queue tried at once, whatever its timers say. */
  readonly retry: string;
  /** Prints how many messages are in the queue. */
  readonly count: string;
  readonly clear: string;
  /** Matches one line of the log for each try at a recipient; the first group is the reason where it was put off. */
  tryAt(recipient: string): RegExp;
  /** Matches when a report was made. */
  readonly reported: RegExp;
}

const pollMs = 25;

/** A mail server with a queue of its own, in one container, as its packager configures it. */
export class QueueingMachine implements InstalledSystem {
  private readonly container: RunningContainer;
  private readonly spec: QueueingSpec;
  private text = "";
  private mark = 0;
  /** The counts that were printed since the message was handed in. */
  private counts: number[] = [];

  constructor(container: RunningContainer, spec: QueueingSpec) {
    this.container = container;
    this.spec = spec;
  }

  async traits(): Promise<SystemTraits> {
    const { output } = await this.shell(this.spec.version);
    const { overlay } = this.spec;
    return {
      software: output.trim().split("\n").join(", "),
      overlay: [...overlay, "resolver and trusted authorities: the sandbox's"],
      hosts: [],
      ports: [],
      backupNames: [],
      provides: ["queue"],
      recipients: {},
    };
  }

  async start(ca: string): Promise<void> {
    await this.shell(trustAuthority, ca);
    await this.shell(this.spec.start);
    const log = await this.container.attach(["tail", "-n", "+1", "-F", this.spec.log]);
    log.output.setEncoding("utf8").on("data", (chunk: string) => {
      this.text += chunk;
    });
    const { retry, count } = this.spec;
    const queue = await this.container.attach([
      "sh",
      "-c",
      `while :; do ${retry} >/dev/null 2>&1; ${count}; sleep 1; done`,
    ]);
    queue.output.setEncoding("utf8").on("data", (chunk: string) => {
      for (const [digits] of chunk.matchAll(/\d+/g)) this.counts.push(Number(digits));
    });
  }

  async submit({ message }: SendOrder, context: SendContext): Promise<SendOutcome> {
    const { from, to, raw } = message;
    const { status, errors } = await this.container.execute(
      ["/usr/sbin/sendmail", "-i", "-f", from, "--", to],
      raw,
    );
    this.counts = [];
    if (status !== 0) return { ended: "failed", reason: errors.trim().split("\n").at(-1) ?? "", log: "" };
    for (const end = Date.now() + context.timeoutMs; this.tries(to).length === 0 && Date.now() < end; ) {
      if (context.signal.aborted) return { ended: "stopped", reason: "interrupted", log: "" };
      await pause(pollMs);
    }
    this.counts = [];
    return { ended: "sent", reason: "", log: "" };
  }

  queue({ message }: SendOrder): QueueState {
    const tries = this.tries(message.to);
    // Of a report about it as well.
    const count = Math.max(tries.length, this.tries(message.from).length);
    // The first count may have been under way before the message came.
    const [, ...counts] = this.counts;
    const left = counts.at(-1);
    return {
      holds: left === undefined || left > 0,
      tries: count,
      reported: this.spec.reported.test(this.recent()),
      reason: tries.at(-1)?.[1] ?? "",
    };
  }

  async clear(): Promise<void> {
    await this.shell(this.spec.clear);
    this.mark = this.text.length;
  }

  logs(): Promise<string> {
    return Promise.resolve(this.text);
  }

  private tries(recipient: string): RegExpExecArray[] {
    return [...this.recent().matchAll(this.spec.tryAt(recipient))];
  }

  private recent(): string {
    return this.text.slice(this.mark);
  }

  private async shell(command: string, input?: string): Promise<{ readonly output: string }> {
    const { status, output, errors } = await this.container.execute(["sh", "-c", command], input);
    if (status === 0) return { output };
    const said = `${errors}\n${output}`.trim().split("\n").at(-1) ?? "";
    throw new SandboxError(
      "environment",
      "sender-failed",
      `the mail server in its container failed: ${said}`,
    );
  }
}
