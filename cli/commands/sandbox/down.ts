import { Command } from "@oclif/core";
import { print } from "#cli/output.ts";

export class SandboxDownCommand extends Command {
  static override summary = "end the sandbox that runs in the background";
  static override description = "Returns when everything of it is gone: processes, ports, files.";
  static override examples = ["<%= config.bin %> sandbox down"];

  async run(): Promise<void> {
    await this.parse(SandboxDownCommand);
    const { sandboxDown } = await import("#sandbox/index.ts");
    await print((await sandboxDown()) ? "The sandbox is down.\n" : "No sandbox was up.\n");
  }
}
