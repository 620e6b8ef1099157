package smtpclient

import (
	"errors"
	"net"
)

// replyReader reads replies from a connection through one buffer that lives as long as the session.
type replyReader struct {
	conn       net.Conn
	buffer     []byte
	start, end int
}

func newReplyReader(conn net.Conn) replyReader {
	return replyReader{conn: conn, buffer: make([]byte, 2048)}
}

// buffered is the number of bytes that were received and not yet read as replies.
func (r *replyReader) buffered() int { return r.end - r.start }

// next returns the next reply. Final replies of class 2 and 3 in the middle of a transaction are only needed for
// their code, so their text is made only when the caller asks for it or the reply is a refusal.
func (r *replyReader) next(withText bool) (Reply, error) {
	for {
		if r.buffered() > 0 {
			pending := r.buffer[r.start:r.end]
			length, code, err := replyLength(pending)
			if err == nil {
				r.start += length
				if !withText && code < 400 {
					return Reply{Code: code}, nil
				}
				return parseReply(pending[:length], code), nil
			}
			if !errors.Is(err, errIncompleteReply) {
				return Reply{}, replyError{err}
			}
		}
		if err := r.fill(); err != nil {
			return Reply{}, err
		}
	}
}

func (r *replyReader) fill() error {
	switch {
	case r.start == r.end:
		r.start, r.end = 0, 0
	case r.end == len(r.buffer) && r.start > 0:
		r.end = copy(r.buffer, r.buffer[r.start:r.end])
		r.start = 0
	case r.end == len(r.buffer):
		grown := make([]byte, 2*len(r.buffer))
		copy(grown, r.buffer)
		r.buffer = grown
	}
	count, err := r.conn.Read(r.buffer[r.end:])
	r.end += count
	if count > 0 {
		return nil
	}
	return err
}
