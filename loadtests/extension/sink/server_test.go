package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/duration"
)

func start(t *testing.T, options Options) *Server {
	t.Helper()
	server, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// client speaks to a sink line by line.
type client struct {
	*textproto.Conn
	t    *testing.T
	conn net.Conn
}

func connect(t *testing.T, server *Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(server.Host(), strconv.Itoa(server.Port())))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	c := &client{textproto.NewConn(conn), t, conn}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// say sends lines and gives the code of the reply to each.
func (c *client) say(lines ...string) []int {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n")); err != nil {
		c.t.Error(err)
	}
	codes := make([]int, len(lines))
	for index := range lines {
		codes[index], _ = c.hear()
	}
	return codes
}

// hear gives the next reply; the code is 0 when the session has ended.
func (c *client) hear() (int, string) {
	code, text, err := c.ReadResponse(0)
	var protocol *textproto.Error
	if err != nil && !errors.As(err, &protocol) {
		return 0, err.Error()
	}
	return code, text
}

// greeted is a client that has said EHLO.
func greeted(t *testing.T, server *Server) *client {
	c := connect(t, server)
	if code, text := c.hear(); code != 220 {
		t.Fatal(code, text)
	}
	if codes := c.say("EHLO client.test"); codes[0] != 250 {
		t.Fatal(codes)
	}
	return c
}

// message sends a message with a stamp and gives the final reply's code, or that of the first refusal.
func (c *client) message(run string, sequence int, recipients ...string) int {
	codes := c.say("MAIL FROM:<a@x.test>")
	for _, recipient := range recipients {
		codes = append(codes, c.say("RCPT TO:<"+recipient+">")...)
	}
	codes = append(codes, c.say("DATA")...)
	for _, code := range codes {
		if code != 250 && code != 354 {
			return code
		}
	}
	now := time.Now().UnixMicro()
	body := fmt.Sprintf("X-Load-Stamp: %s %d %d %d\r\n\r\nbody\r\n.", run, sequence, now, now)
	if run == "" {
		body = "Subject: no stamp\r\n\r\nbody\r\n."
	}
	return c.say(body)[0]
}

func TestConversations(t *testing.T) {
	server := start(t, Options{MaxSize: 100})
	c := greeted(t, server)
	for _, step := range []struct {
		line string
		code int
	}{
		{"RCPT TO:<b@y.test>", 503}, {"DATA", 503}, {"MAIL TO:<a@x.test>", 501}, {"mail from:<a@x.test> size=101", 552},
		{"MAIL FROM:<a@x.test> HOLDFOR=1", 555}, {"MAIL FROM:<a@x.test> REQUIRETLS", 530}, {"MAIL FROM:<> BODY=8BITMIME RET=HDRS", 250}, {"MAIL FROM:<>", 503},
		{"RCPT TO:<>", 501}, {"RCPT TO:<b@y.test> NOTIFY=NEVER", 250}, {"NOOP", 250}, {"VRFY b", 252}, {"STARTTLS", 503}, {"AUTH PLAIN", 503},
		{"WHAT", 500}, {"RSET", 250}, {"DATA", 503}, {"BDAT 2\r\n", 503}, {"MAIL FROM:<a@x.test>", 250}, {"RCPT TO:<b@y.test>", 250},
		{"BDAT 6\r\na: b", 250}, {"DATA", 503}, {"BDAT 2 LAST\r\n", 250}, {"MAIL FROM:<a@x.test>", 250}, {"RCPT TO:<b@y.test>", 250},
		{"DATA", 354}, {strings.Repeat("x", 200) + "\r\n.", 552}, {"BDAT x", 501},
	} {
		if code := c.say(step.line)[0]; code != step.code {
			t.Errorf("%q: %d and not %d", step.line, code, step.code)
		}
	}
	if report := server.Report(); report.Messages.Received != 1 || report.Messages.Unstamped != 1 || report.Messages.Octets != 8 {
		t.Errorf("%+v", report.Messages)
	}
}

