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

  /** What is there of it; empty once all is gone. */
  remains(): string[] {
    const marked = readdirSync("/proc").filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, "latin1").includes(`TEST_MARK=${this.path}`);
      } catch {
        return false;
      }
    });
    const files = [this.files, this.environment.XDG_RUNTIME_DIR].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
        (name) => !name.startsWith("node-compile-cache") && name !== "hipaa-check",
      ),
    );
    return [...marked.map((pid) => `process ${pid}`), ...files];
  }

  async settled(): Promise<string[]> {
    for (let attempt = 0; attempt < 250 && this.remains().length > 0; attempt++) await pause(20);
    return this.remains();
  }
}
