package message

import (
	"bytes"
	"errors"
	"fmt"

	"hipaa-check/loadtests/extension/smtpclient"
)

// CompileRaw takes a whole message (RFC 5322 text, such as an .eml file). Line ends become CRLF; Message-ID and the
// stamp are replaced so that every sending is unique; everything else stays as it is.
func CompileRaw(source []byte) (*Template, error) {
	if len(source) > maxSize {
		return nil, errSize
	}
	text := normaliseLines(source)
	header, body, found := bytes.Cut(text, []byte("\r\n\r\n"))
	if !found {
		header, body = bytes.TrimSuffix(text, []byte("\r\n")), nil
	}
	kept, err := withoutIdentity(header)
	if err != nil {
		return nil, err
	}
	block := make([]byte, 0, len(kept)+len(body)+4)
	block = append(append(block, kept...), '\r', '\n')
	block = append(block, body...)
	t := &Template{raw: true, block: block, eightBit: hasEightBit(block)}
	if stuffed := smtpclient.StuffDots(block); len(stuffed) != len(block) {
		t.stuffed = stuffed
	}
	return t, nil
}

// withoutIdentity returns the header's fields, each ending in CRLF, without Message-ID and stamp.
func withoutIdentity(header []byte) ([]byte, error) {
	var kept []byte
	keep := false
	for number, line := range bytes.Split(header, []byte("\r\n")) {
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && number > 0 {
			if keep {
				kept = append(append(kept, line...), '\r', '\n')
			}
			continue
		}
		name, _, isField := bytes.Cut(line, []byte(":"))
		if !isField || !validFieldName(string(bytes.TrimRight(name, " \t"))) {
			return nil, fmt.Errorf("line %d of the message is no header field: %.60q", number+1, line)
		}
		name = bytes.TrimRight(name, " \t")
		keep = !bytes.EqualFold(name, []byte("Message-ID")) && !bytes.EqualFold(name, []byte(StampHeader))
		if keep {
			kept = append(append(kept, line...), '\r', '\n')
		}
	}
	if len(kept) == 0 {
		return nil, errors.New("the message has no header fields")
	}
	return kept, nil
}

// normaliseLines turns every line end into CRLF and makes the text end in one.
func normaliseLines(source []byte) []byte {
	source = bytes.TrimPrefix(source, []byte("\xef\xbb\xbf"))
	text := make([]byte, 0, len(source)+len(source)/40+2)
	for index := 0; index < len(source); index++ {
		switch c := source[index]; {
		case c == '\r' && index+1 < len(source) && source[index+1] == '\n':
		case c == '\r' || c == '\n':
			text = append(text, '\r', '\n')
		default:
			text = append(text, c)
		}
	}
	if !bytes.HasSuffix(text, []byte("\r\n")) {
		text = append(text, '\r', '\n')
	}
	return text
}
