package smtpclient

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"strings"
	"testing"
)

// recorder is a connection that keeps what is written.
type recorder struct {
	net.Conn
	bytes.Buffer
}

func (r *recorder) Read(target []byte) (int, error)  { return r.Buffer.Read(target) }
func (r *recorder) Write(octets []byte) (int, error) { return r.Buffer.Write(octets) }

func TestFramesAreWhatAPlainCopyWouldBe(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	blocks := make([][]byte, 4)
	for index, size := range []int{2, 700, 10_000, frameMaxBlock + 1000} {
		blocks[index] = bytes.Repeat([]byte("some text of a line\r\n.dot line\r\n"), size/33+1)
	}
	var f frame
	for range 3000 {
		block := blocks[random.IntN(len(blocks))]
		offset := random.IntN(len(block) - 1)
		content := &Content{Header: []byte(strings.Repeat("X: y\r\n", random.IntN(400))), Block: block, Offset: offset}
		lead := bytes.Repeat([]byte("L"), random.IntN(3000))
		tail := bytes.Repeat([]byte("T"), random.IntN(frameTailroom+100))
		var conn recorder
		if _, err := f.write(&conn, lead, content, false, tail); err != nil {
			t.Fatal(err)
		}
		wanted := bytes.Join([][]byte{lead, content.Header, block[offset:], tail}, nil)
		if !bytes.Equal(conn.Bytes(), wanted) {
			t.Fatalf("block of %d from %d with header of %d, lead of %d and tail of %d differs", len(block), offset, len(content.Header), len(lead), len(tail))
		}
	}
}

// FuzzDots holds that what is sent by DATA is read back by Go's own reader of such text.
func FuzzDots(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "a\r\n.b\r\n", ".\r\n.\r\n", "a\n.b", "x\r\n..\r\n.y"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = append(bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r"), nil), []byte("\n"), []byte("\r\n")), '\r', '\n')
		wire := append(StuffDots(bytes.Clone(text)), terminator...)
		read, err := io.ReadAll(textproto.NewReader(bufio.NewReader(bytes.NewReader(wire))).DotReader())
		if err != nil {
			t.Fatal(err)
		}
		if wanted := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); !bytes.Equal(read, wanted) {
			t.Fatalf("%q became %q", wanted, read)
		}
	})
}
