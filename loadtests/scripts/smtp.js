// Sends what a plan says over SMTP. `hipaa-check loadtest run` writes the plan and reads what this writes; an exported plan
// (`loadtest export`) names no files, and what was measured is the one line that goes to the log.
import exec from "k6/execution";
import { report, Session, Sink } from "k6/x/smtp";

const plan = JSON.parse(open(__ENV.HIPAA_CHECK_PLAN));
const { HIPAA_CHECK_SMTP_USER: user, HIPAA_CHECK_SMTP_PASSWORD: password } = __ENV;
// An operator looks at the script without its credentials first.
const isKnown = plan.authenticates && user !== undefined && password !== undefined;
const session = new Session({
  ...plan.session,
  ...(isKnown ? { auth: { mechanism: "PLAIN", user, password } } : {}),
});
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
  if (plan.authenticates && !isKnown)
    exec.test.abort("HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD are not set");
  if (sink !== undefined) sink.start();
  const { ok, phase, kind, code, text } = session.connect();
  if (!ok) exec.test.abort(`${[code || "", text].join(" ").trim()} (${kind} at ${phase})`);
  const segment = exec.test.options.executionSegment ?? null;
  // The sink is everybody's: one process tells it what is to go wrong.
  const isFirst = segment === null || segment.startsWith("0:");
  if (plan.sinkPlan !== undefined && isFirst) sink.plan(plan.sinkPlan);
  if (plan.output !== undefined) console.log(plan.begins);
  return { beganAt: Date.now(), segment };
}

export function send() {
  const { recipients: count, content } = plan.messages[exec.scenario.name];
  session.send({ from: plan.addresses.from, to: recipients(count), ...content });
}

export function teardown() {
  if (sink !== undefined) sink.collect({ drain: plan.drainMs });
  session.close();
}

/** One line that `loadtest merge` finds in a log. */
function segmentLine({ metrics, setup_data }) {
  const dropped = Object.entries(metrics).filter(([name]) => name.startsWith("dropped_iterations{"));
  const rest = JSON.stringify({
    load: plan.load,
    summary: { metrics: Object.fromEntries(dropped), setup_data },
  });
  return `{"schemaVersion":"1","producer":"hipaa-check load segment","engine":${report()},${rest.slice(1)}\n`;
}

export function handleSummary(data) {
  // A run that was given up before it began has measured nothing.
  if (plan.output === undefined) return data.setup_data === undefined ? {} : { stdout: segmentLine(data) };
  return { [plan.output.summary]: JSON.stringify(data), [plan.output.engine]: report() };
}
