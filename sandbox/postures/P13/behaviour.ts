import type { PostureBehaviour } from "../../posture-server/behaviour.ts";
import { sendAlert } from "../../posture-server/upgrade.ts";

/** Suites with RC4 or 3DES by their numbers (IANA registry of TLS cipher suites). */
const oldSuites = new Set([
  0x0003, 0x0004, 0x0005, 0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0x0017, 0x0018, 0x001b, 0x001f, 0x0020,
  0x0023, 0x0024, 0x0028, 0x002b, 0x008a, 0x008b, 0x008e, 0x008f, 0x0092, 0x0093, 0xc002, 0xc003, 0xc007,
  0xc008, 0xc00c, 0xc00d, 0xc011, 0xc012, 0xc016, 0xc017, 0xc01a, 0xc01b, 0xc01c, 0xc033, 0xc034,
]);

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
