import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ listen: "127.0.0.1:0" });

export const options = { iterations: 5, thresholds: { checks: ["rate==1"], smtp_messages: ["count==5"] } };

export function setup() {
  return sink.start();
}

let session;

export default function (place) {
  session ??= new Session({ host: place.host, port: place.port, tls: "none" });
  const reply = session.send({ from: "sender@clinic.test", to: "patient@example.test", size: 4096 });
  check(reply, {
    accepted: ({ ok, code }) => ok && code === 250,
    "has a queue id": ({ queueId }) => queueId !== "",
    "has a unique id": ({ messageId }) => messageId.endsWith("@load.invalid>"),
    "is as large as asked": ({ size }) => size === 4096,
    "took some time": ({ timings }) => timings.submit > 0 && timings.submit >= timings.transaction,
    "went in clear": ({ tls }) => tls === null,
  });
}

export function teardown() {
  const { delivered, lost } = sink.collect();
  check(null, { "all have arrived": () => delivered === 5 && lost === 0 });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
