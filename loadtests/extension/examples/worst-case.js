import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ tls: "required" });

export const options = {
  scenarios: { main: { executor: "shared-iterations", vus: 4, iterations: 40 } },
  thresholds: { checks: ["rate==1"], smtp_messages: ["count==40"], smtp_sessions: ["count==40"], smtp_tls_handshaking: ["min>0"] },
};

export function setup() {
  return sink.start();
}

let session;

export default function ({ host, port, ca }) {
  session ??= new Session({ host, port, ca, tls: "starttls", connectPerMessage: true, sessions: 3 });
  check(session.send({ from: "sender@clinic.test", to: "patient@example.test" }), {
    "a connection of its own": ({ ok, reused, timings }) => ok && !reused && timings.tls > 0,
  });
}

export function teardown() {
  check(sink.report().sessions, { "forty connections have come": ({ opened }) => opened === 40 });
  // The sink may still be ending one when the next has come: how many the pool had open is its own to tell.
  check(JSON.parse(report()).targets[0], { "never more than three at once": ({ atOnce }) => atOnce <= 3 });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
