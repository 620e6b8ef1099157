package message

import (
	"errors"
	"fmt"
	"mime"
	"time"

	"hipaa-check/loadtests/extension/smtpclient"
)

// Fields are what differs from message to message.
type Fields struct {
	From  string
	To    []string
	Stamp Stamp
	// Domain is the right side of the Message-ID.
	Domain string
}

// haveEightBit says whether the addresses, which the header shows, have octets above 127.
func (f *Fields) haveEightBit() bool {
	if hasEightBit(f.From) {
		return true
	}
	for _, recipient := range f.To {
		if hasEightBit(recipient) {
			return true
		}
	}
	return false
}

// Template makes messages. It is safe for use by many goroutines.
type Template struct {
	// size is the exact size of every message, 0 for as long as it comes.
	size int
	// fillers is how much of the block may be left out at its front to meet the size.
	fillers int
	subject []segment
	own     ownFields
	// lead is everything between the subject and the block: further header fields, the empty line, the text.
	lead []segment

	block, stuffed []byte
	eightBit       bool
	// raw says that the block is a whole message that somebody else has made.
	raw bool
}

// ownFields says which header fields a script has set by itself.
type ownFields struct{ from, to, date, subject bool }

// Render writes the header and everything else that is the message's own to target, and returns the message. The
// content refers to the grown target, which is returned too so that it can be used again.
func (t *Template) Render(target []byte, fields *Fields) (smtpclient.Content, []byte, error) {
	target = t.appendHeader(target[:0], fields)
	offset := 0
	if t.size > 0 {
		offset = len(target) + len(t.block) - t.size
		if offset > t.fillers {
			return smtpclient.Content{}, target, t.tooSmall(len(target))
		}
		if t.block[offset] == '\n' {
			// The cut would leave half a line end. One octet more in front moves it.
			target = append(target, '-')
			if offset++; offset > t.fillers {
				return smtpclient.Content{}, target, t.tooSmall(len(target))
			}
		}
	}
	return smtpclient.Content{
		Header: target, Block: t.block, Offset: offset, StuffedBlock: t.stuffed, EightBit: t.eightBit || !t.raw && fields.haveEightBit(),
	}, target, nil
}

func (t *Template) tooSmall(header int) error {
	return fmt.Errorf("size %d is too small: this message needs at least %d octets", t.size, header+len(t.block)-t.fillers+1)
}

// Size is the exact size of the messages, 0 when it is not fixed.
func (t *Template) Size() int { return t.size }

func (t *Template) appendHeader(target []byte, fields *Fields) []byte {
	target = append(target, "Message-ID: "...)
	target = fields.Stamp.AppendMessageID(target, fields.Domain)
	target = append(target, "\r\n"+StampHeader+": "...)
	target = fields.Stamp.AppendTo(target)
	target = append(target, '\r', '\n')
	if t.raw {
		return target
	}
	if !t.own.date {
		target = append(target, "Date: "...)
		target = fields.Stamp.Sent.UTC().AppendFormat(target, time.RFC1123Z)
		target = append(target, '\r', '\n')
	}
	if !t.own.from {
		target = append(append(append(target, "From: <"...), fields.From...), ">\r\n"...)
	}
	if !t.own.to {
		target = appendTo(target, fields.To)
	}
	if !t.own.subject {
		target = append(target, "Subject: "...)
		target = t.appendSubject(target, fields)
		target = append(target, '\r', '\n')
	}
	return appendText(target, t.lead, fields)
}

// mostNamedRecipients is how many recipients the To field shows.
const mostNamedRecipients = 50

func appendTo(target []byte, recipients []string) []byte {
	if len(recipients) > mostNamedRecipients {
		return append(target, "To: undisclosed-recipients:;\r\n"...)
	}
	target = append(target, "To: <"...)
	for index, recipient := range recipients {
		if index > 0 {
			target = append(target, ">,\r\n <"...)
		}
		target = append(target, recipient...)
	}
	return append(target, ">\r\n"...)
}

func (t *Template) appendSubject(target []byte, fields *Fields) []byte {
	start := len(target)
	target = appendText(target, t.subject, fields)
	if hasEightBit(target[start:]) {
		encoded := mime.BEncoding.Encode("utf-8", string(target[start:]))
		target = append(target[:start], encoded...)
	}
	return target
}

func hasEightBit[T string | []byte](text T) bool {
	for index := range len(text) {
		if text[index] > 127 {
			return true
		}
	}
	return false
}

// maxSize keeps a slip of the keyboard from filling the memory.
const maxSize = 256 * 1024 * 1024

var errSize = errors.New("size is not between 1 and 268435456")
