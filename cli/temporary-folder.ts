import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that only this user can read and that goes with the scope, and also when the process is asked to end. */
export class TemporaryFolder implements Disposable {
  readonly path: string;

  constructor(purpose: string) {
    this.path = mkdtempSync(join(tmpdir(), `hipaa-check-${purpose}-`));
    process.once("exit", this.remove);
    for (const name of signals) process.once(name, this.end);
  }

  private readonly remove = (): void => rmSync(this.path, { recursive: true, force: true });

  private readonly end = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    process.kill(process.pid, signal);
  };

  [Symbol.dispose](): void {
    process.off("exit", this.remove);
    for (const name of signals) process.off(name, this.end);
    this.remove();
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
