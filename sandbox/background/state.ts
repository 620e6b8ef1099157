import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../connection.ts";
import { SandboxError } from "../error.ts";

/** What is kept of a sandbox that runs in the background. Holds a password: readable by its owner only. */
export interface BackgroundState {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  /** When it ends by itself, ISO 8601. */
  readonly until: string;
  readonly connection: Connection;
  readonly control: { readonly port: number; readonly token: string };
}

/** The user's private folder for what runs: `$XDG_RUNTIME_DIR/hipaa-check`, else one in the temporary folder. */
export function runtimeFolder(): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && existsSync(runtime)) return join(runtime, "hipaa-check");
  return join(tmpdir(), `hipaa-check-runtime-${process.getuid?.() ?? "user"}`);
}

/** Makes the folder where it is missing. @throws SandboxError when somebody else could read or write it */
export async function prepareRuntimeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const text = `${folder} cannot be made (${(error as NodeJS.ErrnoException).code}): set XDG_RUNTIME_DIR to a folder of this user`;
    throw new SandboxError("environment", "runtime-folder-unsafe", text);
  }
  const found = await lstat(folder);
  const owner = process.getuid?.();
  if (!found.isDirectory() || (owner !== undefined && found.uid !== owner)) {
    const text = `${folder} is not a folder of this user: remove it, or set XDG_RUNTIME_DIR`;
    throw new SandboxError("environment", "runtime-folder-unsafe", text);
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

export function stateFile(folder: string): string {
  return join(folder, "sandbox.json");
}

/** The state of the sandbox in the background; undefined where there is none or its file cannot be read. */
export async function readState(folder: string): Promise<BackgroundState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(folder), "utf8")) as BackgroundState;
  } catch {
    return undefined;
  }
}

/** @throws SandboxError when another sandbox was faster */
export async function writeState(folder: string, state: BackgroundState): Promise<void> {
  try {
    await writeFile(stateFile(folder), JSON.stringify(state), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new SandboxError(
      "environment",
      "already-running",
      "a sandbox is being started already: try again in a moment",
    );
  }
}

export async function removeState(folder: string): Promise<void> {
  await rm(stateFile(folder), { force: true });
}