func TestPipelinedCommandsAreAnsweredInOrder(t *testing.T) {
	c := greeted(t, start(t, Options{}))
	codes := c.say("MAIL FROM:<a@x.test>", "RCPT TO:<b@y.test>", "RCPT TO:<>", "DATA")
	if fmt.Sprint(codes) != "[250 250 501 354]" {
		t.Error(codes)
	}
	if codes := c.say("x: y\r\n\r\n.", "MAIL FROM:<a@x.test>", "QUIT"); fmt.Sprint(codes) != "[250 250 221]" {
		t.Error(codes)
	}
}

func TestArrivals(t *testing.T) {
	server := start(t, Options{})
	c := greeted(t, server)
	for _, step := range []struct {
		sequence   int
		recipients []string
	}{
		{1, []string{"a@y.test"}}, {5000, []string{"a@y.test", "b@y.test"}}, {1, []string{"a@y.test"}},
		{2, []string{"a@y.test"}}, {2, []string{"b@y.test", "c@y.test"}}, {2, []string{"c@y.test"}},
	} {
		if code := c.message("run", step.sequence, step.recipients...); code != 250 {
			t.Fatal(code)
		}
	}
	if code := c.message("other", 1, "a@y.test"); code != 250 {
		t.Fatal(code)
	}
	if code := c.message("", 0, "load+app.7.1700000000000000.1700000000000000@y.test", "plain@y.test"); code != 250 {
		t.Fatal(code)
	}
	var receipts bytes.Buffer
	if err := server.WriteReceipts(&receipts, "run"); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, line := range strings.Split(strings.TrimSpace(receipts.String()), "\n")[1:] {
		fields := strings.Split(line, ",")
		told = append(told, fields[0]+" to "+fields[1]+" twice "+fields[4])
	}
	if wanted := "1 to 1 twice 1|2 to 3 twice 1|5000 to 2 twice 0"; strings.Join(told, "|") != wanted {
		t.Error(told)
	}
	if progress := server.Progress("run"); progress != (Progress{Messages: 3, Recipients: 6, Duplicates: 2}) {
		t.Errorf("%+v", progress)
	}
	report := server.Report()
	if report.Runs["app"].Messages != 1 || report.Runs["other"].Messages != 1 || report.Messages.Unstamped != 0 {
		t.Errorf("%+v", report.Runs)
	}
	if len(report.Samples) != mostSamples || !strings.Contains(report.Samples[0].Header, "X-Load-Stamp: run 1 ") {
		t.Errorf("%+v", report.Samples)
	}
	server.Reset()
	if report := server.Report(); report.Messages.Received != 0 || len(report.Runs) != 0 {
		t.Errorf("%+v", report)
	}
}

// accepted sends messages over one session and gives how many were answered with 250, each other code, and ends.
func accepted(t *testing.T, server *Server, count int) map[int]int {
	found := map[int]int{}
	var c *client
	for sequence := range count {
		if c == nil {
			c = greeted(t, server)
		}
		code := c.message("run", sequence+1, "a@y.test")
		switch found[code]++; code {
		case 0, 421:
			c = nil
		case 250:
		default:
			c.say("RSET")
		}
	}
	return found
}

