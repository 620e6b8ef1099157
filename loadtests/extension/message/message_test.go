package message

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/smtpclient"
)

func fields(sequence uint64) *Fields {
	at := time.Date(2026, 2, 3, 4, 5, 6, 7000, time.UTC)
	return &Fields{
		From: "a@x.test", To: []string{"b@y.test"}, Domain: "load.invalid",
		Stamp: Stamp{Run: "run-1", Sequence: sequence, Intended: at, Sent: at.Add(time.Second)},
	}
}

// whole puts a message together as it goes over the wire, without doubled dots.
func whole(t *testing.T, template *Template, f *Fields) string {
	t.Helper()
	content, _, err := template.Render(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content.Header) + string(content.Block[content.Offset:])
	if len(text) != content.Size() {
		t.Errorf("size %d, but %d octets", content.Size(), len(text))
	}
	if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") {
		t.Error("a line ends in something other than CRLF")
	}
	if !strings.HasSuffix(text, "\r\n") {
		t.Error("the message does not end in CRLF")
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > longestAllowed {
			t.Errorf("line of %d octets", len(line))
		}
	}
	return text
}

func TestSizesAreExact(t *testing.T) {
	for _, name := range []string{"plain", "transactional", "marketing"} {
		for size := 1100; size < 1300; size++ {
			template, err := Compile(Spec{Template: name, Size: size})
			if err != nil {
				t.Fatal(err)
			}
			for _, sequence := range []uint64{1, 99, 1_000_000} {
				text := whole(t, template, fields(sequence))
				if len(text) != size {
					t.Fatalf("%s: %d octets and not %d", name, len(text), size)
				}
				if _, err := mail.ReadMessage(strings.NewReader(text)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tiny, err := Compile(Spec{Size: 20})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := tiny.Render(nil, fields(1)); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Error(err)
	}
}

func TestWhatADoubledDotBlockIs(t *testing.T) {
	template, err := Compile(Spec{Text: ".first\n..second\nthird", Headers: map[string]string{"X-Own": "{{sequence}}"}})
	if err != nil {
		t.Fatal(err)
	}
	text := whole(t, template, fields(7))
	if !strings.Contains(text, "\r\n.first\r\n..second\r\n") || !strings.Contains(text, "X-Own: 7\r\n") {
		t.Error(text)
	}
}

func TestMessagesAreReadByGoItself(t *testing.T) {
	template, err := Compile(Spec{
		Subject: "Grüße {{sequence}}", Text: "Hällo {{givenName}}", HTML: "<p>{{familyName}}</p>", Size: 9000, ListUnsubscribe: "https://u.invalid/{{sequence}}",
		Headers:     map[string]string{"X-Tag": "täg", "from": "Someone <s@x.test>"},
		Attachments: []Attachment{{Name: "bericht ä.pdf", Type: "application/pdf", Size: 1000}, {Name: "a.txt", Type: "text/plain; charset=utf-8", Content: []byte("hello")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	read, err := mail.ReadMessage(strings.NewReader(whole(t, template, fields(42))))
	if err != nil {
		t.Fatal(err)
	}
	decoder := new(mime.WordDecoder)
	subject, _ := decoder.DecodeHeader(read.Header.Get("Subject"))
	tag, _ := decoder.DecodeHeader(read.Header.Get("X-Tag"))
	for what, pair := range map[string][2]string{
		"subject": {subject, "Grüße 42"}, "tag": {tag, "täg"}, "from": {read.Header.Get("From"), "Someone <s@x.test>"},
		"to": {read.Header.Get("To"), "<b@y.test>"}, "id": {read.Header.Get("Message-ID"), "<run-1.42@load.invalid>"},
		"unsubscribe": {read.Header.Get("List-Unsubscribe"), "<https://u.invalid/42>"},
		"one click":   {read.Header.Get("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click"},
		"date":        {read.Header.Get("Date"), "Tue, 03 Feb 2026 04:05:07 +0000"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q and not %q", what, pair[0], pair[1])
		}
	}
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(read.Body, parameters["boundary"])
	var kinds []string
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(part)
		kinds = append(kinds, fmt.Sprint(strings.SplitN(part.Header.Get("Content-Type"), ";", 2)[0], " ", part.FileName(), " ", len(content) > 4))
	}
	if wanted := "multipart/alternative  true|application/pdf bericht ä.pdf true|text/plain a.txt true"; strings.Join(kinds, "|") != wanted {
		t.Error(strings.Join(kinds, "|"))
	}
}

func TestWholeMessages(t *testing.T) {
	source := "\xef\xbb\xbfFrom: a@x.test\nMessage-id: <old@x.test>\n folded\nX-Load-Stamp: old\nSubject: kept\n\nbody\n.dot\r\nlone\rend"
	template, err := CompileRaw([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	text := whole(t, template, fields(5))
	if strings.Contains(text, "old") || strings.Contains(text, "folded") {
		t.Errorf("%q keeps the old identity", text)
	}
	if wanted := "From: a@x.test\r\nSubject: kept\r\n\r\nbody\r\n.dot\r\nlone\r\nend\r\n"; !strings.HasSuffix(text, wanted) {
		t.Errorf("%q", text)
	}
	content, _, _ := template.Render(nil, fields(5))
	if !bytes.Equal(smtpclient.StuffDots(content.Block), content.StuffedBlock) {
		t.Error("the block for DATA is not the block with doubled dots")
	}
	for _, wrong := range []string{"", "no header\n\nbody", "Message-ID: <only@x.test>\n\nbody", "\n\nbody", "A: b\n c\n=d\n\n"} {
		if _, err := CompileRaw([]byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestDescriptionsThatAreWrong(t *testing.T) {
	for name, spec := range map[string]Spec{
		"template":         {Template: "fancy"},
		"size":             {Size: -1},
		"subject's end":    {Subject: "a\r\nBcc: x@y.test"},
		"placeholder":      {Text: "{{ssn}}"},
		"open placeholder": {Text: "{{sequence"},
		"long line":        {Text: strings.Repeat("x", 999)},
		"long subject":     {Subject: strings.Repeat("x", 999)},
		"field name":       {Headers: map[string]string{"a b": "c"}},
		"field value":      {Headers: map[string]string{"a": "b\nc: d"}},
		"own Message-ID":   {Headers: map[string]string{"message-id": "<x@y.test>"}},
		"mixed field":      {Headers: map[string]string{"a": "ä {{sequence}}"}},
		"unsubscribe":      {ListUnsubscribe: "https://u.invalid/>\r\nX: y"},
		"media type":       {Attachments: []Attachment{{Name: "a", Type: "text/plain\r\nX: y"}}},
		"attachment size":  {Attachments: []Attachment{{Name: "a", Size: -1}}},
	} {
		if _, err := Compile(spec); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestAddressesBeyondASCIIAreEightBit(t *testing.T) {
	template, err := Compile(Spec{})
	if err != nil {
		t.Fatal(err)
	}
	f := fields(1)
	if content, _, _ := template.Render(nil, f); content.EightBit {
		t.Error("ASCII counts as eight-bit")
	}
	f.To = []string{"ü@y.test"}
	if content, _, _ := template.Render(nil, f); !content.EightBit {
		t.Error("a recipient beyond ASCII does not count as eight-bit")
	}
}

func TestStamps(t *testing.T) {
	stamp := fields(9).Stamp
	again, err := ParseStamp(stamp.AppendTo([]byte(" ")))
	if err != nil || !again.Intended.Equal(stamp.Intended) || !again.Sent.Equal(stamp.Sent) || again.Run != stamp.Run || again.Sequence != 9 {
		t.Errorf("%+v, %v", again, err)
	}
	recipient := fmt.Sprintf("load+%s.%d.%d.%d@clinic.test", stamp.Run, stamp.Sequence, stamp.Intended.UnixMicro(), stamp.Sent.UnixMicro())
	if again, err = ParseRecipient(recipient); err != nil || !again.Sent.Equal(stamp.Sent) {
		t.Errorf("%+v, %v", again, err)
	}
	for _, wrong := range []string{"", "run", "run 1 2", "run x 2 3", "run -1 2 3", "r_n 1 2 3", strings.Repeat("r", 33) + " 1 2 3", "run 1 2 99999999999999999999"} {
		if _, err := ParseStamp([]byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	for _, wrong := range []string{"load+@x.test", "load+a.1.2@x.test", "b@x.test", "load+a.1.2.x@x.test"} {
		if _, err := ParseRecipient(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestNamesOfRuns(t *testing.T) {
	t.Setenv("SMTP_RUN", "nightly-7")
	if name, err := NewRun(); err != nil || name != "nightly-7" {
		t.Error(name, err)
	}
	t.Setenv("SMTP_RUN", "two words")
	if _, err := NewRun(); err == nil {
		t.Error("a name with a space is taken")
	}
	t.Setenv("SMTP_RUN", "")
	first, _ := NewRun()
	second, _ := NewRun()
	if first == second || !isRun(first) {
		t.Error(first, second)
	}
}
