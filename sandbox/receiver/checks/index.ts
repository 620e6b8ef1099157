import type { ServerCheck } from "../check.ts";
import { commandInjection, smuggling } from "./injection.ts";
import { burstLimit, partnerTls } from "./limits.ts";
import { logInBeforeTls, mailBeforeTls } from "./log-in.ts";
import { openRelay } from "./relay.ts";
import { banner, sizeLimit, users } from "./service.ts";
import { suites, tlsOffered, versions } from "./tls.ts";

/** The check of each posture whose side is the receiver. */
export const serverChecks: Readonly<Record<string, ServerCheck>> = {
  P54: commandInjection,
  P56: smuggling,
  P67a: tlsOffered,
  P67b: logInBeforeTls,
  P67c: mailBeforeTls,
  P68a: versions,
  P68b: suites,
  P69: openRelay,
  S01: users,
  S02: sizeLimit,
  S03: banner,
  S04: partnerTls,
  S05: burstLimit,
};
