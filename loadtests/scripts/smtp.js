// Sends what a plan says over SMTP. `hipaa-check loadtest run` writes the plan and reads what this writes.
import exec from "k6/execution";
import { report, Session, Sink } from "k6/x/smtp";

const plan = JSON.parse(open(__ENV.HIPAA_CHECK_PLAN));
const session = new Session(plan.session);
const sink = plan.sink === undefined ? undefined : new Sink({ control: plan.sink.control });

export const options = plan.options;

function recipients(count) {
  const { recipientDomain, recipients: list } = plan.addresses;
  const first = exec.scenario.iterationInTest * count;
  return Array.from({ length: count }, (_, index) =>
    list === undefined
      ? `load-${exec.scenario.name}-${first + index}@${recipientDomain}`
      : list[(first + index) % list.length],
  );
}

/**
 * A target that cannot be reached, or that takes no mail, is said before anything is measured. The sink's clock is compared
 * now and at the end.
 */
export function setup() {
  if (sink !== undefined) sink.start();
  const { ok, phase, kind, code, text } = session.connect();
  if (!ok) exec.test.abort(`${[code || "", text].join(" ").trim()} (${kind} at ${phase})`);
}

export function send() {
  const { recipients: count, content } = plan.messages[exec.scenario.name];
  session.send({ from: plan.addresses.from, to: recipients(count), ...content });
}

export function teardown() {
  if (sink !== undefined) sink.collect({ drain: plan.drainMs });
  session.close();
}

export function handleSummary(data) {
  return { [plan.output.summary]: JSON.stringify(data), [plan.output.engine]: report() };
}
