import { Args, Command, Flags } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { jsonFlag, mailboxFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { renderMail } from "#cli/reporters/sandbox.ts";
import { styleFor } from "#cli/ui/style.ts";

export class SandboxInboxShowCommand extends Command {
  static override summary = "show one message that arrived in the sandbox";
  static override examples = [
    "<%= config.bin %> sandbox inbox show 3f0c",
    "<%= config.bin %> sandbox inbox show 3f0c --json",
  ];
  static override args = {
    id: Args.string({ required: true, description: "the message's id, or how it begins" }),
  };
  static override flags = {
    mailbox: mailboxFlag,
    json: jsonFlag,
    raw: Flags.boolean({ exclusive: ["json"], description: "print the message as it was stored" }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SandboxInboxShowCommand, idsAreNoFlags(this.argv));
    const { openInbox } = await import("#sandbox/index.ts");
    const inbox = await openInbox({ url: flags.mailbox });
    const found = (await inbox.list()).filter(({ id }) => id === args.id || id.startsWith(args.id));
    const exact = found.find(({ id }) => id === args.id) ?? found[0];
    if (found.length > 1 && exact?.id !== args.id)
      throw new UsageError(
        `${found.length} messages have an id that begins with ${args.id}: write more of it.`,
      );
    const mail = exact === undefined ? undefined : await inbox.show(exact.id);
    if (mail === undefined)
      throw new UsageError(`There is no message ${args.id}. See: hipaa-check sandbox inbox list.`);
    if (flags.json) await print(`${JSON.stringify(mail, undefined, 2)}\n`);
    else await print(flags.raw ? mail.raw : renderMail(mail, styleFor(process.stdout)));
  }
}

/** Ids that MailHog makes may begin with a dash. */
function idsAreNoFlags(words: readonly string[]): string[] {
  const id = words.find((word) => /^-[\w=-]{20,}(?:@|$)/.test(word));
  return id === undefined || words.includes("--")
    ? [...words]
    : [...words.filter((word) => word !== id), "--", id];
}
