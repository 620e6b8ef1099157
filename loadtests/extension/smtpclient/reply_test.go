package smtpclient

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
)

func TestReplies(t *testing.T) {
	for _, c := range []struct {
		input    string
		code     int
		enhanced string
		text     string
	}{
		{"250 ok\r\n", 250, "", "ok"},
		{"250\r\n", 250, "", ""},
		{"250 \r\n", 250, "", ""},
		{"250 2.1.0 Ok\r\n", 250, "2.1.0", "Ok"},
		{"250-a\r\n250-b\r\n250 c\r\n", 250, "", "a\nb\nc"},
		{"550-5.7.1 no\r\n550 5.7.1 never\r\n", 550, "5.7.1", "no\nnever"},
		{"250 5.1.1 class does not fit\r\n", 250, "", "5.1.1 class does not fit"},
		{"421 4.4.2 idle\n", 421, "4.4.2", "idle"},
		{"354 \x07bell\x7f\r\n", 354, "", " bell "},
		{"550 5.1.1\r\n", 550, "5.1.1", ""},
		{"550 5.1.1234 x\r\n", 550, "", "5.1.1234 x"},
	} {
		length, code, err := replyLength([]byte(c.input + "250 next\r\n"))
		if err != nil || length != len(c.input) {
			t.Errorf("%q: length %d, %v", c.input, length, err)
			continue
		}
		reply := parseReply([]byte(c.input), code)
		if reply.Code != c.code || reply.Enhanced != c.enhanced || reply.Text != c.text {
			t.Errorf("%q: %+v", c.input, reply)
		}
	}
}

func TestWhatIsNoReply(t *testing.T) {
	for _, input := range []string{
		"HTTP/1.1 400 Bad Request\r\n", "\r\n", "25\r\n", "2x0 ok\r\n", "150 ok\r\n", "650 ok\r\n", "250_ok\r\n",
		"250-a\r\n251 b\r\n", "S", "2S", "\x15\x03\x01\x00\x02\x02\x16", strings.Repeat("2", 5000),
		"250-" + strings.Repeat("x", 5000), strings.Repeat("250-x\r\n", 10_000),
	} {
		if _, _, err := replyLength([]byte(input)); err == nil || errors.Is(err, errIncompleteReply) {
			t.Errorf("%.40q: %v", input, err)
		}
	}
	for _, input := range []string{"", "2", "25", "250", "250 o", "250 ok\r", "250-a\r\n", "250-a\r\n2"} {
		if _, _, err := replyLength([]byte(input)); !errors.Is(err, errIncompleteReply) {
			t.Errorf("%q: %v", input, err)
		}
	}
}

func TestQueueIDs(t *testing.T) {
	for text, id := range map[string]string{
		"Ok: queued as 3F2A11C0B5":                     "3F2A11C0B5",
		"OK id=1tQabc-0000Xy-2Z":                       "1tQabc-0000Xy-2Z",
		"Message accepted for delivery w3KFq2aB012345": "w3KFq2aB012345",
		"ok: queued as <4k>.":                          "4k",
		"Ok: queued":                                   "",
		"fine":                                         "",
	} {
		if found := (Reply{Text: text}).QueueID(); found != id {
			t.Errorf("%q: %q", text, found)
		}
	}
}

// FuzzReplies holds that replies come out the same however the network cuts them, and that nothing panics.
func FuzzReplies(f *testing.F) {
	for _, seed := range []string{
		"220 x\r\n250-a\r\n250 b\r\n", "250 2.1.0 Ok\r\n421 4.4.2 bye\r\n", "250-\r\n250 \r\n", "HTTP/1.1 200 OK\r\n\r\n", "250-x\n251 y\n", "354",
		"250-mail.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n",
		"550-5.7.1 one\r\n550-5.7.1\r\n550 5.7.1 three\r\n221 2.0.0 Bye\r\n", "250 5.1.1234 x\r\n", "\x15\x03\x01\x00\x02\x02\x16",
		"220-\xff\xfe\r\n220 \x00\x07\r\n", "250\n250\n250\n", "250" + strings.Repeat(" ", 4200) + "\r\n", "4210 x\r\n", "600 x\r\n",
	} {
		f.Add([]byte(seed), byte(3))
	}
	f.Fuzz(func(t *testing.T, input []byte, size byte) {
		whole, wholeErr := readAll(input, len(input)+1)
		pieces, piecesErr := readAll(input, int(size)%17+1)
		if len(whole) != len(pieces) || (wholeErr == nil) != (piecesErr == nil) {
			t.Fatalf("whole: %v, %v; in pieces: %v, %v", whole, wholeErr, pieces, piecesErr)
		}
		for index := range whole {
			if whole[index] != pieces[index] {
				t.Fatalf("%+v is not %+v", whole[index], pieces[index])
			}
			if code := whole[index].Code; code < 200 || code > 599 || strings.ContainsAny(whole[index].Text, "\r\x00") {
				t.Fatalf("%+v", whole[index])
			}
		}
	})
}

// chunks is a connection that gives its input in pieces.
type chunks struct {
	net.Conn
	input *bytes.Reader
	size  int
}

func (c *chunks) Read(target []byte) (int, error) {
	return c.input.Read(target[:min(len(target), c.size)])
}

func readAll(input []byte, size int) (replies []Reply, err error) {
	reader := newReplyReader(&chunks{input: bytes.NewReader(input), size: size})
	for {
		reply, err := reader.next(true)
		if err != nil {
			if isReplyError(err) {
				return replies, err
			}
			return replies, nil
		}
		replies = append(replies, reply)
	}
}
