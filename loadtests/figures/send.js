// Sends as a row of the figures says: as fast as it can, or at a steady rate.
import { report, Session, Sink } from "k6/x/smtp";

const { options: chosen, session: target, sink: control, message, drain } = JSON.parse(__ENV.FIGURES);

export const options = chosen;

const session = new Session(target);
const sink = new Sink({ control });

export function setup() {
  sink.start();
  const { ok, text } = session.connect();
  if (!ok) throw new Error(text);
  return { beganAt: Date.now() };
}

// Recipients vary: Postfix would find one and the same in its cache every time.
let sent = 0;

export function send() {
  session.send({ ...message, to: `load-${__VU}-${sent++}@recipient.example` });
}

export function teardown() {
  sink.collect({ drain });
  session.close();
}

export function handleSummary({ metrics, setup_data }) {
  const dropped = metrics.dropped_iterations?.values.count ?? 0;
  return { stdout: `{"dropped":${dropped},"beganAt":${setup_data.beganAt},"engine":${report()}}` };
}
