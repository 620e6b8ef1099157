package sink

import (
	"bytes"
	"errors"
	"net"
)

// bufferSize holds several ordinary messages, so that one read takes a whole one.
const bufferSize = 64 * 1024

// maxLine bounds a command; AUTH may be that long (RFC 4954, 4).
const maxLine = 12 * 1024

var (
	errLineTooLong = errors.New("line too long")
	errBareLF      = errors.New("line end without CR")
)

// reader reads commands and messages from a connection. wait is called before every read from it.
type reader struct {
	conn       net.Conn
	buffer     []byte
	start, end int
	wait       func() error
	// gate is called after every read.
	gate func()
}

func (r *reader) pending() []byte { return r.buffer[r.start:r.end] }

// fill waits for more octets behind the pending ones.
func (r *reader) fill() error {
	if err := r.wait(); err != nil {
		return err
	}
	if r.start == r.end {
		r.start, r.end = 0, 0
	} else if r.end == len(r.buffer) || r.start > len(r.buffer)/2 {
		r.end = copy(r.buffer, r.buffer[r.start:r.end])
		r.start = 0
	}
	count, err := r.conn.Read(r.buffer[r.end:])
	r.gate()
	r.end += count
	if count > 0 {
		return nil
	}
	return err
}

// line gives the next line without its end. It is valid until the next call.
func (r *reader) line() ([]byte, error) {
	searched := 0
	for {
		pending := r.pending()
		if end := bytes.IndexByte(pending[searched:], '\n'); end >= 0 {
			end += searched
			r.start += end + 1
			if end == 0 || pending[end-1] != '\r' {
				return pending[:end], errBareLF
			}
			return pending[:end-1], nil
		}
		if len(pending) > maxLine {
			return nil, errLineTooLong
		}
		searched = len(pending)
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

var dotLine = []byte("\r\n.")

// data reads a message behind DATA up to the line with a single dot, and gives it to add piece by piece, without doubled
// dots and with its last CRLF. Only CRLF.CRLF ends a message.
func (r *reader) data(add func([]byte)) error {
	// The CRLF of the line with DATA is still in the buffer in front of what is pending, and begins the first line.
	r.start -= 2
	fresh := 2
	pass := func(count int) {
		piece := r.buffer[r.start : r.start+count]
		r.start += count
		skipped := min(fresh, count)
		fresh -= skipped
		add(piece[skipped:])
	}
	for {
		pending := r.pending()
		at := bytes.Index(pending, dotLine)
		switch {
		case at < 0:
			pass(max(len(pending)-2, 0))
		case len(pending) < at+5:
			pass(at)
		case pending[at+3] == '\r' && pending[at+4] == '\n':
			pass(at + 2)
			r.start += 3
			return nil
		default:
			pass(at + 2)
			r.start++
			continue
		}
		if err := r.fill(); err != nil {
			return err
		}
	}
}

// chunk reads exactly size octets and gives them to add.
func (r *reader) chunk(size int64, add func([]byte)) error {
	for size > 0 {
		if r.start == r.end {
			if err := r.fill(); err != nil {
				return err
			}
		}
		count := int(min(size, int64(r.end-r.start)))
		add(r.buffer[r.start : r.start+count])
		r.start += count
		size -= int64(count)
	}
	return nil
}
