import type { RunningContainer } from "../containers/container.ts";
import type { ProbeMessage } from "../probe/message.ts";

/** Hands messages to a Postfix in a container, and remembers which it took over. */
export class Postman {
  /** Recipients of what was taken over, one for each message. */
  readonly accepted: string[] = [];
  refused = 0;
  private readonly container: RunningContainer;
  private readonly make: () => ProbeMessage;

  constructor(container: RunningContainer, make: () => ProbeMessage) {
    this.container = container;
    this.make = make;
  }

  async hand(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const { from, to, raw } = this.make();
      const { status } = await this.container.execute(["sendmail", "-i", "-f", from, "--", to], raw);
      if (status === 0) this.accepted.push(to.toLowerCase());
      else this.refused++;
    }
  }

  /** True when the queue is empty; false while the mail server cannot say so. */
  async nothingLeft(): Promise<boolean> {
    const { status, output } = await this.container.execute(["postqueue", "-j"]);
    return status === 0 && output.trim() === "";
  }
}
