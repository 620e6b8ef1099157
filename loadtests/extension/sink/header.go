package sink

import (
	"bytes"

	"hipaa-check/loadtests/extension/message"
)

// maxHeader bounds what is kept of a message's header.
const maxHeader = 64 * 1024

// content is what is remembered of a message while it comes in.
type content struct {
	header     []byte
	headerDone bool
	octets     int64
}

func (c *content) reset() { c.header, c.headerDone, c.octets = c.header[:0], false, 0 }

var emptyLine = []byte("\r\n\r\n")

// add takes the next octets of the message.
func (c *content) add(octets []byte) {
	c.octets += int64(len(octets))
	if c.headerDone {
		return
	}
	if len(c.header) == 0 {
		if end := bytes.Index(octets, emptyLine); end >= 0 {
			c.header, c.headerDone = append(c.header, octets[:min(end+2, maxHeader)]...), true
			return
		}
	}
	from := max(len(c.header)-len(emptyLine)+1, 0)
	c.header = append(c.header, octets[:min(len(octets), maxHeader-len(c.header))]...)
	if end := bytes.Index(c.header[from:], emptyLine); end >= 0 {
		c.header, c.headerDone = c.header[:from+end+2], true
	} else if len(c.header) == maxHeader {
		c.headerDone = true
	}
}

// traits are what the sink wants to know from a header.
type traits struct {
	stamp           []byte
	listUnsubscribe bool
	oneClick        bool
}

var (
	stampField       = []byte(message.StampHeader)
	unsubscribeField = []byte("List-Unsubscribe")
	oneClickField    = []byte("List-Unsubscribe-Post")
)

// traits reads the header.
func (c *content) traits() traits {
	var found traits
	header := c.header
	for len(header) > 0 {
		line := header
		if end := bytes.IndexByte(header, '\n'); end >= 0 {
			line, header = header[:end], header[end+1:]
		} else {
			header = nil
		}
		if len(line) == 0 || line[0]|0x20 != 'x' && line[0]|0x20 != 'l' {
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, stampField):
			found.stamp = bytes.TrimSpace(value)
		case bytes.EqualFold(name, unsubscribeField):
			found.listUnsubscribe = true
		case bytes.EqualFold(name, oneClickField):
			found.oneClick = true
		}
	}
	return found
}
