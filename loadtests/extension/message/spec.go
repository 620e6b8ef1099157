package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"sort"
	"strings"

	"hipaa-check/loadtests/extension/smtpclient"
)

// Spec describes messages to be made.
type Spec struct {
	// Template is "plain" (also when empty), "transactional" or "marketing".
	Template string
	// Size is the exact number of octets of the message as SIZE counts them; 0 for as long as it comes.
	Size int
	// Subject, Text and HTML may hold placeholders.
	Subject, Text, HTML string
	// Headers are added, or take the place of From, To, Date and Subject.
	Headers map[string]string
	// ListUnsubscribe is an https or mailto URL.
	ListUnsubscribe string
	Attachments     []Attachment
}

// Attachment is a file of given content, or of synthetic octets.
type Attachment struct {
	Name, Type string
	// Size is the number of octets before encoding, when Content is empty.
	Size    int
	Content []byte
}

var builtIn = map[string]Spec{
	"plain": {Subject: "Load test message {{sequence}}", Text: "This is a synthetic message of a load test.\n"},
	"transactional": {
		Subject: "Your appointment on {{date}}",
		Text: "Dear {{givenName}} {{familyName}},\n\nyour appointment in {{city}} stands. Your confirmation code is {{code}}.\n" +
			"This message is synthetic and about nobody.\n",
	},
	"marketing": {
		Subject:         "News from {{city}}",
		ListUnsubscribe: "https://unsubscribe.invalid/{{sequence}}",
		Text:            "Dear {{givenName}},\n\nhere is this month's news from {{city}}. This message is synthetic.\n",
		HTML: "<!doctype html>\n<html><body><h1>News from {{city}}</h1>\n<p>Dear {{givenName}}, here is this month's news.</p>\n" +
			"<p><a href=\"https://unsubscribe.invalid/{{sequence}}\">Unsubscribe</a></p></body></html>\n",
	},
}

// Compile checks a description and makes everything that its messages share.
func Compile(spec Spec) (*Template, error) {
	if spec.Template == "" {
		spec.Template = "plain"
	}
	base, known := builtIn[spec.Template]
	if !known {
		return nil, fmt.Errorf(`template %q is none of "plain", "transactional", "marketing"`, spec.Template)
	}
	if spec.Subject == "" {
		spec.Subject = base.Subject
	}
	if spec.ListUnsubscribe == "" {
		spec.ListUnsubscribe = base.ListUnsubscribe
	}
	if spec.Text == "" && spec.HTML == "" {
		spec.Text, spec.HTML = base.Text, base.HTML
	}
	if spec.Size < 0 || spec.Size > maxSize {
		return nil, errSize
	}
	t := &Template{size: spec.Size}
	return t, t.build(&spec)
}

func (t *Template) build(spec *Spec) error {
	var err error
	if t.subject, err = parseText(spec.Subject); err != nil || strings.ContainsAny(spec.Subject, "\r\n") {
		return fmt.Errorf("subject: %w", orLineEnd(err))
	}
	var header bytes.Buffer
	if err := t.writeHeaders(&header, spec); err != nil {
		return err
	}
	lead, tail, err := bodyParts(&header, spec, t.size > 0)
	if err != nil {
		return err
	}
	lead = withCRLF(lead)
	if long := longestLine(header.String() + lead); long > longestAllowed || len(spec.Subject) > longestAllowed {
		return fmt.Errorf("subject, headers, text or html has a line that is longer than the %d octets that SMTP allows", longestAllowed)
	}
	if t.lead, err = parseText(header.String() + lead); err != nil {
		return fmt.Errorf("headers, text and html: %w", err)
	}
	if t.size > 0 {
		t.block = filler(t.size)
		t.fillers = t.size
	}
	t.block = append(t.block, tail...)
	t.eightBit = hasEightBit(lead) || hasEightBit(t.block)
	if stuffed := smtpclient.StuffDots(t.block); len(stuffed) != len(t.block) {
		t.stuffed = stuffed
	}
	return nil
}

// longestAllowed is how long a line may be without its end (RFC 5321, 4.5.3.1.6).
const longestAllowed = 998

func orLineEnd(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("it holds a line end")
}

