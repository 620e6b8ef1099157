package smtpclient

import (
	"fmt"
	"strconv"
	"strings"
)

// Envelope is what a transaction says before the message.
type Envelope struct {
	// From is the return path; empty for the null sender.
	From string
	To   []string
	// RequireTLS demands that every further hop uses TLS (RFC 8689).
	RequireTLS bool
	// DSN is nil when no delivery status notification is asked for.
	DSN *DSN
}

// DSN asks for delivery status notifications (RFC 3461).
type DSN struct {
	// Return is "FULL", "HDRS" or empty.
	Return string
	// EnvelopeID is empty or printable text.
	EnvelopeID string
	// Notify holds "NEVER", or some of "SUCCESS", "FAILURE", "DELAY"; empty for the server's default.
	Notify []string
	// OriginalRecipient adds ORCPT=rfc822;… to every recipient.
	OriginalRecipient bool
}

// Validate tells what would make an envelope unsafe or wrong on the wire.
func (e *Envelope) Validate() error {
	if e.From != "" {
		if err := validAddress(e.From); err != nil {
			return fmt.Errorf("from: %w", err)
		}
	}
	if len(e.To) == 0 {
		return fmt.Errorf("to: at least one recipient is needed")
	}
	for _, recipient := range e.To {
		if err := validAddress(recipient); err != nil {
			return fmt.Errorf("to: %w", err)
		}
	}
	if e.DSN != nil {
		return e.DSN.validate()
	}
	return nil
}

func (d *DSN) validate() error {
	switch d.Return {
	case "", "FULL", "HDRS":
	default:
		return fmt.Errorf(`dsn.return %q is neither "FULL" nor "HDRS"`, d.Return)
	}
	for _, condition := range d.Notify {
		switch condition {
		case "SUCCESS", "FAILURE", "DELAY":
		case "NEVER":
			if len(d.Notify) > 1 {
				return fmt.Errorf(`dsn.notify "NEVER" stands alone`)
			}
		default:
			return fmt.Errorf("dsn.notify %q is not known", condition)
		}
	}
	return nil
}

// validAddress keeps line ends, spaces and angle brackets out of commands. It does not judge more than that: servers
// that must be tested see odd addresses too.
func validAddress(address string) error {
	if len(address) < 3 || len(address) > 512 {
		return fmt.Errorf("%.60q is no address", address)
	}
	for index := range len(address) {
		if c := address[index]; c <= ' ' || c == '<' || c == '>' || c == 0x7f {
			return fmt.Errorf("%.60q is no address", address)
		}
	}
	if at := strings.LastIndexByte(address, '@'); at < 1 || at == len(address)-1 {
		return fmt.Errorf("%.60q is no address", address)
	}
	return nil
}

func isASCII(text string) bool {
	for index := range len(text) {
		if text[index] > 127 {
			return false
		}
	}
	return true
}

func (e *Envelope) needsUTF8() bool {
	if !isASCII(e.From) {
		return true
	}
	for _, recipient := range e.To {
		if !isASCII(recipient) {
			return true
		}
	}
	return false
}

// check tells whether the server can take this envelope and message without anything being dropped on the way.
func (e *Envelope) check(offered *Extensions, secure bool, content *Content) *Failure {
	switch {
	case e.RequireTLS && !secure:
		return unsupported(PhaseMail, "REQUIRETLS needs a session with TLS")
	case e.RequireTLS && !offered.RequireTLS:
		return unsupported(PhaseMail, "the server does not offer REQUIRETLS")
	case e.DSN != nil && !offered.DSN:
		return unsupported(PhaseMail, "the server does not offer DSN")
	case content.EightBit && !offered.EightBit:
		return unsupported(PhaseMail, "the server does not offer 8BITMIME, which this message needs")
	case !offered.UTF8 && e.needsUTF8():
		return unsupported(PhaseMail, "the server does not offer SMTPUTF8, which these addresses need")
	}
	return nil
}

func (e *Envelope) appendMail(line []byte, offered *Extensions, content *Content) []byte {
	line = append(line, "MAIL FROM:<"...)
	line = append(line, e.From...)
	line = append(line, '>')
	if offered.Size {
		line = append(line, " SIZE="...)
		line = strconv.AppendInt(line, int64(content.Size()), 10)
	}
	if content.EightBit {
		line = append(line, " BODY=8BITMIME"...)
	}
	if offered.UTF8 && e.needsUTF8() {
		line = append(line, " SMTPUTF8"...)
	}
	if e.RequireTLS {
		line = append(line, " REQUIRETLS"...)
	}
	if e.DSN != nil && e.DSN.Return != "" {
		line = append(append(line, " RET="...), e.DSN.Return...)
	}
	if e.DSN != nil && e.DSN.EnvelopeID != "" {
		line = appendXtext(append(line, " ENVID="...), e.DSN.EnvelopeID)
	}
	return append(line, '\r', '\n')
}

func (e *Envelope) appendRecipient(line []byte, recipient string) []byte {
	line = append(line, "RCPT TO:<"...)
	line = append(line, recipient...)
	line = append(line, '>')
	if e.DSN != nil && len(e.DSN.Notify) > 0 {
		line = append(append(line, " NOTIFY="...), strings.Join(e.DSN.Notify, ",")...)
	}
	if e.DSN != nil && e.DSN.OriginalRecipient {
		line = appendXtext(append(line, " ORCPT=rfc822;"...), recipient)
	}
	return append(line, '\r', '\n')
}

// appendXtext writes text in the encoding of RFC 3461, section 4.
func appendXtext(line []byte, text string) []byte {
	const digits = "0123456789ABCDEF"
	for index := range len(text) {
		if c := text[index]; c < '!' || c > '~' || c == '+' || c == '=' {
			line = append(line, '+', digits[c>>4], digits[c&15])
		} else {
			line = append(line, c)
		}
	}
	return line
}
