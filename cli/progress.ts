const silentMilliseconds = 1000;
const terminalInterval = 100;
const logInterval = 10_000;

/** Progress on standard error, for runs that last over a second. */
export class Progress {
  private readonly started = performance.now();
  private lastSaid = 0;
  private said = false;
  private ticker: NodeJS.Timeout | undefined;

  /** Called often with what is under way, such as "terraform: 120 of 300". */
  readonly report = (words: string): void => {
    clearInterval(this.ticker);
    const now = performance.now();
    const interval = process.stderr.isTTY ? terminalInterval : logInterval;
    if (now - this.started < silentMilliseconds || (this.said && now - this.lastSaid < interval)) return;
    this.lastSaid = now;
    this.write(words);
  };

  /**
   * Called once for what is known to last: said at once where lines are kept, and on a terminal from the first second
   * on, with how long it has been under way.
   */
  readonly announce = (words: string): void => {
    clearInterval(this.ticker);
    if (!process.stderr.isTTY) {
      this.lastSaid = performance.now();
      this.write(words);
      return;
    }
    const began = performance.now();
    const tick = (): void => this.write(`${words} (${Math.round((performance.now() - began) / 1000)} s)`);
    this.ticker = setInterval(tick, silentMilliseconds);
    this.ticker.unref();
  };

  /** Takes the line away again. */
  finish(): void {
    clearInterval(this.ticker);
    if (this.said && process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  }

  private write(words: string): void {
    this.said = true;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${words} …` : `hipaa-check: ${words} …\n`);
  }
}
