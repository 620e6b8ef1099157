import { Args, Command, Flags } from "@oclif/core";
import { print } from "#cli/output.ts";
import { printable } from "#cli/ui/text.ts";

export class EvidenceTimestampCommand extends Command {
  static override summary = "ask for a time stamp of a bundle, and put it in";
  static override description =
    "A signature says who, and when by the signer's own clock. A time stamp authority (RFC 3161) says that the signature existed at a time. " +
    "--request writes what to send to an authority of your choice; --token puts its answer into the bundle, whose other octets stay as they are. " +
    "Nothing is sent anywhere. Exit codes: 0 done, 1 the bundle is not whole or the time stamp is of something else, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> evidence timestamp clinic.tar --request clinic.tsq",
    "<%= config.bin %> evidence timestamp clinic.tar --token clinic.tsr",
  ];
  static override args = {
    bundle: Args.string({ required: true, description: "the archive, or the folder form" }),
  };
  static override flags = {
    request: Flags.string({
      helpValue: "FILE",
      exactlyOne: ["request", "token"],
      description: "write the request (DER) for an authority",
    }),
    token: Flags.string({
      helpValue: "FILE",
      description: "what the authority gave (DER): its response or the token in it",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceTimestampCommand);
    const { addTimeStamp, nameOf, writeRequest } = await import("#cli/evidence/index.ts");
    if (flags.token !== undefined) {
      const { time, authority } = await addTimeStamp(args.bundle, flags.token);
      await print(
        `stamped  ${printable(args.bundle)}\n  at  ${time.toISOString()}\n  by  ${printable(nameOf(authority))}\n`,
      );
    } else if (flags.request !== undefined) {
      await writeRequest(args.bundle, flags.request);
      await print(
        `request  ${printable(flags.request)}\n  Send it: curl -H "Content-Type: application/timestamp-query" --data-binary @${printable(flags.request)} -o reply.tsr URL-OF-THE-AUTHORITY\n  Then: hipaa-check evidence timestamp ${printable(args.bundle)} --token reply.tsr\n`,
      );
    }
  }
}