func TestFaultsOnMessages(t *testing.T) {
	for name, c := range map[string]struct {
		fault    Fault
		answers  string
		arrived  int
		recorded int
	}{
		"drop":             {Fault{Kind: FaultDrop, Every: 10}, "map[250:30]", 27, 27},
		"duplicate":        {Fault{Kind: FaultDuplicate, Every: 15}, "map[0:2 250:28]", 30, 30},
		"refuse content":   {Fault{Kind: FaultReply, Every: 10, Code: 451, Enhanced: "4.3.0", Text: "later"}, "map[250:27 451:3]", 27, 27},
		"refuse recipient": {Fault{Kind: FaultReply, Phase: PhaseRcpt, Every: 6, Code: 550, RecipientDomain: "y.test"}, "map[250:25 550:5]", 25, 25},
		"other domain":     {Fault{Kind: FaultReply, Phase: PhaseRcpt, Code: 550, RecipientDomain: "z.test"}, "map[250:30]", 30, 30},
		"421 at MAIL":      {Fault{Kind: FaultReply, Phase: PhaseMail, Every: 15, Code: 421}, "map[250:28 421:2]", 28, 28},
		"cut at DATA":      {Fault{Kind: FaultDisconnect, Phase: PhaseData, Every: 15}, "map[0:2 250:28]", 28, 28},
		"delay":            {Fault{Kind: FaultDelay, Delay: duration.Span(time.Millisecond)}, "map[250:30]", 30, 30},
		"not yet":          {Fault{Kind: FaultDrop, After: duration.Span(time.Hour)}, "map[250:30]", 30, 30},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, Options{Plan: Plan{Faults: []Fault{c.fault}}})
			answers := accepted(t, server, 30)
			if found := fmt.Sprint(answers); found != c.answers {
				t.Errorf("%s and not %s", found, c.answers)
			}
			if progress := server.Progress("run"); progress.Messages != c.arrived {
				t.Errorf("%d arrived and not %d", progress.Messages, c.arrived)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit   Limit
		answers string
	}{
		"421":          {Limit{Rate: 0.001, Burst: 5}, "map[250:5 421:5]"},
		"451":          {Limit{Rate: 0.001, Burst: 5, Action: 451}, "map[250:5 451:5]"},
		"wait":         {Limit{Rate: 1000, Burst: 1, Action: "wait"}, "map[250:10]"},
		"of a sender":  {Limit{Rate: 0.001, Burst: 3, Per: PerSender, Action: 451}, "map[250:3 451:7]"},
		"of a client":  {Limit{Rate: 0.001, Burst: 3, Per: PerClient, Action: 451}, "map[250:3 451:7]"},
		"of a domain":  {Limit{Rate: 0.001, Burst: 4, Per: PerRecipientDomain, Action: 451}, "map[250:4 451:6]"},
		"of a session": {Limit{Rate: 0.001, Burst: 9, Per: PerConnection, Action: 421}, "map[250:9 421:1]"},
		"wide of them": {Limit{Rate: 1e9, Burst: 100}, "map[250:10]"},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, Options{Plan: Plan{Limits: []Limit{c.limit}}})
			found := map[int]int{}
			client := greeted(t, server)
			for sequence := range 10 {
				code := client.message("run", sequence, "a@y.test")
				if found[code]++; code == 421 {
					client = greeted(t, server)
				} else if code != 250 {
					client.say("RSET")
				}
			}
			if fmt.Sprint(found) != c.answers {
				t.Errorf("%v and not %s", found, c.answers)
			}
			if applied := server.Report().Limits[0].Applied; c.limit.Action != "wait" && int(applied) != found[421]+found[451] {
				t.Errorf("applied %d times", applied)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	server := start(t, Options{})
	c := greeted(t, server)
	if code := c.message("run", 1, "a@y.test"); code != 250 {
		t.Fatal(code)
	}
	began := time.Now()
	if err := server.SetPlan(Plan{Faults: []Fault{{Kind: FaultPause, For: duration.Span(300 * time.Millisecond)}}}); err != nil {
		t.Fatal(err)
	}
	if code := c.message("run", 2, "a@y.test"); code != 250 {
		t.Error(code)
	}
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
	if applied := server.Report().Faults[0].Applied; applied != 1 {
		t.Errorf("applied %d times", applied)
	}
}

func TestSinksThatDieAndComeBack(t *testing.T) {
	server := start(t, Options{})
	c := greeted(t, server)
	if err := server.SetPlan(Plan{Faults: []Fault{{Kind: FaultDown, For: duration.Span(200 * time.Millisecond)}}}); err != nil {
		t.Fatal(err)
	}
	if code, _ := c.hear(); code != 0 {
		t.Errorf("the session goes on with %d", code)
	}
	address := net.JoinHostPort(server.Host(), strconv.Itoa(server.Port()))
	refused := false
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			refused = true
			continue
		}
		_ = conn.Close()
		if refused {
			break
		}
	}
	if !refused {
		t.Error("no connection was refused")
	}
	if code := greeted(t, server).message("run", 1, "a@y.test"); code != 250 {
		t.Error(code)
	}
}

