// The sink stands still for two seconds in the middle of the run. With an arrival rate everything that was due then is late,
// and the percentiles say so. With MODEL=closed the few users wait, send nothing meanwhile, and hardly anything looks late.
import { report, Session, Sink } from "k6/x/smtp";

const seconds = Number(__ENV.SECONDS || 8);
const rate = 100;
const sink = new Sink({ faults: [{ kind: "pause", after: `${seconds / 2}s`, for: "2s" }] });

const open = { executor: "constant-arrival-rate", rate, duration: `${seconds}s`, preAllocatedVUs: 400, maxVUs: 400 };
const closed = { executor: "constant-vus", vus: 4, duration: `${seconds}s` };

export const options = {
  scenarios: { main: __ENV.MODEL === "closed" ? closed : open },
  thresholds: {
    smtp_messages: [`count>=${(rate * seconds) / 2}`],
    dropped_iterations: ["count==0"],
    smtp_e2e_duration: [__ENV.MODEL === "closed" ? "p(99)<1000" : "p(99)>=1000"],
  },
  summaryTrendStats: ["med", "p(99)", "max", "count"],
};

export function setup() {
  return sink.start();
}

let session;

export default function ({ host, port }) {
  session ??= new Session({ host, port, tls: "none", sessions: 20 });
  session.send({ from: "sender@clinic.test", to: "patient@example.test", size: 2048 });
}

export function teardown() {
  sink.collect();
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
