package smtpclient

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Limits on what a server may send in one reply. RFC 5321 allows 512 octets a line; servers go beyond that.
const (
	maxReplyLine  = 4096
	maxReplyBytes = 32 * 1024
)

// errIncompleteReply says that the bytes so far are a correct beginning of a reply.
var errIncompleteReply = errors.New("incomplete reply")

// Reply is one SMTP reply.
type Reply struct {
	// Code is the three-digit reply code, 200 to 599.
	Code int
	// Enhanced is the enhanced status code ("2.1.5"), empty when the server gave none.
	Enhanced string
	// Text holds the text of every line without codes, joined by "\n", control characters replaced by spaces.
	Text string
}

// Positive says whether the reply is of class 2.
func (r Reply) Positive() bool { return r.Code >= 200 && r.Code < 300 }

// String gives the reply on one line, as a person would quote it.
func (r Reply) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, strings.ReplaceAll(r.Text, "\n", " / ")))
}

// replyLength finds the end of the first reply in input and its code, without allocating. It returns
// errIncompleteReply while more bytes are needed, and another error when no continuation could be a reply.
func replyLength(input []byte) (length, code int, err error) {
	for {
		rest := input[length:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			if len(rest) > maxReplyLine || len(input) > maxReplyBytes {
				return 0, 0, errors.New("reply line is too long")
			}
			if err := checkPartialLine(rest); err != nil {
				return 0, 0, err
			}
			return 0, 0, errIncompleteReply
		}
		if end > maxReplyLine || length+end > maxReplyBytes {
			return 0, 0, errors.New("reply is too long")
		}
		line := trimLineEnd(rest[:end])
		lineCode, more, err := parseReplyPrefix(line)
		if err != nil {
			return 0, 0, err
		}
		if length > 0 && lineCode != code {
			return 0, 0, fmt.Errorf("reply changes its code from %d to %d", code, lineCode)
		}
		code = lineCode
		length += end + 1
		if !more {
			return length, code, nil
		}
	}
}

// checkPartialLine refuses early what can never become a reply line, such as the banner of another protocol.
func checkPartialLine(line []byte) error {
	for index, character := range line[:min(3, len(line))] {
		if character < '0' || character > '9' || index == 0 && (character < '2' || character > '5') {
			return fmt.Errorf("not an SMTP reply: %q", printable(line))
		}
	}
	return nil
}

func parseReplyPrefix(line []byte) (code int, more bool, err error) {
	if len(line) < 3 {
		return 0, false, fmt.Errorf("not an SMTP reply: %q", printable(line))
	}
	if err := checkPartialLine(line); err != nil {
		return 0, false, err
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, false, nil
	}
	switch line[3] {
	case ' ':
		return code, false, nil
	case '-':
		return code, true, nil
	}
	return 0, false, fmt.Errorf("not an SMTP reply: %q", printable(line))
}

// parseReply reads the reply of which replyLength has found the end.
func parseReply(input []byte, code int) Reply {
	reply := Reply{Code: code}
	var text strings.Builder
	text.Grow(len(input))
	for number := 0; len(input) > 0; number++ {
		end := bytes.IndexByte(input, '\n')
		line := trimLineEnd(input[:end])
		input = input[end+1:]
		content := line[min(4, len(line)):]
		enhanced, rest := splitEnhanced(content, byte('0'+code/100))
		if number == 0 {
			reply.Enhanced = string(enhanced)
		} else {
			text.WriteByte('\n')
		}
		writePrintable(&text, rest)
	}
	reply.Text = text.String()
	return reply
}

// splitEnhanced takes the enhanced status code off the front of a reply's text, if its class fits the reply.
func splitEnhanced(text []byte, class byte) (enhanced, rest []byte) {
	if len(text) < 5 || text[0] != class || text[1] != '.' {
		return nil, text
	}
	position, digits, dots := 2, 0, 1
	for ; position < len(text) && text[position] != ' '; position++ {
		switch {
		case text[position] >= '0' && text[position] <= '9' && digits < 3:
			digits++
		case text[position] == '.' && digits > 0 && dots == 1:
			dots, digits = 2, 0
		default:
			return nil, text
		}
	}
	if dots != 2 || digits == 0 {
		return nil, text
	}
	return text[:position], text[min(position+1, len(text)):]
}

func trimLineEnd(line []byte) []byte {
	if len(line) > 0 && line[len(line)-1] == '\r' {
		return line[:len(line)-1]
	}
	return line
}

func writePrintable(target *strings.Builder, text []byte) {
	for _, character := range text {
		if character < ' ' || character == 0x7f {
			character = ' '
		}
		target.WriteByte(character)
	}
}

func printable(text []byte) string {
	var target strings.Builder
	writePrintable(&target, text[:min(len(text), 80)])
	return target.String()
}

// QueueID finds the queue id that a server names in its final reply, and returns "" when it names none.
// It knows "queued as X" (Postfix, Haraka and others), "Ok: X" and "id=X" (Exim).
func (r Reply) QueueID() string {
	for _, marker := range []string{"queued as ", "id=", "Message accepted for delivery ", "Ok: "} {
		if at := strings.Index(r.Text, marker); at >= 0 {
			rest := r.Text[at+len(marker):]
			if end := strings.IndexAny(rest, " \n"); end >= 0 {
				rest = rest[:end]
			}
			if id := strings.Trim(rest, "<>().;,"); id != "" && id != "queued" {
				return id
			}
		}
	}
	return ""
}
