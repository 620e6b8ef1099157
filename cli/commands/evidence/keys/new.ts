import { Command, Flags } from "@oclif/core";
import { print } from "#cli/output.ts";

export class EvidenceKeysNewCommand extends Command {
  static override summary = "make a key pair for signing bundles";
  static override description =
    "Writes key.pem, for its owner's eyes only, and key.pub, and prints the fingerprint to hand to the auditor. Never replaces a key. " +
    "Exit codes: 0 made, 2 wrong usage.";
  static override examples = ["<%= config.bin %> evidence keys new --out keys"];
  static override flags = {
    out: Flags.string({ required: true, helpValue: "DIR", description: "folder for the two files" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(EvidenceKeysNewCommand);
    const { createKeyFiles } = await import("#cli/evidence/index.ts");
    const { privateKey, publicKey, fingerprint } = createKeyFiles(flags.out);
    await print(
      `private key  ${privateKey}  (keep it secret)\npublic key   ${publicKey}\nfingerprint  ${fingerprint}  (hand this to the auditor, not with the bundle)\n`,
    );
  }
}
