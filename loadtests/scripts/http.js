// Causes mail through an application's own HTTP API, as a plan says. Needs no extension: a stock k6 runs it.
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";

const plan = JSON.parse(open(__ENV.HIPAA_CHECK_PLAN));
const { request } = plan;

export const options = plan.options;

const submit = new Trend("load_submit", true);
const accept = new Trend("load_accept", true);
const startLag = new Trend("load_start_lag", true);
const attempted = new Counter("load_attempted");
const accepted = new Counter("load_accepted");

/** When this iteration was to begin, in milliseconds since 1970: right as long as k6 drops none. */
function intendedStart() {
  const { startTime, iterationInTest, name } = exec.scenario;
  return startTime + (iterationInTest * 1000) / plan.rates[name];
}

/** A recipient that tells the sink which message it is and when it was to be sent. */
function stampedRecipient(intended, sent) {
  const { name, iterationInTest } = exec.scenario;
  const micro = (milliseconds) => Math.round(milliseconds * 1000);
  const stamp = `${plan.runs[name]}.${iterationInTest + 1}.${micro(intended)}.${micro(sent)}`;
  return `load+${stamp}@${plan.addresses.recipientDomain}`;
}

function fill(text, recipient) {
  return text
    .replaceAll("{{recipient}}", recipient)
    .replaceAll("{{sequence}}", String(exec.scenario.iterationInTest + 1))
    .replaceAll("{{from}}", plan.addresses.from);
}

/** Tells the runner that the scenarios begin now. */
export function setup() {
  console.log(plan.begins);
}

let hasComplained = false;

/** The first failure of a user is said: k6 itself only tells that there was one. */
function complain({ status, error }) {
  if (!hasComplained)
    console.warn(`the API ${error === "" ? `answered ${status}` : `gave no answer: ${error}`}`);
  hasComplained = true;
}

export function send() {
  const intended = intendedStart();
  const begun = Date.now();
  startLag.add(Math.max(0, begun - intended));
  attempted.add(1);
  const body = fill(request.body, stampedRecipient(intended, begun));
  const response = http.request(request.method, fill(request.url, ""), body, {
    headers: request.headers,
    timeout: "60s",
    redirects: 0,
  });
  if (response.status >= 200 && response.status < 300) {
    accepted.add(1);
    submit.add(Date.now() - intended);
    accept.add(response.timings.duration);
  } else complain(response);
}

export function handleSummary(data) {
  return { [plan.output.summary]: JSON.stringify(data) };
}
