package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/results"
)

// asK6 makes the test's own binary be k6, so that scripts run with the race detector where the tests do.
const asK6 = "TEST_RUNS_AS_K6"

func TestMain(m *testing.M) {
	if os.Getenv(asK6) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// k6 prepares a command of k6 that ends with the test, and in two minutes at most.
func k6(t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, binary, words...)
	command.Env = append(os.Environ(), asK6+"=1")
	return command
}

// runScript runs a script and gives its report and output. It must end with the given code.
func runScript(t *testing.T, script string, code int, variables ...string) (*results.Report, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	words := []string{"run", "--quiet", "--no-color", "-e", "REPORT=" + file}
	for _, variable := range variables {
		words = append(words, "-e", variable)
	}
	command := k6(t, append(words, script)...)
	output, err := command.CombinedOutput()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	if ended := command.ProcessState.ExitCode(); ended != code {
		t.Fatalf("%s ended with %d and not %d:\n%s", script, ended, code, tail(output))
	}
	if bytes.Contains(output, []byte("DATA RACE")) {
		t.Fatalf("%s", tail(output))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, string(output)
	}
	report := &results.Report{}
	if err := json.Unmarshal(text, report); err != nil {
		t.Fatal(err)
	}
	return report, string(output)
}

func tail(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return strings.Join(lines[max(len(lines)-40, 0):], "\n")
}

func TestExamples(t *testing.T) {
	scripts, err := filepath.Glob("examples/*.js")
	if err != nil || len(scripts) < 9 {
		t.Fatal(scripts, err)
	}
	for _, script := range scripts {
		if script == "examples/relay.js" {
			continue // TestThroughPostfix
		}
		t.Run(filepath.Base(script), func(t *testing.T) {
			report, _ := runScript(t, script, 0)
			if report.Producer != "k6/x/smtp" || report.Environment.K6 == "" || len(report.Scenarios) == 0 || len(report.Targets) == 0 {
				t.Errorf("%+v", report)
			}
			for name, scenario := range report.Scenarios {
				m := scenario.Messages
				if m.Attempted != m.Accepted+m.Failed || scenario.Histograms["submit"].Count != m.Accepted {
					t.Errorf("%s does not add up: %+v", name, m)
				}
				offered, accepted, failed := 0, 0, 0
				for _, second := range scenario.Timeline {
					offered, accepted, failed = offered+second.Offered, accepted+second.Accepted, failed+second.Failed
				}
				if int64(offered) != m.Attempted || int64(accepted) != m.Accepted || int64(failed) != m.Failed {
					t.Errorf("the timeline of %s does not add up: %d offered, %d accepted, %d failed, %+v", name, offered, accepted, failed, m)
				}
			}
		})
	}
}

func TestArguments(t *testing.T) { runScript(t, "testdata/arguments.js", 0) }

func TestServersThatMisbehave(t *testing.T) {
	report, _ := runScript(t, "testdata/broken.js", 0)
	if plaintext := report.Scenarios["default"].Messages.Plaintext; plaintext != 0 {
		t.Errorf("%d messages went in clear", plaintext)
	}
}

// The same pause of two seconds in thirty, told by an open and by a closed model: docs/guide/load-testing.md shows the figures.
func TestPausesAreNotOmitted(t *testing.T) {
	var open, closed *results.ScenarioReport
	t.Run("both at once", func(t *testing.T) {
		for model, scenario := range map[string]**results.ScenarioReport{"open": &open, "closed": &closed} {
			t.Run(model, func(t *testing.T) {
				t.Parallel()
				report, _ := runScript(t, "examples/paused-sink.js", 0, "SECONDS=30", "MODEL="+model)
				*scenario = report.Scenarios["main"]
			})
		}
	})
	if open == nil || closed == nil {
		t.FailNow()
	}
	if p99 := open.Histograms["endToEnd"].Percentile(99); p99 < time.Second {
		t.Errorf("p99 end to end is %s", p99)
	}
	if p99 := open.Histograms["submit"].Percentile(99); p99 < time.Second {
		t.Errorf("p99 of submission is %s", p99)
	}
	if p50 := open.Histograms["transaction"].Percentile(50); p50 > time.Second {
		t.Errorf("p50 of the transaction alone is %s", p50)
	}
	if p99 := closed.Histograms["endToEnd"].Percentile(99); p99 > open.Histograms["endToEnd"].Percentile(99)/4 {
		t.Errorf("p99 of users in a loop is %s: the example shows nothing", p99)
	}
	if !open.Scheduled || closed.Scheduled {
		t.Error("an arrival rate has a schedule, and users in a loop have none")
	}
}

func TestLostMessagesFailAThreshold(t *testing.T) {
	text, err := os.ReadFile("examples/lost-messages.js")
	if err != nil {
		t.Fatal(err)
	}
	// One in a hundred is lost: a 99.5th percentile under any limit is not met.
	strict := strings.Replace(string(text), `"p(50)<10000"`, `"p(99.5)<3600000"`, 1)
	script := filepath.Join(t.TempDir(), "strict.js")
	if err := os.WriteFile(script, []byte(strict), 0o600); err != nil {
		t.Fatal(err)
	}
	report, _ := runScript(t, script, 99)
	if report.Collected == nil || report.Collected.Complete || report.Collected.Unconfirmed == 0 {
		t.Errorf("%+v", report.Collected)
	}
}

func TestSecretsStayOutOfReports(t *testing.T) {
	const secret = "SECRETMARKER"
	report, output := runScript(t, "examples/protected.js", 0, "SMTP_PASSWORD="+secret)
	text, err := json.Marshal(report)
	if err != nil || strings.Contains(string(text), secret) || strings.Contains(output, secret) {
		t.Error("the password is told")
	}
}
