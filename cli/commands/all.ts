import type { Command } from "@oclif/core";
import { commands, loadCommand } from "./index.ts";

const ids = Object.keys(commands);
const classes = await Promise.all(ids.map(loadCommand));

/** Every command at once, by id: for help, and for the reference. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  ids.flatMap((id, index) => {
    const command = classes[index];
    return command === undefined ? [] : [[id, command] as const];
  }),
);
