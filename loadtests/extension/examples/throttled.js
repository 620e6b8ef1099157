import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const sink = new Sink({ listen: "127.0.0.1:0" });

export const options = { iterations: 1, thresholds: { checks: ["rate==1"], smtp_messages: ["count>0"] } };

export function setup() {
  return sink.start();
}

export default function ({ host, port }) {
  const session = new Session({ host, port, tls: "none" });
  const send = () => session.send({ from: "sender@clinic.test", to: "patient@example.test" });

  sink.plan({ limits: [{ rate: 0.01, burst: 2, action: 421 }] });
  const closing = [send(), send(), send(), send()];
  check(closing, {
    "421 is told and survived": (replies) => replies.map(({ code }) => code).join() === "250,250,421,421",
    "421 is not tried again at once": (replies) => replies.every(({ reconnects }) => reconnects === 0),
  });

  sink.plan({ limits: [{ rate: 0.01, burst: 1, action: 451 }] });
  const later = [send(), send()];
  check(later, { "451 leaves the session": (replies) => replies[1].code === 451 && replies[1].reused });

  sink.plan({ limits: [{ rate: 20, burst: 1, action: "wait" }] });
  const waiting = [send(), send(), send()];
  check(waiting, {
    "waiting is slow and refuses nothing": (replies) => replies.every(({ ok }) => ok) && replies[2].timings.mail > 20,
  });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
