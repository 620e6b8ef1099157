import { rmSync } from "node:fs";

/** A file or folder that goes with the scope, and also when the process ends or is asked to end. */
export class RemovedAtEnd implements Disposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    process.once("exit", this.remove);
    for (const name of signals) process.once(name, this.end);
  }

  private readonly remove = (): void => rmSync(this.path, { recursive: true, force: true });

  private readonly end = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    process.kill(process.pid, signal);
  };

  /** It stays, as whatever it has become. */
  keep(): void {
    process.off("exit", this.remove);
    for (const name of signals) process.off(name, this.end);
  }

  [Symbol.dispose](): void {
    this.keep();
    this.remove();
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
