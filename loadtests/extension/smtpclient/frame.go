package smtpclient

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// Content is one message, ready for the wire: its own header fields, then the part of a shared block from Offset on.
// The block is shared by many messages and sessions and is never written to. It ends in CRLF.
type Content struct {
	Header []byte
	Block  []byte
	Offset int
	// StuffedBlock is the block with dots doubled for DATA; nil when it is the same as Block.
	// It has the same bytes as Block up to and a little beyond every possible Offset.
	StuffedBlock []byte
	// EightBit says that the message has octets above 127.
	EightBit bool
}

// Size is the number of octets of the message, without dots doubled for transport.
func (c *Content) Size() int { return len(c.Header) + len(c.Block) - c.Offset }

func (c *Content) wireBlock(stuffed bool) []byte {
	if stuffed && c.StuffedBlock != nil {
		return c.StuffedBlock
	}
	return c.Block
}

// Sizes of the buffer in which a session lays out what it writes.
const (
	frameHeadroom = 8 * 1024
	frameMaxBlock = 64 * 1024
	frameTailroom = 4 * 1024
)

// frame is the write buffer of a session. It keeps a copy of the last block, so that a session that sends message
// after message of one template writes commands, header and body in one call and copies only the header:
//
//	| headroom | block            | tail |
//	      | lead | header | rest  |      ^ terminator and following commands
type frame struct {
	buffer []byte
	block  []byte
	// painted is how far into the block's copy the last header reached.
	painted int
}

// frames are the buffers of sessions that have ended: with a connection for each message, making them would cost more
// than anything but the handshake.
var frames = sync.Pool{New: func() any { return new(frame) }}

// writer gives the session's buffer.
func (s *Session) writer() *frame {
	if s.frame == nil {
		s.frame = frames.Get().(*frame)
	}
	return s.frame
}

// dropFrame gives the buffer of a session that has ended to others.
func (s *Session) dropFrame() {
	if s.frame != nil {
		frames.Put(s.frame)
		s.frame = nil
	}
}

// write sends lead, the message and tail, in one call where the message is of ordinary size. It gives when the last call began: a
// fast server has answered before it returns.
func (f *frame) write(conn net.Conn, lead []byte, content *Content, stuffed bool, tail []byte) (last time.Time, err error) {
	block, header := content.wireBlock(stuffed), content.Header
	if stuffed {
		header = StuffDots(header)
	}
	before := len(lead) + len(header)
	if len(block) > frameMaxBlock || before > frameHeadroom+content.Offset || len(tail) > frameTailroom {
		return f.writeInParts(conn, lead, header, block[content.Offset:], tail)
	}
	f.hold(block)
	bodyStart := frameHeadroom + content.Offset
	if f.painted > content.Offset {
		copy(f.buffer[bodyStart:frameHeadroom+f.painted], block[content.Offset:f.painted])
	}
	f.painted = content.Offset
	start := bodyStart - before
	copy(f.buffer[start:], lead)
	copy(f.buffer[start+len(lead):], header)
	end := frameHeadroom + len(block)
	end += copy(f.buffer[end:end+frameTailroom], tail)
	last = time.Now()
	_, err = conn.Write(f.buffer[start:end])
	return last, err
}

// hold makes the buffer contain the block.
func (f *frame) hold(block []byte) {
	if len(f.block) == len(block) && len(block) > 0 && &f.block[0] == &block[0] {
		return
	}
	size := frameHeadroom + len(block) + frameTailroom
	if cap(f.buffer) < size {
		f.buffer = make([]byte, size)
	}
	f.buffer = f.buffer[:size]
	copy(f.buffer[frameHeadroom:], block)
	f.block, f.painted = block, 0
}

func (f *frame) writeInParts(conn net.Conn, lead, header, body, tail []byte) (last time.Time, err error) {
	front := append(append(make([]byte, 0, len(lead)+len(header)), lead...), header...)
	for _, part := range [][]byte{front, body, tail} {
		if len(part) == 0 {
			continue
		}
		last = time.Now()
		if _, err = conn.Write(part); err != nil {
			return last, err
		}
	}
	return last, nil
}

// StuffDots doubles the dot at the beginning of a line, as DATA wants it. It returns text itself when there is none.
func StuffDots(text []byte) []byte {
	lines := bytes.Count(text, []byte("\n."))
	first := len(text) > 0 && text[0] == '.'
	if lines == 0 && !first {
		return text
	}
	stuffed := make([]byte, 0, len(text)+lines+1)
	if first {
		stuffed = append(stuffed, '.')
	}
	for {
		at := bytes.Index(text, []byte("\n."))
		if at < 0 {
			return append(stuffed, text...)
		}
		stuffed = append(append(stuffed, text[:at+1]...), '.')
		text = text[at+1:]
		stuffed = append(stuffed, '.')
		text = text[1:]
	}
}
