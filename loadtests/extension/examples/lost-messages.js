import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ faults: [{ kind: "drop", every: 100 }, { kind: "duplicate", every: 150 }] });

export const options = {
  scenarios: { main: { executor: "shared-iterations", vus: 5, iterations: 1000 } },
  thresholds: {
    checks: ["rate==1"],
    smtp_messages: ["count>=900"],
    // One in a hundred is lost, so the 99.5th percentile is never reached.
    smtp_e2e_lost: ["rate>0.009", "rate<0.012"],
    "smtp_e2e_duration": ["p(50)<10000"],
  },
};

export function setup() {
  return sink.start();
}

let session;

export default function ({ host, port }) {
  session ??= new Session({ host, port, tls: "none" });
  const message = { from: "sender@clinic.test", to: "patient@example.test", size: 1500 };
  const { ok, kind, phase } = session.send(message);
  if (!ok) check(null, { "a failure is a cut after the message": () => kind === "closed" && phase === "content" });
}

export function teardown() {
  const { accepted, delivered, lost } = sink.collect({ drain: "1s" });
  check(null, { "ten are lost": () => lost === 10 && accepted === delivered + lost });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
