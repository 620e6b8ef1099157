import { setTimeout as pause } from "node:timers/promises";
import type { PostureBehaviour } from "../../posture-server/behaviour.ts";
import { startTls } from "../../posture-server/upgrade.ts";

/** The answer to STARTTLS, and what would be the answer to the EHLO that follows it under TLS. */
const injected =
  "220 2.0.0 Ready to start TLS\r\n250-mx.sandbox.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN";
const silenceMs = 1200;

export const behaviour: PostureBehaviour = {
  hooks: {
    async command(session, verb) {
      if (verb === "STARTTLS" && session.layer === "clear") {
        session.record.meet("answers in clear text came together with the answer to STARTTLS");
        await session.send(injected, "STARTTLS");
        startTls(session);
        return true;
      }
      if (verb === "EHLO" && session.layer === "tls") {
        // Nobody has answered this EHLO yet: who goes on now took the answer that came before TLS.
        await pause(silenceMs);
        if (session.pendingInput > 0) {
          session.record.findings.push("it took answers that came in clear text for answers under TLS");
        }
      }
      return false;
    },
  },
};
