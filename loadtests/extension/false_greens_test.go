package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hipaa-check/loadtests/extension/results"
)

// Ways in which a run could look good and is not. loadtests/false-greens.test.ts has those of a whole run with its gates.

// scriptRun is what a script has left.
type scriptRun struct {
	report *results.Report
	output string
}

// runText runs a script that is given as text.
func runText(t *testing.T, script string, code int, variables ...string) *scriptRun {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.js")
	write(t, file, script)
	report, output := runScript(t, file, code, variables...)
	return &scriptRun{report, output}
}

// Percentiles of nothing are 0 and meet every limit; only a count tells that nothing was sent.
func TestNoSamplesMeetEveryLimitButACount(t *testing.T) {
	const script = `
import { Session } from "k6/x/smtp";
export const options = { iterations: 1, thresholds: { smtp_send_duration: ["p(99)<500"], smtp_send_failed: ["rate<0.01"] %s } };
export default function () { throw new Error("nothing is sent"); }
export function handleSummary() { return {}; }
`
	runText(t, fmt.Sprintf(script, ""), 0)
	runText(t, fmt.Sprintf(script, `, smtp_messages: ["count>=1"]`), 99)
}

// So each example counts.
func TestExamplesCountTheirMessages(t *testing.T) {
	scripts, _ := filepath.Glob("examples/*.js")
	counts := regexp.MustCompile(`smtp_messages: \[["` + "`" + `]count|checks: \["rate==1"\]|smtp_messages\{[^}]*\}[^\n]*count`)
	for _, script := range scripts {
		if text, err := os.ReadFile(script); err != nil || !counts.Match(text) {
			t.Errorf("%s has no threshold that fails when nothing is sent (%v)", script, err)
		}
	}
}

// A refusal is fast. Counted as a duration it would make a server that refuses everything the fastest of all, and times in whole
// milliseconds would make a fast server's 0.
func TestRefusalsHaveNoDurationAndTimesHaveFractions(t *testing.T) {
	run := runText(t, `
import { report, Session, Sink } from "k6/x/smtp";
const sink = new Sink({ faults: [{ kind: "reply", phase: "rcpt", code: 451, every: 2 }] });
export const options = { iterations: 100, thresholds: { smtp_messages: ["count==50"], smtp_send_failed: ["rate==0.5"], smtp_failures: ["count==50"] },
  summaryTrendStats: ["min", "max", "count"] };
export function setup() { return sink.start(); }
let session;
export default function ({ host, port }) {
  session ??= new Session({ host, port, tls: "none" });
  session.send({ from: "a@x.test", to: "b@y.test" });
}
export function teardown() { sink.collect(); }
export function handleSummary({ metrics }) {
  const problems = [];
  for (const name of ["smtp_send_duration", "smtp_accept_duration", "smtp_e2e_duration"]) {
    const { count, min, max } = metrics[name].values;
    if (count !== 50 || !(min > 0) || Number.isInteger(min * 1) && Number.isInteger(max)) problems.push(name + JSON.stringify(metrics[name].values));
  }
  return { [__ENV.REPORT]: report(), stdout: problems.length === 0 ? "all is well" : problems.join() };
}
`, 0)
	if !strings.Contains(run.output, "all is well") {
		t.Error(run.output)
	}
	if main := run.report.Scenarios["default"]; main.Histograms["submit"].Count != 50 || main.Histograms["accept"].Count != 50 || main.Messages.Failed != 50 {
		t.Errorf("%+v", main.Messages)
	}
}

const throughPostfix = `
import { sleep } from "k6";
import { report, Session, Sink } from "k6/x/smtp";
const sink = new Sink({ control: __ENV.SMTP_SINK });
const session = new Session({ host: "127.0.0.1", port: Number(__ENV.SMTP_PORT), tls: "none", sessions: 2 });
export const options = { scenarios: { main: { executor: "shared-iterations", vus: 2, iterations: 40 } }, thresholds: { %s } };
export function setup() { sink.start(); }
export default function () { session.send({ from: "a@x.test", to: "b" + __ITER + "@y.test" }); }
export function teardown() { sink.collect({ drain: "%s" }); }
export function handleSummary() { return { [__ENV.REPORT]: report() }; }
`

