package smtpclient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

const hello = "S: 220 x\nC: EHLO client.test\n"

var three = &smtpclient.Envelope{From: "a@x.test", To: []string{"b@y.test", "c@y.test", "d@y.test"}}

func TestRecipientsAreAnsweredOneByOne(t *testing.T) {
	replies := "S: 250 ok\nS: 250 2.1.5 b is fine\nS: 550 5.1.1 no c\nS: 451 4.2.0 d later\n"
	for name, script := range map[string]string{
		"pipelined": hello + "S: 250-x\\n250 PIPELINING\nC: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: RCPT TO:<c@y.test>\nC: RCPT TO:<d@y.test>\nC: DATA\n" +
			replies + "S: 354 go\nMESSAGE\nS: 250 2.0.0 Ok: queued as Q1\nSILENCE",
		"stepwise": hello + "S: 250 x\nC: MAIL FROM:<a@x.test>\nS: 250 ok\nC: RCPT TO:<b@y.test>\nS: 250 2.1.5 b is fine\nC: RCPT TO:<c@y.test>\n" +
			"S: 550 5.1.1 no c\nC: RCPT TO:<d@y.test>\nS: 451 4.2.0 d later\nC: DATA\nS: 354 go\nMESSAGE\nS: 250 2.0.0 Ok: queued as Q1\nSILENCE",
	} {
		t.Run(name, func(t *testing.T) {
			session := open(t, config(t, play(t, script), smtpclient.TLSNone))
			outcome := send(session, three)
			if outcome.Failure != nil || outcome.Accepted != 1 || outcome.Reply.QueueID() != "Q1" || !outcome.Plaintext {
				t.Fatalf("%+v", outcome)
			}
			var told []string
			for _, recipient := range outcome.Recipients {
				told = append(told, fmt.Sprint(recipient.Address, " ", recipient.Reply.Code, " ", recipient.Reply.Enhanced, " ", recipient.Reply.Text))
			}
			if wanted := "b@y.test 250 2.1.5 b is fine|c@y.test 550 5.1.1 no c|d@y.test 451 4.2.0 d later"; strings.Join(told, "|") != wanted {
				t.Error(told)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		phase  smtpclient.Phase
		code   int
		usable bool
	}{
		"MAIL":            {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 451 4.3.0 no\nS: 503 a\nS: 503 b\nSILENCE", smtpclient.PhaseMail, 451, true},
		"RCPT":            {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 554 none\nSILENCE", smtpclient.PhaseRcpt, 550, true},
		"RCPT, DATA open": {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 354 go\nC: .\nS: 554 none\nSILENCE", smtpclient.PhaseRcpt, 550, true},
		"DATA":            {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 452 4.3.1 full\nSILENCE", smtpclient.PhaseData, 452, true},
		"content":         {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\nS: 554 5.7.1 spam\nSILENCE", smtpclient.PhaseContent, 554, true},
		"421 to RCPT":     {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 421 4.7.0 bye", smtpclient.PhaseRcpt, 421, false},
		"421 at the end":  {"C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\nS: 421 4.3.2 bye", smtpclient.PhaseContent, 421, false},
	} {
		t.Run(name, func(t *testing.T) {
			session := open(t, config(t, play(t, hello+"S: 250-x\\n250 PIPELINING\n"+c.script), smtpclient.TLSNone))
			outcome := send(session, envelope)
			failure := outcome.Failure
			if failure == nil || failure.Kind != smtpclient.KindRefused || failure.Phase != c.phase || failure.Reply.Code != c.code || outcome.Reply.Code != c.code {
				t.Fatalf("%+v", outcome)
			}
			if session.Usable() != c.usable || outcome.Accepted != 0 || outcome.Stale || outcome.Timings.Transaction != 0 {
				t.Errorf("usable %v, %+v", session.Usable(), outcome)
			}
		})
	}
}

func TestSessionsGoOnAfterRefusals(t *testing.T) {
	one := "C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\n"
	script := hello + "S: 250-x\\n250 PIPELINING\n" +
		one + "S: 250 ok\nS: 550 no\nS: 554 none\n" +
		"C: RSET\n" + one + "S: 250 reset\nS: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\nS: 451 later\n" +
		one + "S: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\nS: 250 done\nSILENCE"
	session := open(t, config(t, play(t, script), smtpclient.TLSNone))
	for number, phase := range []smtpclient.Phase{smtpclient.PhaseRcpt, smtpclient.PhaseContent, ""} {
		outcome := send(session, envelope)
		if phase == "" != (outcome.Failure == nil) || outcome.Failure != nil && outcome.Failure.Phase != phase {
			t.Fatalf("message %d: %v", number, outcome.Failure)
		}
	}
}

func TestChunks(t *testing.T) {
	offer := hello + "S: 250-x\\n250-PIPELINING\\n250 CHUNKING\n"
	size := content.Size()
	group := fmt.Sprintf("C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: BDAT %d LAST\nC: Subject: secret marker\nHEAR\nC: body of the message\n", size)
	script := offer + group + "S: 250 ok\nS: 550 no\nS: 503 none\n" +
		"C: RSET\n" + group + "S: 250 reset\nS: 250 ok\nS: 250 ok\nS: 452 4.3.1 full\n" +
		"C: RSET\n" + group + "S: 250 reset\nS: 250 ok\nS: 250 ok\nS: 250 queued as Q\nSILENCE"
	c := config(t, play(t, script), smtpclient.TLSNone)
	c.Chunking = true
	session := open(t, c)
	for number, phase := range []smtpclient.Phase{smtpclient.PhaseRcpt, smtpclient.PhaseContent, ""} {
		outcome := send(session, envelope)
		if phase == "" != (outcome.Failure == nil) || outcome.Failure != nil && outcome.Failure.Phase != phase || outcome.Octets != size {
			t.Fatalf("message %d: %+v, %v", number, outcome, outcome.Failure)
		}
	}
}

// Everything that can be switched on and off gives the same messages at the other end.
func TestAllWaysOfSendingArrive(t *testing.T) {
	for _, withheld := range [][]string{nil, {"CHUNKING"}, {"PIPELINING"}, {"PIPELINING", "CHUNKING", "SIZE", "8BITMIME", "DSN", "SMTPUTF8", "REQUIRETLS"}} {
		for _, tlsMode := range []string{sink.TLSNone, sink.TLSStart, sink.TLSImplicit} {
			for _, chunking := range []bool{false, true} {
				name := fmt.Sprintf("without %v, TLS %s, chunking %v", withheld, tlsMode, chunking)
				t.Run(name, func(t *testing.T) {
					server, port := startSink(t, sink.Options{TLS: tlsMode, Withhold: append([]string{}, withheld...)})
					c := config(t, port, smtpclient.TLSMode(tlsMode))
					if tlsMode != sink.TLSNone {
						var err error
						c.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: server.Place().CA})
						must(err)
					}
					c.Chunking = chunking
					session := open(t, c)
					for range 3 {
						if outcome := send(session, three); outcome.Failure != nil || outcome.Accepted != 3 || outcome.Plaintext != (tlsMode == sink.TLSNone) {
							t.Fatalf("%+v, %v", outcome, outcome.Failure)
						}
					}
					batch := &smtpclient.Batch{
						Count: 20, Timeout: 5 * time.Second,
						Prepare: func(int) (*smtpclient.Envelope, *smtpclient.Content) { return three, content },
						Done: func(index int, outcome *smtpclient.Outcome) {
							if outcome.Failure != nil {
								t.Errorf("message %d: %v", index, outcome.Failure)
							}
						},
					}
					if done := session.SendBatch(context.Background(), batch); done != 20 {
						t.Fatalf("%d of 20", done)
					}
					if outcome := session.Send(context.Background(), three, content, 5*time.Second, true); outcome.Failure != nil || session.Usable() {
						t.Fatalf("%+v", outcome)
					}
					report := server.Report()
					octets := int64(24 * content.Size())
					if report.Messages.Received != 24 || report.Messages.Recipients != 72 || report.Messages.Octets != octets {
						t.Errorf("%+v, and not %d octets", report.Messages, octets)
					}
				})
			}
		}
	}
}

func TestSessionsThatHadEnded(t *testing.T) {
	one := "C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\nS: 250 done\n"
	offer := hello + "S: 250-x\\n250 PIPELINING\n"
	for name, c := range map[string]struct {
		script string
		stale  bool
	}{
		"closed without a word":      {offer + one, true},
		"closed with a time-out":     {offer + one + "S: 421 4.4.2 idle too long", true},
		"refused for another reason": {offer + one + "HEAR\nS: 421 4.7.0 too many messages", false},
		"more replies than commands": {offer + strings.Replace(one, "done", `done\n250 and another one`, 1) + "SILENCE", true},
	} {
		t.Run(name, func(t *testing.T) {
			session := open(t, config(t, play(t, c.script), smtpclient.TLSNone))
			if outcome := send(session, envelope); outcome.Failure != nil {
				t.Fatal(outcome.Failure)
			}
			time.Sleep(50 * time.Millisecond) // so that the server's end is here before the next message
			outcome := send(session, envelope)
			if outcome.Failure == nil || outcome.Stale != c.stale || session.Usable() {
				t.Errorf("%+v, %v", outcome, outcome.Failure)
			}
		})
	}
}

// Where the server may have taken the message, it is not sent again.
func TestSessionsThatEndAfterTheMessage(t *testing.T) {
	one := "C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nMESSAGE\n"
	session := open(t, config(t, play(t, hello+"S: 250-x\\n250 PIPELINING\n"+one+"S: 250 done\n"+one), smtpclient.TLSNone))
	if outcome := send(session, envelope); outcome.Failure != nil {
		t.Fatal(outcome.Failure)
	}
	if outcome := send(session, envelope); outcome.Failure == nil || outcome.Stale || outcome.Failure.Kind != smtpclient.KindClosed {
		t.Errorf("%+v", outcome)
	}
}

func TestStoppedRuns(t *testing.T) {
	session := open(t, config(t, play(t, hello+"S: 250-x\\n250 PIPELINING\nSILENCE"), smtpclient.TLSNone))
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, stop)
	outcome := session.Send(ctx, envelope, content, time.Minute, false)
	if outcome.Failure == nil || outcome.Failure.Kind != smtpclient.KindInterrupted || session.Usable() || outcome.Stale {
		t.Errorf("%+v", outcome)
	}
}

func TestServersThatAnswerLate(t *testing.T) {
	session := open(t, config(t, play(t, hello+"S: 250-x\\n250 PIPELINING\nSILENCE"), smtpclient.TLSNone))
	began := time.Now()
	outcome := session.Send(context.Background(), envelope, content, 100*time.Millisecond, false)
	if outcome.Failure == nil || outcome.Failure.Kind != smtpclient.KindTimeout || outcome.Stale || time.Since(began) > 2*time.Second {
		t.Errorf("%+v after %s", outcome, time.Since(began))
	}
}

func TestNobodyListens(t *testing.T) {
	failure := openFails(t, config(t, 1, smtpclient.TLSNone))
	if failure.Kind != smtpclient.KindConnect || errors.Unwrap(failure) == nil {
		t.Error(failure)
	}
}

// A server that is a reply ahead would seem to accept in no time at all, whatever becomes of the message.
func TestAnswersAheadOfTheMessage(t *testing.T) {
	commands := hello + "S: 250-x\\n250 PIPELINING\nC: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@y.test>\nC: DATA\nS: 250 ok\\n250 ok\\n354 go\\n"
	for name, c := range map[string]struct {
		script string
		kind   smtpclient.Kind
	}{
		"accepted": {commands + "250 2.0.0 queued as X\nSILENCE", smtpclient.KindProtocol},
		"refused":  {commands + "552 5.3.4 too large already\nSILENCE", smtpclient.KindRefused},
		"leaving":  {commands + "421 4.3.2 going down\nSILENCE", smtpclient.KindRefused},
	} {
		t.Run(name, func(t *testing.T) {
			session := open(t, config(t, play(t, c.script), smtpclient.TLSNone))
			outcome := send(session, envelope)
			if outcome.Failure == nil || outcome.Failure.Kind != c.kind || outcome.Failure.Phase != smtpclient.PhaseContent || outcome.Accepted != 0 {
				t.Errorf("%+v: %v", outcome, outcome.Failure)
			}
			if session.Usable() || outcome.Octets != 0 {
				t.Error("the session goes on")
			}
		})
	}
}
