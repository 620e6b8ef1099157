// Loaded before it is needed, so that whoever comes after it can decide what an unwritable standard output means.
import "@oclif/core/command";
import { run } from "@oclif/core/run";
import { program } from "./program.ts";

/** Lets oclif choose among all commands: for help, and to say what is wrong. */
export async function runAny(words: readonly string[]): Promise<void> {
  const { root, pjson } = program;
  const commands = { strategy: "explicit", target: "./commands.js", identifier: "COMMANDS" } as const;
  await run([...words], { root, pjson: { ...pjson, oclif: { ...pjson.oclif, commands } } });
}
