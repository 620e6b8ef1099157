package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// freePort gives a port of loopback on which nobody listens.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// startPostfix starts a Postfix of its own that relays everything to a port of loopback, and gives its port.
func startPostfix(t *testing.T, relay int, settings string) int {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("Postfix starts as root only")
	}
	for _, folder := range []string{"/usr/sbin", "/sbin"} {
		_ = os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+folder)
	}
	postfix, err := exec.LookPath("postfix")
	if err != nil {
		t.Skip("Postfix is not installed")
	}
	// Postfix's own users must be able to pass, which a folder of the test framework does not allow.
	folder, err := os.MkdirTemp("", "postfix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	port := freePort(t)
	for _, sub := range []string{"config", "spool", "data", "log"} {
		if err := os.MkdirAll(filepath.Join(folder, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	fill := strings.NewReplacer("@FOLDER@", folder, "@RELAY@", strconv.Itoa(relay), "@PORT@", strconv.Itoa(port))
	for _, name := range []string{"main.cf", "master.cf"} {
		text, err := os.ReadFile(filepath.Join("testdata", "postfix", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "main.cf" {
			text = append(text, settings...)
		}
		write(t, filepath.Join(folder, "config", name), fill.Replace(string(text)))
	}
	config := filepath.Join(folder, "config")
	for _, command := range [][]string{
		{"chmod", "755", folder}, {"chown", "postfix", filepath.Join(folder, "data")}, {postfix, "-c", config, "start"},
	} {
		if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			log, _ := os.ReadFile(filepath.Join(folder, "log", "mail.log"))
			t.Fatalf("%v: %v\n%s%s", command, err, output, log)
		}
	}
	t.Cleanup(func() { _ = exec.Command(postfix, "-c", config, "stop").Run() })
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = conn.Close()
			return port
		}
		if time.Now().After(until) {
			log, _ := os.ReadFile(filepath.Join(folder, "log", "mail.log"))
			t.Fatalf("Postfix does not answer\n%s", log)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sinkPlace is the first line of a sink.
type sinkPlace struct {
	Ready   bool   `json:"ready"`
	Port    int    `json:"port"`
	Control string `json:"control"`
}

// startSink starts a sink as a process of its own and gives where it is, and a function that ends it and gives its report.
func startSink(t *testing.T, options string) (sinkPlace, func() map[string]any) {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "options.json"), options)
	file := filepath.Join(folder, "sink.json")
	command := k6(t, "x", "smtp-sink", "--stdin", "--report", file, "--config", filepath.Join(folder, "options.json"))
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = input.Close() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var place sinkPlace
	if err := json.Unmarshal([]byte(line), &place); err != nil || !place.Ready {
		t.Fatal(line, err)
	}
	return place, func() map[string]any {
		_ = input.Close()
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var report map[string]any
		if err := json.Unmarshal(text, &report); err != nil {
			t.Fatal(err)
		}
		return report
	}
}

func TestThroughPostfix(t *testing.T) {
	place, end := startSink(t, `{}`)
	port := startPostfix(t, place.Port, "")
	report, _ := runScript(t, "examples/relay.js", 0, "SMTP_SINK="+place.Control, fmt.Sprintf("SMTP_PORT=%d", port))
	main := report.Scenarios["main"]
	if *main.Messages.Delivered != 200 || *main.Messages.Lost != 0 || main.Recipients.Accepted != 400 {
		t.Errorf("%+v", main.Messages)
	}
	if main.Histograms["delivery"].Count != 200 || main.Histograms["endToEnd"].Percentile(50) < main.Histograms["accept"].Percentile(50) {
		t.Errorf("%+v", main.Histograms)
	}
	clock := report.Collected.Clock
	if clock.DriftMs == nil || clock.UncertaintyMs > 100 || clock.OffsetMs < -100 || clock.OffsetMs > 100 || report.Collected.Negative != 0 {
		t.Errorf("%+v", report.Collected)
	}
	messages := end()["messages"].(map[string]any)
	// Postfix makes one copy for each of the two domains.
	if messages["received"].(float64) < 200 || messages["recipients"].(float64) != 400 {
		t.Error(messages)
	}
}

// What a sink forgets behind a mail server is lost, although the mail server has accepted it.
func TestLossBehindPostfix(t *testing.T) {
	place, _ := startSink(t, `{"faults":[{"kind":"drop","every":50}]}`)
	port := startPostfix(t, place.Port, "")
	text, err := os.ReadFile("examples/relay.js")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "impatient.js")
	write(t, script, strings.Replace(string(text), `drain: "30s"`, `drain: "5s"`, 1))
	report, _ := runScript(t, script, 99, "SMTP_SINK="+place.Control, fmt.Sprintf("SMTP_PORT=%d", port))
	if lost := *report.Scenarios["main"].Messages.Lost; lost < 3 || report.Collected.Complete {
		t.Errorf("%d lost", lost)
	}
}

// Sessions survive a server that allows few connections and ends idle ones.
func TestStingyPostfix(t *testing.T) {
	place, _ := startSink(t, `{}`)
	port := startPostfix(t, place.Port, "smtpd_timeout = 1s\nsmtpd_client_connection_count_limit = 3\nsmtpd_client_event_limit_exceptions =\n")
	script := filepath.Join(t.TempDir(), "idle.js")
	write(t, script, fmt.Sprintf(`
import { sleep } from "k6";
import { Session, report } from "k6/x/smtp";
const session = new Session({ host: "127.0.0.1", port: %d, tls: "none", sessions: 3 });
export const options = {
  scenarios: { main: { executor: "per-vu-iterations", vus: 2, iterations: 3 } },
  thresholds: { smtp_messages: ["count==6"], smtp_send_failed: ["rate==0"], smtp_reconnects: ["count>=2"] },
};
export default function () {
  session.send({ from: "a@x.test", to: "b@y.test" });
  sleep(2.5);
}
export function handleSummary() { return { [__ENV.REPORT]: report() }; }
`, port))
	report, _ := runScript(t, script, 0)
	if report.Targets[0].Reconnects < 2 || report.Targets[0].AtOnce > 3 {
		t.Errorf("%+v", report.Targets[0])
	}
}
