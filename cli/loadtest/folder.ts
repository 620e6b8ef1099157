import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "#cli/errors.ts";
import { writeWhole } from "#cli/output.ts";

/**
 * Writes files into a folder, which is made where it is not there.
 * @param files by their paths in the folder
 * @param force replaces files that are there
 * @throws UsageError before anything is written where a file is there, or the folder cannot be made
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, string>, force: boolean): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(`--output ${folder} is a file. Name a folder.`);
  const there = [...files.keys()].find((file) => existsSync(join(folder, file)));
  if (there !== undefined && !force)
    throw new UsageError(
      `${join(folder, there)} exists and is left as it is. Name another folder, or say --force.`,
    );
  for (const parent of new Set([...files.keys()].map((file) => dirname(join(folder, file))))) {
    try {
      mkdirSync(parent, { recursive: true });
    } catch (error) {
      throw new UsageError(
        `--output ${parent} could not be made (${(error as NodeJS.ErrnoException).code}).`,
      );
    }
  }
  for (const [file, content] of files) writeWhole(join(folder, file), content);
}
