import type { RunningContainer } from "../containers/container.ts";
import { serverName } from "../network/zones.ts";
import type { SendContext, SendOrder, SendOutcome } from "../probe/sender.ts";
import { trustAuthority } from "./debian.ts";
import type { InstalledSystem, SendingSystem, SystemTraits } from "./system.ts";

const port = 587;

/** A program that hands one message over to a server that it is told, and has no queue. */
class CommandMachine implements InstalledSystem {
  private readonly container: RunningContainer;
  private readonly command: string;
  private readonly version: string;
  private log = "";

  constructor(container: RunningContainer, command: string, version: string) {
    this.container = container;
    this.command = command;
    this.version = version;
  }

  async traits(): Promise<SystemTraits> {
    const { output } = await this.container.execute(["sh", "-c", this.version]);
    return {
      software: output.trim().split("\n").join(", "),
      overlay: ["resolver and trusted authorities: the sandbox's"],
      hosts: [serverName],
      ports: [port],
      backupNames: [],
      provides: [],
      recipients: {},
    };
  }

  async start(ca: string): Promise<void> {
    await this.container.execute(["sh", "-c", trustAuthority], ca);
  }

  async submit({ message, user, password }: SendOrder, context: SendContext): Promise<SendOutcome> {
    const variables = {
      HOST: serverName,
      PORT: String(port),
      FROM: message.from,
      TO: message.to,
      USER: user,
      PASSWORD: password,
    };
    const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const seconds = String(Math.ceil(context.timeoutMs / 1000));
    const { status, output, errors } = await this.container.execute(
      ["env", ...settings, "timeout", seconds, "sh", "-c", this.command],
      message.raw,
    );
    const log = `${output}\n${errors}`;
    this.log += log;
    if (status === 124)
      return { ended: "stopped", reason: `the program did not end within ${seconds} s`, log };
    if (status === 0) return { ended: "sent", reason: "", log };
    return { ended: "failed", reason: errors.trim().split("\n").at(-1) ?? `status ${status}`, log };
  }

  async clear(): Promise<void> {
    // Nothing stays behind.
  }

  logs(): Promise<string> {
    return Promise.resolve(this.log);
  }
}

export interface CommandOptions {
  readonly name: string;
  /** For the shell; finds HOST, PORT, FROM, TO, USER and PASSWORD, and the message on its input. */
  readonly command: string;
  /** Prints product and TLS library. */
  readonly version: string;
}

/** swaks, msmtp and their like, of the image `clients`. */
export function commandSystem({ name, command, version }: CommandOptions): SendingSystem {
  return {
    kind: "exec",
    name,
    image: "clients",
    files: {},
    install: (container) => new CommandMachine(container, command, version),
  };
}
