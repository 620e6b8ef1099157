import type { RunningContainer } from "../containers/container.ts";
import type { Canaries } from "../probe/canary.ts";
import { makeMessage, type ProbeMessage } from "../probe/message.ts";

/** Longer than a mail server may take to take a message over; one that has not said so by then has not. */
const patience = "30";

/** Hands messages to a Postfix in a container, and remembers which it took over. */
export class Postman {
  /** The messages that were taken over, by their names as their canaries know them, each with its recipient. */
  readonly accepted = new Map<string, string>();
  refused = 0;
  private handed = 0;
  private last: ProbeMessage | undefined;
  private readonly container: RunningContainer;
  private readonly canaries: Canaries;
  private readonly fault: string;
  private readonly signal: AbortSignal;

  constructor(container: RunningContainer, canaries: Canaries, fault: string, signal: AbortSignal) {
    this.container = container;
    this.canaries = canaries;
    this.fault = fault;
    this.signal = signal;
  }

  /** One message after the other; none any more once the run is interrupted. */
  async hand(count: number): Promise<void> {
    for (let index = 0; index < count && !this.signal.aborted; index++) {
      const name = `${this.fault} message ${++this.handed}`;
      this.last = makeMessage(this.canaries, name);
      if (await this.submit(this.last)) this.accepted.set(name, this.last.to);
      else this.refused++;
    }
  }

  /** Hands the last message in once more, as a careless sender does. */
  async repeat(): Promise<void> {
    if (this.last !== undefined) await this.submit(this.last);
  }

  /** True when the queue is empty; false while the mail server cannot say so. */
  async nothingLeft(): Promise<boolean> {
    const { status, output } = await this.container.execute(["postqueue", "-j"]);
    return status === 0 && output.trim() === "";
  }

  private async submit({ from, to, raw }: ProbeMessage): Promise<boolean> {
    const command = ["timeout", patience, "sendmail", "-i", "-f", from, "--", to];
    return (await this.container.execute(command, raw)).status === 0;
  }
}
