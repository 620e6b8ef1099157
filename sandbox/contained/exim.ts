import { gnuTlsVersion } from "./debian.ts";
import { QueueingMachine } from "./queueing.ts";
import type { SendingSystem } from "./system.ts";

/** Exim as Debian configures it for a host that sends to the Internet by itself. */
export const exim: SendingSystem = {
  kind: "exim",
  name: "Exim, Debian's defaults",
  image: "exim",
  files: {},
  install: (container) =>
    new QueueingMachine(container, {
      version: `exim4 --version | sed -n 's/^Exim version \\([0-9.]*\\).*/Exim \\1/p'; ${gnuTlsVersion}`,
      overlay: ["queue: run every second, whatever the retry times (exim4 -qff)"],
      start: "mkdir -p /var/log/exim4 && touch /var/log/exim4/mainlog && chown -R Debian-exim /var/log/exim4",
      log: "/var/log/exim4/mainlog",
      retry: "exim4 -qff",
      count: "exim4 -bpc",
      clear: "rm -rf /var/spool/exim4/input/* /var/spool/exim4/msglog/* /var/spool/exim4/db/*",
      tryAt: (recipient) =>
        new RegExp(
          `^\\S+ \\S+ \\S+ (?:=>|->|==|\\*\\*) ${recipient}\\b.*?(?:defer \\([^)]*\\)[^:]*: (.*))?$`,
          "gim",
        ),
      reported: /^\S+ \S+ \S+ <= <> R=/m,
    }),
};
