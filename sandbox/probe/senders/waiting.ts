import type { SendContext, Sender, SendOrder, SendOutcome } from "../sender.ts";

export interface WaitingSenderOptions {
  /** The port to point something at. */
  readonly smtpPort: number;
  readonly user: string;
  readonly password: string;
}

/** Whatever the user points at the port, when the user does so. */
export function waitingSender(options: WaitingSenderOptions): Sender {
  return {
    kind: "smtp",
    name: `whatever connects to port ${options.smtpPort}`,
    fixedPort: options.smtpPort,
    fixedLogIn: { user: options.user, password: options.password },
    async send(_order: SendOrder, context: SendContext): Promise<SendOutcome> {
      const came = await context.served();
      return came
        ? { ended: "unreported", reason: "", log: "" }
        : { ended: "stopped", reason: `nothing connected within ${context.timeoutMs / 1000} s`, log: "" };
    },
    async [Symbol.asyncDispose]() {
      // Holds nothing.
    },
  };
}
