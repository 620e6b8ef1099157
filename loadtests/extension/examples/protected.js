import { check } from "k6";
import { report, Session, Sink } from "k6/x/smtp";

const user = "load";
const password = __ENV.SMTP_PASSWORD || "only-for-this-sink";
const sink = new Sink({ tls: "required", auth: { mechanisms: ["PLAIN", "SCRAM-SHA-256-PLUS"], user, password } });

export const options = {
  iterations: 1,
  thresholds: { checks: ["rate==1"], smtp_messages: ["count==4"], smtp_tls_plaintext: ["rate==0"] },
};

export function setup() {
  return sink.start();
}

export default function ({ host, port, ca }) {
  const common = { host, port, tls: "starttls", ca };
  const message = { from: "sender@clinic.test", to: "patient@example.test", template: "transactional" };

  for (const mechanism of ["PLAIN", "SCRAM-SHA-256-PLUS"]) {
    const session = new Session({ ...common, auth: { mechanism, user, password } });
    check(session.send(message), { [`${mechanism} over TLS 1.3`]: ({ ok, tls }) => ok && tls.version === "1.3" });
  }

  const resuming = new Session({
    ...common, auth: { mechanism: "PLAIN", user, password }, resume: true, connectPerMessage: true, maxVersion: "1.2",
  });
  check([resuming.send(message), resuming.send(message)], {
    "the second connection resumes": ([first, second]) => !first.tls.resumed && second.tls.resumed && second.tls.version === "1.2",
  });

  const stranger = new Session({ host, port, tls: "starttls", auth: { mechanism: "PLAIN", user, password } });
  check(stranger.send(message), {
    "an unknown authority is refused": ({ ok, kind, phase }) => !ok && kind === "certificate" && phase === "tls",
  });

  const wrong = new Session({ ...common, auth: { mechanism: "PLAIN", user, password: "wrong" } });
  check(wrong.send(message), { "a wrong password is refused": ({ kind, code }) => kind === "refused" && code === 535 });

  const clear = new Session({ host, port, tls: "none" });
  check(clear.send(message), { "clear text is refused": ({ code, phase }) => code === 530 && phase === "mail" });

  check(new Session({ ...common, auth: { mechanism: "PLAIN", user, password } }).connect(), {
    "connect() tells what is offered": ({ ok, extensions }) => ok && extensions.pipelining && extensions.auth.includes("PLAIN"),
  });
}

export function handleSummary() {
  return { [__ENV.REPORT || "smtp.json"]: report() };
}