func (t *Template) writeHeaders(header *bytes.Buffer, spec *Spec) error {
	names := make([]string, 0, len(spec.Headers))
	for name := range spec.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		value := spec.Headers[name]
		if !validFieldName(name) || strings.ContainsAny(value, "\r\n") {
			return fmt.Errorf("headers: %.60q is no header field on one line", name+": "+value)
		}
		switch strings.ToLower(name) {
		case "from":
			t.own.from = true
		case "to":
			t.own.to = true
		case "date":
			t.own.date = true
		case "subject":
			t.own.subject = true
		case "message-id", strings.ToLower(StampHeader), "mime-version", "content-type", "content-transfer-encoding":
			return fmt.Errorf("headers: %s is made by the extension; use data or eml for a message of your own", name)
		}
		if hasEightBit(value) && strings.Contains(value, "{{") {
			return fmt.Errorf("headers: %s holds a placeholder and characters beyond ASCII, which do not go together", name)
		}
		fmt.Fprintf(header, "%s: %s\r\n", name, mime.BEncoding.Encode("utf-8", value))
	}
	if url := spec.ListUnsubscribe; url != "" {
		if strings.ContainsAny(url, "\r\n<> ") {
			return fmt.Errorf("listUnsubscribe %.60q is no URL", url)
		}
		fmt.Fprintf(header, "List-Unsubscribe: <%s>\r\n", url)
		if strings.HasPrefix(url, "https:") {
			header.WriteString("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
		}
	}
	return nil
}

func validFieldName(name string) bool {
	for index := range len(name) {
		if c := name[index]; c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != ""
}

const (
	outerBoundary = "=_load_outer"
	innerBoundary = "=_load_inner"
)

// bodyParts completes the header and returns the text in front of the filler and the octets behind it. withFiller
// says that there will be a filler, which HTML hides in a comment.
func bodyParts(header *bytes.Buffer, spec *Spec, withFiller bool) (lead string, tail []byte, err error) {
	var front, back strings.Builder
	header.WriteString("MIME-Version: 1.0\r\n")
	if len(spec.Attachments) > 0 {
		header.WriteString("Content-Type: multipart/mixed; boundary=\"" + outerBoundary + "\"\r\n\r\n")
		front.WriteString("--" + outerBoundary + "\n")
	}
	both := spec.Text != "" && spec.HTML != ""
	if both {
		front.WriteString("Content-Type: multipart/alternative; boundary=\"" + innerBoundary + "\"\n\n--" + innerBoundary + "\n")
	}
	if spec.Text != "" {
		writePart(&front, "text/plain", spec.Text)
	}
	if both {
		front.WriteString("--" + innerBoundary + "\n")
	}
	if spec.HTML != "" {
		writePart(&front, "text/html", spec.HTML)
		if withFiller {
			front.WriteString("<!--\n")
			back.WriteString("-->\r\n")
		}
	}
	if both {
		back.WriteString("--" + innerBoundary + "--\r\n")
	}
	for _, attachment := range spec.Attachments {
		if err := writeAttachment(&back, attachment); err != nil {
			return "", nil, err
		}
	}
	if len(spec.Attachments) > 0 {
		back.WriteString("--" + outerBoundary + "--\r\n")
	}
	if back.Len() == 0 {
		back.WriteString("\r\n")
	}
	return front.String(), []byte(back.String()), nil
}

func writePart(target *strings.Builder, kind, text string) {
	encoding := "7bit"
	if hasEightBit(text) {
		encoding = "8bit"
	}
	fmt.Fprintf(target, "Content-Type: %s; charset=utf-8\nContent-Transfer-Encoding: %s\n\n%s", kind, encoding, text)
	if !strings.HasSuffix(text, "\n") {
		target.WriteByte('\n')
	}
}

func writeAttachment(target *strings.Builder, attachment Attachment) error {
	if attachment.Size < 0 || attachment.Size > maxSize {
		return errSize
	}
	content := attachment.Content
	if len(content) == 0 {
		content = make([]byte, attachment.Size)
		random := rand.NewChaCha8([32]byte{1})
		_, _ = random.Read(content)
	}
	kind := attachment.Type
	if kind == "" {
		kind = "application/octet-stream"
	}
	kind, parameters, err := mime.ParseMediaType(kind)
	if err != nil {
		return fmt.Errorf("attachments: type %.60q is no media type", attachment.Type)
	}
	fmt.Fprintf(target, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s\r\n\r\n",
		outerBoundary, mime.FormatMediaType(kind, parameters),
		mime.FormatMediaType("attachment", map[string]string{"filename": attachment.Name}))
	encoded := base64.StdEncoding.EncodeToString(content)
	for len(encoded) > 76 {
		target.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	target.WriteString(encoded + "\r\n")
	return nil
}

func withCRLF(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func longestLine(text string) int {
	longest := 0
	for _, line := range strings.Split(text, "\r\n") {
		longest = max(longest, len(line))
	}
	return longest
}
