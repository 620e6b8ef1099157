// Servers that misbehave at every phase: each failure is a value with its phase and kind, and the next message goes through.
import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ tls: "starttls" });

export const options = { iterations: 1, thresholds: { checks: ["rate==1"] } };

const phases = ["greeting", "ehlo", "starttls", "tls", "mail", "rcpt", "data", "content"];

export default function () {
  const { host, port, ca } = sink.start();
  const message = { from: "a@x.test", to: "b@y.test" };
  for (const chunking of [false, true]) {
    for (const pipelining of [false, true]) {
      const options = { host, port, ca, tls: "starttls", connectPerMessage: true, pipelining, chunking, connectTimeout: "300ms", timeout: "300ms" };
      const session = new Session(options);
      for (const phase of phases) {
        const where = `${phase}, chunking ${chunking}, pipelining ${pipelining}`;
        sink.plan({ faults: [{ kind: "disconnect", phase, every: 1 }] });
        const cut = session.send(message);
        check(cut, { [`cut at ${where}`]: ({ ok, kind }) => !ok && kind === "closed" });
        if (phase !== "tls") {
          sink.plan({ faults: [{ kind: "reply", phase, code: 451, enhanced: "4.3.0", text: "not now" }] });
          check(session.send(message), { [`refused at ${where}`]: ({ ok, kind, code }) => !ok && kind === "refused" && code === 451 });
          sink.plan({ faults: [{ kind: "reply", phase, code: 299, text: "what?" }] });
          const odd = session.send(message);
          // Any 2xx takes a recipient or a message; with BDAT the answer in phase data is that to the message.
          const takes = phase === "rcpt" || phase === "content" || (phase === "data" && chunking);
          check(odd, { [`odd answer at ${where}`]: ({ ok, kind }) => (ok ? takes : kind !== "") });
        }
        sink.plan({ faults: [{ kind: "delay", phase, delay: "700ms" }] });
        check(session.send(message), { [`late at ${where}`]: ({ ok, kind }) => !ok && kind === "timeout" });
        sink.plan({});
        check(session.send(message), { [`well after ${where}`]: ({ ok }) => ok });
      }
    }
  }
}

export function handleSummary() {
  return { [__ENV.REPORT]: report() };
}
