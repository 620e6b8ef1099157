import type { PostureBehaviour } from "../../posture-server/behaviour.ts";
import { sendAlert } from "../../posture-server/upgrade.ts";
import { weakSuites } from "../../wire/weak-suites.ts";

const oldSuites = new Set([...weakSuites.rc4, ...weakSuites["3des"]]);

const handshakeFailure = 40;

export const behaviour: PostureBehaviour = {
  hooks: {
    clientHello(session) {
      const offered = (session.record.clientHello?.suites ?? []).filter((suite) => oldSuites.has(suite));
      session.record.meet("the server shared no suite but RC4 and 3DES");
      if (offered.length > 0) {
        const numbers = offered.map((suite) => `0x${suite.toString(16).padStart(4, "0")}`).join(", ");
        session.record.undecided = `the sender offers RC4 or 3DES (${numbers}); whether it would deliver over them needs another TLS library`;
      }
      sendAlert(session, handshakeFailure);
      return true;
    },
  },
};
