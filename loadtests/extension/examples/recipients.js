import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({
  tls: "starttls",
  faults: [{ kind: "reply", phase: "rcpt", recipientDomain: "gone.test", code: 550, enhanced: "5.1.1", text: "no such user" }],
});

export const options = { iterations: 1, thresholds: { checks: ["rate==1"], smtp_messages: ["count==5"] } };

export function setup() {
  return sink.start();
}

const eml = "From: a@clinic.test\nSubject: as it was\nMessage-ID: <old@clinic.test>\n\n.a line with a dot\n";

export default function ({ host, port, ca }) {
  const session = new Session({ host, port, ca, tls: "starttls" });
  const from = "sender@clinic.test";

  const partial = session.send({ from, to: ["a@example.test", "b@gone.test", "c@example.test"] });
  check(partial, {
    "two of three are accepted": ({ ok, accepted }) => !ok && accepted === 2,
    "each has its answer": ({ recipients }) => recipients.map(({ code }) => code).join() === "250,550,250",
    "with its reason": ({ recipients }) => recipients[1].enhanced === "5.1.1" && recipients[1].text === "no such user",
  });
  check(session.send({ from, to: "b@gone.test" }), { "nobody left": ({ phase, code }) => phase === "rcpt" && code === 550 });

  const notify = { return: "HDRS", envelopeId: "load-1", notify: ["FAILURE", "DELAY"], originalRecipient: true };
  check(session.send({ from, to: "a@example.test", dsn: notify, requireTls: true }), { "DSN and REQUIRETLS": ({ ok }) => ok });

  const rich = {
    from, to: "a@example.test", size: 20000, subject: "Grüße {{sequence}}", text: "Für {{givenName}}", html: "<p>{{city}}</p>",
    headers: { "X-Campaign": "autumn" }, listUnsubscribe: "https://clinic.invalid/u/{{sequence}}",
    attachments: [{ name: "report.pdf", type: "application/pdf", size: 3000 }],
  };
  check(session.send(rich), { "a rich message of exact size": ({ ok, size }) => ok && size === 20000 });
  check(session.send({ from, to: "a@example.test", eml }), { "a whole message": ({ ok }) => ok });
  check(session.send({ from: "", to: "ä@example.test" }), { "null sender, SMTPUTF8": ({ ok }) => ok });

  const { messages, samples } = sink.report();
  check(messages, { "one can be unsubscribed from": ({ listUnsubscribe, oneClick }) => listUnsubscribe === 1 && oneClick === 1 });
  check(samples, { "the sink shows headers": ([first]) => first.header.includes("X-Load-Stamp: ") && first.tls === "1.3" });
}

export function teardown() {
  const { delivered, lost } = sink.collect({ drain: "5s" });
  check(null, { "every accepted recipient has got it": () => delivered === 5 && lost === 0 });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