// A receiver that says 451 once makes a mail server wait for minutes: for the run the message has not arrived, and counts as
// infinitely late, however fast it was accepted.
func TestDeferredMailHasNotArrived(t *testing.T) {
	place, _ := startSink(t, `{"faults":[{"kind":"reply","phase":"content","code":451,"every":10}]}`)
	port := startPostfix(t, place.Port, "")
	script := fmt.Sprintf(throughPostfix, `smtp_messages: ["count==40"], smtp_send_failed: ["rate==0"], smtp_e2e_duration: ["p(99)<3600000"]`, "3s")
	run := runText(t, script, 99, "SMTP_SINK="+place.Control, fmt.Sprintf("SMTP_PORT=%d", port))
	if m := run.report.Scenarios["main"].Messages; *m.Lost != 4 || *m.Delivered != 36 || run.report.Collected.Complete {
		t.Errorf("%d lost, %d delivered", *m.Lost, *m.Delivered)
	}
}

// A mail server that did not hear the last reply sends once more: the copy is told, and makes up for no lost message.
func TestDuplicatesMakeUpForNoLostMessage(t *testing.T) {
	place, _ := startSink(t, `{"faults":[{"kind":"duplicate","every":13},{"kind":"drop","every":17}]}`)
	port := startPostfix(t, place.Port, "minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n")
	script := fmt.Sprintf(throughPostfix, `smtp_messages: ["count==40"], smtp_send_failed: ["rate==0"], smtp_e2e_lost: ["rate==0"]`, "6s")
	run := runText(t, script, 99, "SMTP_SINK="+place.Control, fmt.Sprintf("SMTP_PORT=%d", port))
	if m := run.report.Scenarios["main"].Messages; *m.Duplicated == 0 || *m.Lost == 0 || *m.Lost+*m.Delivered != 40 {
		t.Errorf("%d duplicated, %d lost, %d delivered", *m.Duplicated, *m.Lost, *m.Delivered)
	}
}

// Under stress Postfix ends idle sessions after ten seconds, and busy ones after the first error. Nothing of that may pass for
// an accepted message, and what the server has ended is counted.
func TestStressModeOfPostfix(t *testing.T) {
	place, _ := startSink(t, `{}`)
	port := startPostfix(t, place.Port, "stress = yes\nsmtpd_recipient_restrictions = check_recipient_access inline:{nobody@y.test=REJECT}\n")
	run := runText(t, `
import { check, sleep } from "k6";
import { report, Session, Sink } from "k6/x/smtp";
const sink = new Sink({ control: __ENV.SMTP_SINK });
const session = new Session({ host: "127.0.0.1", port: Number(__ENV.SMTP_PORT), tls: "none", sessions: 1 });
export const options = { iterations: 1, thresholds: { checks: ["rate==1"], smtp_messages: ["count==4"], smtp_reconnects: ["count>=1"] } };
export function setup() { sink.start(); }
const send = (to) => session.send({ from: "a@x.test", to });
export default function () {
  check(send("b@y.test"), { "the first goes well": ({ ok }) => ok });
  check(send("nobody@y.test"), { "a refusal is one": ({ ok, code }) => !ok && code === 554 });
  // The server ends the session after this error, or after the RSET that follows it.
  const next = [send("b@y.test"), send("b@y.test")];
  check(next, { "the session is replaced": () => next.filter(({ ok }) => ok).length >= 1 && next.every(({ ok, kind }) => ok || kind !== "") });
  if (!next[0].ok) send("b@y.test");
  sleep(11);
  check(send("b@y.test"), { "an idle session is replaced": ({ ok, reconnects }) => ok && reconnects === 1 });
}
export function teardown() { sink.collect({ drain: "10s" }); }
export function handleSummary() { return { [__ENV.REPORT]: report() }; }
`, 0, "SMTP_SINK="+place.Control, fmt.Sprintf("SMTP_PORT=%d", port))
	m := run.report.Scenarios["default"].Messages
	if m.Attempted != m.Accepted+m.Failed || m.Accepted != 4 || *m.Delivered != 4 || *m.Lost != 0 || run.report.Targets[0].Reconnects == 0 {
		t.Errorf("%+v, %+v", m, run.report.Targets[0])
	}
}
