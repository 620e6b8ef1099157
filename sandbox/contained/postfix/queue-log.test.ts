import { describe, expect, test } from "vitest";
import { QueueLog } from "./queue-log.ts";

/** As Postfix 3.10 writes it. */
function lines(...texts: string[]): string {
  return texts.map((text) => `Nov 25 10:21:00 mail mail.info postfix/${text}\n`).join("");
}

const to = "patient@clinic.test";
const taken = lines(
  "pickup[328]: CD47C14A289: uid=0 from=<app@sender.test>",
  "cleanup[343]: CD47C14A289: message-id=<1@sender.test>",
  "qmgr[329]: CD47C14A289: from=<app@sender.test>, size=1246, nrcpt=1 (queue active)",
);
const deferred = lines(
  `smtp[345]: CD47C14A289: to=<${to}>, relay=mx[198.18.0.25]:25, delay=1, dsn=4.7.4, status=deferred (TLS is required, but was not offered)`,
);
const sent = lines(
  `smtp[345]: CD47C14A289: to=<${to}>, relay=mx[198.18.0.25]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
  "qmgr[329]: CD47C14A289: removed",
);

describe("the log of a queue", () => {
  test("tells of a message that is put off, and why", () => {
    const log = new QueueLog();
    log.add(taken);
    expect(log.tried(to)).toBe(false);
    log.add(deferred.repeat(2));
    expect(log.tried(to)).toBe(true);
    const reason = "TLS is required, but was not offered";
    expect(log.state(to)).toEqual({ holds: true, tries: 2, reported: false, reason });
    log.add(sent);
    expect(log.state(to)).toMatchObject({ holds: false, tries: 3 });
  });

  test("tells of a report, which is a message of its own", () => {
    const log = new QueueLog();
    log.add(taken);
    log.add(
      lines(
        `smtp[345]: CD47C14A289: to=<${to}>, relay=mx[198.18.0.25]:25, delay=1, dsn=5.1.1, status=bounced (no such user)`,
        "cleanup[343]: DC32B14A7FA: message-id=<2@mail.example.org>",
        "bounce[494]: CD47C14A289: sender non-delivery notification: DC32B14A7FA",
        "qmgr[329]: DC32B14A7FA: from=<>, size=3384, nrcpt=1 (queue active)",
        "qmgr[329]: CD47C14A289: removed",
      ),
    );
    expect(log.state(to)).toMatchObject({ holds: true, reported: true });
    log.add(lines("qmgr[329]: DC32B14A7FA: removed"));
    expect(log.state(to)).toMatchObject({ holds: false, reported: true });
  });

  test("forgets what belongs to an earlier message, and finds what stops a program", () => {
    const log = new QueueLog();
    log.add(taken + deferred);
    log.forget();
    expect(log.state(to)).toEqual({ holds: false, tries: 0, reported: false, reason: "" });
    // Late words about what is gone, and a warning, are no messages.
    log.add(
      lines("qmgr[329]: CD47C14A289: skipped, still being delivered", "cleanup[343]: warning: something"),
    );
    expect(log.state(to).holds).toBe(false);
    expect(log.fatal()).toBeUndefined();
    log.add(lines('smtp[12]: fatal: invalid TLS level "strict"'));
    expect(log.fatal()).toBe('invalid TLS level "strict"');
    expect(log.all).toContain("status=deferred");
  });
});
