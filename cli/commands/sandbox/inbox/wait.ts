import { Command, Flags } from "@oclif/core";
import { durationFlag, jsonFlag, mailboxFlag } from "#cli/flags.ts";
import { interruption } from "#cli/interrupt.ts";
import { print } from "#cli/output.ts";
import { renderMail } from "#cli/reporters/sandbox.ts";
import { styleFor } from "#cli/ui/style.ts";
import { SandboxError } from "#sandbox/error.ts";

export class SandboxInboxWaitCommand extends Command {
  static override summary = "wait for a message in the sandbox and show it";
  static override description =
    "Gives the first message that meets every filter, also one that is there already. Texts are found anywhere, in any case. " +
    "Exit codes: 0 it came, 1 it did not come in time, 2 wrong usage, 3 no sandbox is up.";
  static override examples = [
    "<%= config.bin %> sandbox inbox wait --to patient@clinic.test",
    '<%= config.bin %> sandbox inbox wait --subject "Your appointment" --timeout 30s --json',
  ];
  static override flags = {
    from: Flags.string({ helpValue: "TEXT", description: "in the envelope sender" }),
    to: Flags.string({ helpValue: "TEXT", description: "in an envelope recipient" }),
    subject: Flags.string({ helpValue: "TEXT", description: "in the subject" }),
    timeout: durationFlag({ description: "how long to wait; default: 10s" }),
    mailbox: mailboxFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxInboxWaitCommand);
    const { openInbox } = await import("#sandbox/index.ts");
    const { from, to, subject } = flags;
    const filter = {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(subject === undefined ? {} : { subject }),
    };
    const signal = interruption();
    const options = {
      signal,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
    };
    try {
      const mail = await (await openInbox({ url: flags.mailbox })).wait(filter, options);
      const text = flags.json
        ? `${JSON.stringify(mail, undefined, 2)}\n`
        : renderMail(mail, styleFor(process.stdout));
      await print(text);
    } catch (error) {
      if (!(error instanceof SandboxError) || error.code !== "no-mail") throw error;
      process.stderr.write(`hipaa-check: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
