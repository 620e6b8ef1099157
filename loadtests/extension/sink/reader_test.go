package sink

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"
)

// pieces is a connection that gives its input a few octets at a time.
type pieces struct {
	net.Conn
	input io.Reader
	size  int
}

func (p *pieces) Read(target []byte) (int, error) {
	return p.input.Read(target[:min(len(target), p.size)])
}

func newReader(input []byte, size int) *reader {
	return &reader{
		conn: &pieces{input: bytes.NewReader(input), size: size}, buffer: make([]byte, bufferSize),
		wait: func() error { return nil }, gate: func() {},
	}
}

func TestOnlyCRLFDotCRLFEndsAMessage(t *testing.T) {
	input := "DATA\r\nA: b\r\n\r\n..dot\r\n\n.\n\r\n.\rx\r\n \n.\r\n.\r\nNEXT\r\n"
	for size := 1; size <= len(input); size++ {
		r := newReader([]byte(input), size)
		if line, err := r.line(); string(line) != "DATA" || err != nil {
			t.Fatal(line, err)
		}
		var found content
		var body bytes.Buffer
		if err := r.data(func(octets []byte) { found.add(octets); body.Write(octets) }); err != nil {
			t.Fatal(err)
		}
		wanted := "A: b\r\n\r\n.dot\r\n\n.\n\r\n\rx\r\n \n.\r\n"
		if body.String() != wanted || found.octets != int64(len(wanted)) || string(found.header) != "A: b\r\n" {
			t.Fatalf("in pieces of %d: %q, header %q", size, body.String(), found.header)
		}
		if line, err := r.line(); string(line) != "NEXT" || err != nil {
			t.Fatal(line, err)
		}
	}
}

func TestEmptyMessages(t *testing.T) {
	r := newReader([]byte("DATA\r\n.\r\n"), 100)
	_, _ = r.line()
	if err := r.data(func(octets []byte) {
		if len(octets) > 0 {
			t.Errorf("%q", octets)
		}
	}); err != nil {
		t.Error(err)
	}
}

// FuzzData holds that a message comes out as Go's own reader of such text gives it, however the network cuts it.
func FuzzData(f *testing.F) {
	for _, seed := range []string{"", "a", ".", "..", "\r\n.\r\n", "\n.\n", "a\r\n.b\r\n", "\r\r\n\n..\r\n"} {
		f.Add([]byte(seed), byte(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, size byte) {
		// Go's reader takes bare line ends as well, so that the two are compared on text that has none.
		text = append(bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r"), nil), []byte("\n"), []byte("\r\n")), "\r\n.\r\n"...)
		r := newReader(append([]byte("DATA\r\n"), text...), int(size)%29+1)
		_, _ = r.line()
		var body bytes.Buffer
		if err := r.data(func(octets []byte) { body.Write(octets) }); err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(textproto.NewReader(bufio.NewReader(bytes.NewReader(text))).DotReader())
		if err != nil {
			t.Fatal(err)
		}
		if found := bytes.ReplaceAll(body.Bytes(), []byte("\r\n"), []byte("\n")); !bytes.Equal(found, read) {
			t.Fatalf("%q and not %q", found, read)
		}
	})
}

func TestLines(t *testing.T) {
	r := newReader([]byte("NOOP\r\nbare\nlong "+strings.Repeat("x", maxLine+bufferSize)), 7000)
	if line, err := r.line(); string(line) != "NOOP" || err != nil {
		t.Error(line, err)
	}
	if _, err := r.line(); !errors.Is(err, errBareLF) {
		t.Error(err)
	}
	if _, err := r.line(); !errors.Is(err, errLineTooLong) {
		t.Error(err)
	}
}

func TestHeadersAreFoundAcrossPieces(t *testing.T) {
	text := "Received: x\r\n\ty\r\nx-load-stamp: r 1 2 3\r\nLIST-UNSUBSCRIBE: <u>\r\nList-Unsubscribe-Post: o\r\n\r\nX-Load-Stamp: other 1 2 3\r\n"
	for size := 1; size <= len(text); size++ {
		var c content
		for rest := []byte(text); len(rest) > 0; {
			count := min(size, len(rest))
			c.add(rest[:count])
			rest = rest[count:]
		}
		found := c.traits()
		if string(found.stamp) != "r 1 2 3" || !found.listUnsubscribe || !found.oneClick || c.octets != int64(len(text)) {
			t.Fatalf("in pieces of %d: %+v", size, found)
		}
	}
	var endless content
	for range 100 {
		endless.add(bytes.Repeat([]byte("x"), 1000))
	}
	if len(endless.header) != maxHeader || !endless.headerDone {
		t.Error(len(endless.header))
	}
}
