// Sends through a mail server to the sink behind it. SMTP_SINK is the sink's control address.
import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ control: __ENV.SMTP_SINK });
const session = new Session({ host: __ENV.SMTP_HOST || "127.0.0.1", port: Number(__ENV.SMTP_PORT), tls: "none", sessions: 10 });
const count = Number(__ENV.COUNT || 200);

export const options = {
  scenarios: { main: { executor: "shared-iterations", vus: 10, iterations: count } },
  thresholds: { checks: ["rate==1"], smtp_messages: [`count==${count}`], smtp_e2e_lost: ["rate==0"] },
};

export function setup() {
  sink.start();
  check(session.connect(), { "the mail server answers": ({ ok }) => ok });
}

export default function () {
  session.send({ from: "sender@clinic.test", to: [`a${__VU}@example.test`, `b${__ITER}@other.test`], size: 5000 });
}

export function teardown() {
  const { delivered, lost } = sink.collect({ drain: "30s" });
  check(null, { "all have come through": () => delivered === count && lost === 0 });
  session.close();
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
