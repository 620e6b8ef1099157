// What tests of bundles begin with: a folder, a key, and the commands of the command line.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const clinic = join(root, "docs/examples/clinic");
/** The moment at which bundles say that they were made. */
export const epoch = "1795600000";

export interface BuildOptions {
  readonly folder?: string;
  readonly environment?: Record<string, string>;
  readonly words?: readonly string[];
}

/** A folder with the key of an assessor, in which bundles are built and verified. */
export class Workshop extends TemporaryFolder {
  readonly key = join(this.path, "keys/key.pem");
  readonly fingerprint: string;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    super(files);
    const { stdout } = this.run(["evidence", "keys", "new", "--out", "keys"]);
    this.fingerprint = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
  }

  run(words: readonly string[], environment: Record<string, string> = {}) {
    return runCommand(words, { folder: this.path, environment });
  }

  /** Builds a bundle and gives its path. */
  readonly build = (name: string, paths: readonly string[], options: BuildOptions = {}): string => {
    const output = join(this.path, name);
    const { exitCode, stderr } = runCommand(
      ["evidence", "build", ...paths, "--key", this.key, "-o", output, ...(options.words ?? [])],
      {
        folder: options.folder ?? root,
        environment: { SOURCE_DATE_EPOCH: epoch, ...options.environment },
      },
    );
    expect(stderr.replace(/^hipaa-check: .* …\n/gm, "")).toBe("");
    expect(exitCode).toBe(0);
    return output;
  };

  readonly verify = (bundle: string, ...words: string[]) =>
    this.run(["evidence", "verify", bundle, ...words]);

  /** Signs a changed folder anew, as somebody with the key could. */
  readonly reseal = (folder: string): string => {
    const script = fileURLToPath(new URL("fixtures/reseal.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, folder, this.key], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    return folder;
  };
}

export function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
