import { Command } from "@oclif/core";
import { jsonFlag, mailboxFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { renderInbox } from "#cli/reporters/sandbox.ts";
import { styleFor } from "#cli/ui/style.ts";

export class SandboxInboxListCommand extends Command {
  static override summary = "list what arrived in the sandbox, oldest first";
  static override description =
    "Shows the envelope, the TLS state of the connection that brought each message, and who logged in.";
  static override examples = [
    "<%= config.bin %> sandbox inbox list",
    "<%= config.bin %> sandbox inbox list --json",
    "<%= config.bin %> sandbox inbox list --mailbox http://localhost:8025",
  ];
  static override flags = { mailbox: mailboxFlag, json: jsonFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxInboxListCommand);
    const { openInbox } = await import("#sandbox/index.ts");
    const mails = await (await openInbox({ url: flags.mailbox })).list();
    const text = flags.json
      ? `${JSON.stringify(mails, undefined, 2)}\n`
      : renderInbox(mails, styleFor(process.stdout));
    await print(text);
  }
}
