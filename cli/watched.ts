import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { binary, StartedCommand, TemporaryFolder } from "./testing.ts";

/** A folder for a command whose temporary files and processes can be told from all others. */
export class Watched extends TemporaryFolder {
  private readonly files = join(this.path, "tmp");
  private readonly environment = {
    TMPDIR: this.files,
    XDG_RUNTIME_DIR: join(this.path, "runtime"),
    TEST_MARK: this.path,
  };

  constructor() {
    super();
    for (const folder of [this.files, this.environment.XDG_RUNTIME_DIR]) mkdirSync(folder, { mode: 0o700 });
  }

  start(words: readonly string[], script = binary): StartedCommand {
    return new StartedCommand(words, { folder: this.path, environment: this.environment, binary: script });
  }

  /** Processes of it that are in the group of one: those that a terminal's Ctrl-C meets. */
  group(of: number): number[] {
    const groupOf = (pid: number | string): string | undefined =>
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")[2];
    return this.marked()
      .filter((pid) => groupOf(pid) === groupOf(of))
      .map(Number);
  }

  /** What is there of it; empty once all is gone. */
  remains(): string[] {
    const files = [this.files, this.environment.XDG_RUNTIME_DIR].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
        (name) => !name.startsWith("node-compile-cache") && name !== "hipaa-check",
      ),
    );
    return [...this.marked().map((pid) => `process ${pid}`), ...files];
  }

  private marked(): string[] {
    return readdirSync("/proc").filter((name) => {
      try {
        // Some are told of the environment only where temporary files go.
        return readFileSync(`/proc/${name}/environ`, "latin1").includes(`=${this.path}`);
      } catch {
        return false;
      }
    });
  }

  async settled(): Promise<string[]> {
    for (let attempt = 0; attempt < 250 && this.remains().length > 0; attempt++) await pause(20);
    return this.remains();
  }
}
