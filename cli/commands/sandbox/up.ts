import { Command, Flags } from "@oclif/core";
import { durationFlag, jsonFlag, portFlag } from "#cli/flags.ts";
import { interruption } from "#cli/interrupt.ts";
import { print } from "#cli/output.ts";
import { Progress } from "#cli/progress.ts";
import { renderUp } from "#cli/reporters/sandbox.ts";
import { styleFor } from "#cli/ui/style.ts";

export class SandboxUpCommand extends Command {
  static override summary = "start a mail server that takes mail and delivers none";
  static override description =
    "Returns when the server answers; it stays up in the background until `sandbox down` or its time is over. " +
    "It listens on the loopback address only. One that is up already is shown as it is. " +
    "Exit codes: 0 it is up, 2 wrong usage, 3 it cannot be started here.";
  static override examples = [
    "<%= config.bin %> sandbox up",
    "<%= config.bin %> sandbox up --for 10m --submission-port 2525",
    "<%= config.bin %> sandbox up --env > .env",
    "<%= config.bin %> sandbox up --json",
  ];
  static override flags = {
    driver: Flags.option({ options: ["containers", "in-process"] as const })({
      description: "how to run it; default: the best that this machine can",
    }),
    for: durationFlag({ description: "when it ends by itself; default: 1h" }),
    env: Flags.boolean({
      exclusive: ["json"],
      description: "print variables, one a line, for eval or an .env file",
    }),
    json: jsonFlag,
    "submission-port": portFlag({ description: "port for mail from applications; default: a free one" }),
    "smtps-port": portFlag({ description: "the same under implicit TLS; default: a free one" }),
    "mx-port": portFlag({ description: "port for mail from other servers; default: a free one" }),
    "mailbox-port": portFlag({ description: "port of the mailbox's API; default: a free one" }),
    user: Flags.string({ description: "user name that applications log in with; default: sandbox" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxUpCommand);
    const { environmentOf, sandboxUp } = await import("#sandbox/index.ts");
    const signal = interruption();
    const ports = {
      ...(flags["submission-port"] === undefined ? {} : { submission: flags["submission-port"] }),
      ...(flags["smtps-port"] === undefined ? {} : { smtps: flags["smtps-port"] }),
      ...(flags["mx-port"] === undefined ? {} : { mx: flags["mx-port"] }),
      ...(flags["mailbox-port"] === undefined ? {} : { mailbox: flags["mailbox-port"] }),
    };
    const progress = new Progress();
    const up = await sandboxUp({
      ports,
      signal,
      onProgress: progress.announce,
      ...(flags.driver === undefined ? {} : { driver: flags.driver }),
      ...(flags.for === undefined ? {} : { forMs: flags.for }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
    }).finally(() => progress.finish());
    if (flags.json) await print(`${JSON.stringify(up.connection, undefined, 2)}\n`);
    else if (flags.env) {
      const lines = Object.entries(environmentOf(up.connection)).map(
        ([name, value]) => `${name}=${shellWord(value)}\n`,
      );
      await print(lines.join(""));
    } else await print(renderUp(up, styleFor(process.stdout)));
  }
}

/** A value as a shell and a reader of `.env` files take it. */
function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
