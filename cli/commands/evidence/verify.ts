import { Args, Command, Flags } from "@oclif/core";
import { print } from "#cli/output.ts";
import { styleFor } from "#cli/ui/style.ts";

export class EvidenceVerifyCommand extends Command {
  static override summary = "verify a bundle, offline";
  static override description =
    "Every octet listed and signed, nothing missing and nothing extra, parts that agree with each other, by signers whom you trust. " +
    "Trust comes from you: give a fingerprint or public key that you got from the signer by another way than the bundle. " +
    "Exit codes: 0 authentic and whole, whatever the verdicts in it, 1 not, 2 wrong usage, 3 undecided, such as a signer whom nobody named.";
  static override examples = [
    "<%= config.bin %> evidence verify clinic.tar --trust 3f6c…",
    "<%= config.bin %> evidence verify clinic.tar --trust assessor.pub --trust approver.pub --re-evaluate",
  ];
  static override args = {
    bundle: Args.string({ required: true, description: "the archive, or the folder form" }),
  };
  static override flags = {
    trust: Flags.string({
      multiple: true,
      helpValue: "KEY|FINGERPRINT",
      description:
        "signer to trust: a fingerprint, a public key in PEM, or a file with one fingerprint a line (repeatable; each must have signed)",
    }),
    "trust-timestamp": Flags.string({
      multiple: true,
      helpValue: "CERT",
      description:
        "certificate (PEM) of an authority whose time stamps to believe, or of who certifies it; the bundle must have one (repeatable)",
    }),
    "re-evaluate": Flags.boolean({
      description: "judge the inputs in the bundle again and compare the verdicts",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceVerifyCommand);
    const { readAuthorities, readTrust, verifyBundle } = await import("#cli/evidence/index.ts");
    const verified = await verifyBundle({
      bundle: args.bundle,
      trust: {
        signers: (flags.trust ?? []).map(readTrust),
        authorities: (flags["trust-timestamp"] ?? []).flatMap(readAuthorities),
        now: new Date(),
      },
      reEvaluate: flags["re-evaluate"],
    });
    const { renderVerified } = await import("#cli/reporters/bundles.ts");
    await print(renderVerified(args.bundle, verified, styleFor(process.stdout)));
  }
}
