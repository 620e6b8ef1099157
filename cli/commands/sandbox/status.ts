import { Command } from "@oclif/core";
import { jsonFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";

export class SandboxStatusCommand extends Command {
  static override summary = "say whether a sandbox is up";
  static override description = "Exit code 0 in either case; --json gives running, driver and since.";
  static override examples = ["<%= config.bin %> sandbox status", "<%= config.bin %> sandbox status --json"];
  static override flags = { json: jsonFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStatusCommand);
    const { sandboxStatus } = await import("#sandbox/index.ts");
    const status = await sandboxStatus();
    if (flags.json) await print(`${JSON.stringify(status, undefined, 2)}\n`);
    else if (status.running)
      await print(`A sandbox is up since ${status.since} (driver ${status.driver}).\n`);
    else await print("No sandbox is up. Start one with: hipaa-check sandbox up\n");
  }
}
