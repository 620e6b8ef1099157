import exec from "k6/execution";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ tls: "starttls" });
const rate = 100;
const seconds = 4;

export const options = {
  scenarios: {
    warmup: { executor: "constant-arrival-rate", rate, duration: "1s", preAllocatedVUs: 400, maxVUs: 400 },
    steady: { executor: "constant-arrival-rate", startTime: "1s", rate, duration: `${seconds}s`, preAllocatedVUs: 400, maxVUs: 400 },
  },
  thresholds: {
    // A threshold on a metric without samples passes, so the count comes first.
    "smtp_messages{scenario:steady}": [`count>=${rate * seconds - 1}`],
    "smtp_send_duration{scenario:steady}": ["p(99)<5000"],
    "smtp_e2e_duration{scenario:steady}": ["p(99)<5000"],
    smtp_send_failed: ["rate==0"],
    smtp_e2e_lost: ["rate==0"],
    dropped_iterations: ["count==0"],
  },
  summaryTrendStats: ["min", "med", "p(95)", "p(99)", "max", "count"],
};

export function setup() {
  return sink.start();
}

let session;

export default function ({ host, port, ca }) {
  session ??= new Session({ host, port, ca, tls: "starttls", sessions: 10 });
  session.send({ from: "sender@clinic.test", to: `patient-${exec.scenario.iterationInTest}@example.test`, size: 10240 });
}

export function teardown() {
  sink.collect({ drain: "10s" });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
