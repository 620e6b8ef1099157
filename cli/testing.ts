import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Report } from "#engine/result.ts";

/** The script that `bin` names: tests run what users run. */
export const binary = fileURLToPath(new URL("./bin/run.js", import.meta.url));

export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another copy of the script. */
  readonly binary?: string;
  /** Run as this user (only root can). */
  readonly userId?: number;
}

/** What a command of a test sees of the environment: where things are, and the mark of the suite that it belongs to. */
function environmentOf(options: RunOptions): Readonly<Record<string, string | undefined>> {
  const { PATH, HOME, TMPDIR, XDG_RUNTIME_DIR, HIPAA_CHECK_SUITE } = process.env;
  return {
    ...{ PATH, HOME, TMPDIR, XDG_RUNTIME_DIR, HIPAA_CHECK_SUITE },
    NO_COLOR: "1",
    HIPAA_CHECK_CACHE: join(tmpdir(), `hipaa-check-test-cache-${process.pid}`),
    ...options.environment,
  };
}

/** Runs `hipaa-check` with its own cache folder and without colour. */
export function runCommand(words: readonly string[], options: RunOptions): RunResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.binary ?? binary, ...words], {
    cwd: options.folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: environmentOf(options),
    ...(options.userId === undefined ? {} : { uid: options.userId, gid: options.userId }),
  });
  return { exitCode: status, stdout, stderr };
}

/** `hipaa-check`, started without waiting for its end. */
export class StartedCommand {
  readonly child: ChildProcess;
  /** How it ended; the exit code is null after a signal. */
  readonly ended: Promise<RunResult>;
  private stdout = "";
  private stderr = "";

  constructor(words: readonly string[], options: RunOptions) {
    this.child = spawn(process.execPath, [options.binary ?? binary, ...words], {
      cwd: options.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: environmentOf(options),
    });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = once(this.child, "close").then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Resolves when the output holds a text. @throws Error when it ends without */
  async says(text: string): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      if (over) throw new Error(`it ended without "${text}":\n${this.stdout}${this.stderr}`);
      await pause(10);
    }
  }
}

/** A temporary folder with files in it, removed at the end of the scope. */
export class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "hipaa-check-test-"));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A copy of the built package that a test may spoil. */
export class PackageCopy extends TemporaryFolder {
  readonly binary = join(this.path, "cli/bin/run.js");

  constructor() {
    super();
    const root = dirname(dirname(dirname(binary)));
    for (const part of ["dist", "cli/bin", "package.json", "sandbox/postures", "sandbox/images"])
      cpSync(join(root, part), join(this.path, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"));
  }
}

/** A key that meets every rule, so that only the bad input beside it can change the exit code. */
export const soundTerraform = `resource "aws_kms_key" "good" {
  enable_key_rotation     = true
  deletion_window_in_days = 30
}
`;

/** Runs `check .` in a folder and reads its JSON. */
export function reportOf(
  folder: TemporaryFolder,
  ...words: string[]
): { readonly exitCode: number | null; readonly report: Report } {
  const { exitCode, stdout } = runCommand(["check", ".", "--format", "json", ...words], {
    folder: folder.path,
  });
  return { exitCode, report: JSON.parse(stdout) as Report };
}

/** The errors of a report: "code file:line". */
export function errorsOf({ diagnostics }: Report): string[] {
  return diagnostics
    .filter(({ level }) => level === "error")
    .map(({ code, location }) => `${code} ${location?.file}:${location?.line}`);
}
