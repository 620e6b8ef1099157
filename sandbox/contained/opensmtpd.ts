import { openSslVersion } from "./debian.ts";
import { QueueingMachine } from "./queueing.ts";
import type { SendingSystem } from "./system.ts";

const stop = "busybox killall -9 smtpd 2>/dev/null; sleep 0.3";
const start = "smtpd; for i in $(seq 100); do smtpctl show status >/dev/null 2>&1 && break; sleep 0.05; done";

/** OpenSMTPD as Debian configures it: `action "relay" relay`. */
export const openSmtpd: SendingSystem = {
  kind: "opensmtpd",
  name: "OpenSMTPD, Debian's defaults",
  image: "opensmtpd",
  files: {},
  install: (container) =>
    new QueueingMachine(container, {
      version: `smtpd -h 2>&1 | sed -n 's/^version: \\([^ ]* [0-9.p]*\\).*/\\1/p'; ${openSslVersion}`,
      overlay: ["queue: tried every second, whatever the retry times (smtpctl schedule all)"],
      start: `: >/var/log/mail.log; busybox syslogd -O /var/log/mail.log -s 0; ${start}`,
      log: "/var/log/mail.log",
      retry: "smtpctl schedule all",
      count: "find /var/spool/smtpd/queue -type f -name '????????????????' | wc -l",
      // Open sessions and what was looked up belong to the server of the posture.
      clear: `${stop}; rm -rf /var/spool/smtpd/queue/* /var/spool/smtpd/offline/*; ${start}`,
      tryAt: (recipient) =>
        new RegExp(
          `mta delivery .* to=<${recipient}> .* result="(?:TempFail" stat="([^"]*)"|\\w+" stat=)`,
          "gi",
        ),
      reported: /mta delivery .*from=<> to=</,
    }),
};
