import { existsSync } from "node:fs";
import { Args, Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { print, writeWhole } from "#cli/output.ts";

export class LoadtestNewCommand extends Command {
  static override summary = "write a load profile of your own";
  static override description =
    "Writes ID.yaml into this folder, a profile that runs as it is, with a line on what each key means. Never replaces a file.";
  static override examples = [
    "<%= config.bin %> loadtest new reminders",
    "<%= config.bin %> loadtest run ./reminders.yaml",
  ];
  static override args = {
    id: Args.string({ required: true, description: "id of the profile, and name of the file" }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(LoadtestNewCommand);
    if (!/^[a-z0-9][a-z0-9-]*$/.test(args.id)) {
      throw new UsageError(`${args.id}: an id has small letters, digits and hyphens only.`);
    }
    const file = `${args.id}.yaml`;
    if (existsSync(file)) throw new UsageError(`${file} exists and is left as it is. Choose another id.`);
    const { newProfile } = await import("#loadtests/index.ts");
    writeWhole(file, newProfile(args.id));
    await print(`${file}\nTry it: hipaa-check loadtest run ./${file}\n`);
  }
}
