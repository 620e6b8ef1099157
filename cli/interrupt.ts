const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Aborted when this process is asked to end: Ctrl-C, a signal, or the death of the launcher that started it with a
 * newer Node. What is under way then ends in its own way and in bounded time; asking again changes nothing.
 */
export class Interruption implements Disposable {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly abort = (): void => this.controller.abort();

  constructor() {
    this.signal = this.controller.signal;
    for (const name of signals) process.on(name, this.abort);
    process.on("disconnect", this.abort);
    // Listening for the launcher must not keep this process alive.
    process.channel?.unref();
  }

  [Symbol.dispose](): void {
    for (const name of signals) process.off(name, this.abort);
    process.off("disconnect", this.abort);
  }
}
