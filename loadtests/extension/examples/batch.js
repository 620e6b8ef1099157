import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ faults: [{ kind: "reply", phase: "content", every: 250, code: 452, enhanced: "4.3.1", text: "disk full" }] });

export const options = {
  scenarios: { main: { executor: "per-vu-iterations", vus: 2, iterations: 5 } },
  thresholds: { checks: ["rate==1"], smtp_messages: ["count==996"], smtp_send_failed: ["rate==0.004"] },
};

export function setup() {
  return sink.start();
}

let session;

export default function ({ host, port }) {
  session ??= new Session({ host, port, tls: "none", sessions: 2, chunking: __ITER % 2 === 0 });
  const batch = session.sendBatch({ from: "sender@clinic.test", to: "patient@example.test", size: 10240, count: 100 });
  check(batch, {
    "all were tried": ({ attempted, accepted, failed }) => attempted === 100 && accepted + failed === 100,
    "failures are told": ({ ok, failures }) => ok || (failures[0].code === 452 && failures[0].phase === "content"),
  });
}

export function teardown() {
  const { delivered, lost } = sink.collect();
  check(null, { "what was accepted has arrived": () => delivered === 996 && lost === 0 });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
