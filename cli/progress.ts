const silentMilliseconds = 1000;
const terminalInterval = 100;
const logInterval = 10_000;

/** Progress on standard error, for runs that last over a second. */
export class Progress {
  private readonly started = performance.now();
  private lastSaid = 0;
  private said = false;

  /** Called often with what is under way, such as "terraform: 120 of 300". */
  readonly report = (words: string): void => {
    const now = performance.now();
    const interval = process.stderr.isTTY ? terminalInterval : logInterval;
    if (now - this.started < silentMilliseconds || (this.said && now - this.lastSaid < interval)) return;
    this.lastSaid = now;
    this.said = true;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${words} …` : `hipaa-check: ${words} …\n`);
  };

  /** Takes the line away again. */
  finish(): void {
    if (this.said && process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  }
}