func TestTooManySessions(t *testing.T) {
	server := start(t, Options{MaxSessions: 1})
	greeted(t, server)
	c := connect(t, server)
	if code, _ := c.hear(); code != 421 {
		t.Error(code)
	}
	if _, err := io.ReadAll(c.R); err != nil {
		t.Error(err)
	}
	if sessions := server.Report().Sessions; sessions.Refused != 1 || sessions.Opened != 2 {
		t.Errorf("%+v", sessions)
	}
}

func TestRequiredProtection(t *testing.T) {
	server := start(t, Options{TLS: TLSRequired, Auth: &Auth{Mechanisms: []string{"plain"}, User: "u", Password: "p"}})
	c := greeted(t, server)
	if codes := c.say("MAIL FROM:<a@x.test>", "AUTH PLAIN AHUAcA=="); fmt.Sprint(codes) != "[530 503]" {
		t.Error(codes)
	}
	// What follows STARTTLS in the same packet may have been put there by somebody else.
	if codes := c.say("STARTTLS\r\nMAIL FROM:<evil@x.test>"); codes[0] != 554 {
		t.Error(codes)
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for name, text := range map[string]string{
		"listen": `{"listen":"nowhere"}`, "port": `{"listen":"127.0.0.1:70000"}`, "tls": `{"tls":"maybe"}`, "key": `{"nope":1}`, "kind": `{"listen":5}`,
		"two values": `{} {}`, "negative": `{"maxSessions":-1}`, "withhold": `{"withhold":["NOSUCH"]}`, "cert in clear": `{"cert":"x"}`,
		"cert": `{"tls":"tls","cert":"x","key":"y"}`, "clientCa": `{"tls":"tls","clientCa":"x"}`, "auth in clear": `{"auth":{"mechanisms":["PLAIN"],"user":"u","password":"p"}}`,
		"no mechanism": `{"tls":"tls","auth":{"user":"u"}}`, "mechanism": `{"tls":"tls","auth":{"mechanisms":["NTLM"]}}`,
		"no password": `{"tls":"tls","auth":{"mechanisms":["PLAIN"],"user":"u"}}`, "no token": `{"tls":"tls","auth":{"mechanisms":["XOAUTH2"]}}`,
		"EXTERNAL": `{"tls":"tls","auth":{"mechanisms":["EXTERNAL"]}}`,
		"fault":    `{"faults":[{"kind":"explode"}]}`, "pause": `{"faults":[{"kind":"pause"}]}`, "phase": `{"faults":[{"kind":"delay","delay":1,"phase":"lunch"}]}`,
		"delay": `{"faults":[{"kind":"delay"}]}`, "code": `{"faults":[{"kind":"reply","code":99}]}`, "line end": `{"faults":[{"kind":"reply","code":450,"text":"a\nb"}]}`,
		"drop at RCPT": `{"faults":[{"kind":"drop","phase":"rcpt"}]}`, "every": `{"faults":[{"kind":"drop","every":-1}]}`,
		"domain at MAIL": `{"faults":[{"kind":"reply","code":450,"phase":"mail","recipientDomain":"x.test"}]}`,
		"duration":       `{"faults":[{"kind":"pause","for":"soon"}]}`, "negative duration": `{"faults":[{"kind":"pause","for":-1}]}`,
		"rate": `{"limits":[{"rate":0}]}`, "burst": `{"limits":[{"rate":1,"burst":-1}]}`, "per": `{"limits":[{"rate":1,"per":"moon"}]}`, "action": `{"limits":[{"rate":1,"action":550}]}`,
	} {
		options, err := ParseOptions(strings.NewReader(text))
		if err == nil {
			var server *Server
			if server, err = Start(options); err == nil {
				server.Stop()
			}
		}
		if err == nil || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
