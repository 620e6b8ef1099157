package smtpclient

import (
	"strings"
	"testing"
)

func TestEnvelopesOnTheWire(t *testing.T) {
	everything := Extensions{Size: true, EightBit: true, UTF8: true, DSN: true, RequireTLS: true}
	envelope := &Envelope{
		From: "a@x.test", To: []string{"b+c@y.test"}, RequireTLS: true,
		DSN: &DSN{Return: "HDRS", EnvelopeID: "id=1 2", Notify: []string{"FAILURE", "DELAY"}, OriginalRecipient: true},
	}
	content := &Content{Header: []byte("A: b\r\n"), Block: []byte("12"), EightBit: true}
	mail := string(envelope.appendMail(nil, &everything, content))
	if wanted := "MAIL FROM:<a@x.test> SIZE=8 BODY=8BITMIME REQUIRETLS RET=HDRS ENVID=id+3D1+202\r\n"; mail != wanted {
		t.Errorf("%q", mail)
	}
	rcpt := string(envelope.appendRecipient(nil, envelope.To[0]))
	if wanted := "RCPT TO:<b+c@y.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@y.test\r\n"; rcpt != wanted {
		t.Errorf("%q", rcpt)
	}
	bare := &Envelope{To: []string{"ü@x.test"}}
	if mail := string(bare.appendMail(nil, &Extensions{UTF8: true}, &Content{})); mail != "MAIL FROM:<> SMTPUTF8\r\n" {
		t.Errorf("%q", mail)
	}
}

func TestEnvelopesThatAServerCannotTake(t *testing.T) {
	full := Extensions{EightBit: true, UTF8: true, DSN: true, RequireTLS: true}
	for name, c := range map[string]struct {
		envelope Envelope
		offered  Extensions
		secure   bool
		content  Content
	}{
		"REQUIRETLS without TLS":  {Envelope{RequireTLS: true}, full, false, Content{}},
		"REQUIRETLS not offered":  {Envelope{RequireTLS: true}, Extensions{}, true, Content{}},
		"DSN not offered":         {Envelope{DSN: &DSN{}}, Extensions{}, true, Content{}},
		"8BITMIME not offered":    {Envelope{}, Extensions{}, true, Content{EightBit: true}},
		"SMTPUTF8 not offered":    {Envelope{From: "ü@x.test"}, Extensions{}, true, Content{}},
		"SMTPUTF8 for recipients": {Envelope{To: []string{"ü@x.test"}}, Extensions{}, true, Content{}},
	} {
		if failure := c.envelope.check(&c.offered, c.secure, &c.content); failure == nil || failure.Kind != KindUnsupported {
			t.Errorf("%s: %v", name, failure)
		}
		if failure := c.envelope.check(&full, true, &c.content); failure != nil {
			t.Errorf("%s: refused although everything is offered: %v", name, failure)
		}
	}
}

func TestEnvelopesThatAreWrong(t *testing.T) {
	right := []string{"b@y.test"}
	for _, envelope := range []Envelope{
		{}, {To: []string{}}, {To: []string{"b"}}, {To: []string{"@y.test"}}, {To: []string{"b@"}}, {To: []string{"b@y.test\r\nRSET"}},
		{To: []string{"b c@y.test"}}, {To: []string{"<b@y.test>"}}, {To: []string{strings.Repeat("b", 600) + "@y.test"}},
		{From: "a\n@x.test", To: right}, {To: right, DSN: &DSN{Return: "ALL"}}, {To: right, DSN: &DSN{Notify: []string{"NEVER", "DELAY"}}},
		{To: right, DSN: &DSN{Notify: []string{"sometimes"}}},
	} {
		if envelope.Validate() == nil {
			t.Errorf("%+v is taken", envelope)
		}
	}
	if err := (&Envelope{To: right, DSN: &DSN{Return: "FULL", Notify: []string{"NEVER"}}}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestExtensions(t *testing.T) {
	found := parseExtensions("mx.test at your service\nSIZE 1000\npipelining\nCHUNKING\n8BITMIME\nAUTH PLAIN login\nAUTH=XOAUTH2\nDSN\nREQUIRETLS\nSMTPUTF8\nSTARTTLS\nENHANCEDSTATUSCODES\n\nX-OTHER y")
	all := found.StartTLS && found.Pipelining && found.Chunking && found.EightBit && found.UTF8 && found.DSN && found.RequireTLS && found.Enhanced && found.Size
	if !all || found.MaxSize != 1000 || strings.Join(found.Auth, " ") != "PLAIN LOGIN XOAUTH2" {
		t.Errorf("%+v", found)
	}
	if none := parseExtensions("STARTTLS PIPELINING"); none.StartTLS || none.Pipelining {
		t.Error("the server's name counts as an extension")
	}
	if found := parseExtensions("x\nSIZE"); !found.Size || found.MaxSize != 0 {
		t.Errorf("%+v", found)
	}
	if found := parseExtensions("x\nSIZE -4"); found.MaxSize != 0 {
		t.Errorf("%+v", found)
	}
}
