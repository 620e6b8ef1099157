import type { PostureBehaviour } from "../../posture-server/behaviour.ts";

/** The recipient is never ready, and reports to the sender are taken. */
export const behaviour: PostureBehaviour = {
  hooks: {
    async command(session, verb, argument) {
      if (session.layer !== "tls" || verb !== "RCPT" || !/<patient-/i.test(argument)) return false;
      session.record.meet("RCPT was answered with 451 each time");
      await session.send("451 4.3.0 Try again later", "RCPT");
      return true;
    },
  },
};
