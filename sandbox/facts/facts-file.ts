import { rename, rm, writeFile } from "node:fs/promises";
import { type FactsFile, formatFactsFile } from "#facts/facts-file.ts";
import { SandboxError } from "../error.ts";

/** Writes a facts file, whole or not at all. @throws SandboxError when it cannot be written */
export async function writeFactsFile(path: string, file: Omit<FactsFile, "schemaVersion">): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, formatFactsFile(file));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new SandboxError(
      "usage",
      "output-unwritable",
      `${path} cannot be written (${code}): name a file in a folder that exists`,
    );
  }
}
