package smtpclient_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

// Steps of a scripted server beside "S: line" (say) and "C: line" (hear).
const (
	stepTLS     = "TLS"
	stepMessage = "MESSAGE" // hear everything up to the line with a dot
	stepSilence = "SILENCE" // say nothing until the client ends
	stepHear    = "HEAR"    // hear any line
	stepByte    = "BYTE"    // hear one octet of whatever comes
)

// play runs a server that follows scripts, one for each connection, and complains when a client does not. It gives its port.
func play(t *testing.T, scripts ...string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, script := range scripts {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			follow(t, conn, script)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().(*net.TCPAddr).Port
}

func follow(t *testing.T, conn net.Conn, script string) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	lines := bufio.NewReader(conn)
	for _, step := range strings.Split(strings.TrimSpace(script), "\n") {
		step = strings.TrimSpace(step)
		switch {
		case step == stepTLS:
			secured := tls.Server(conn, serverTLS)
			if secured.Handshake() != nil {
				return
			}
			conn, lines = secured, bufio.NewReader(secured)
		case step == stepMessage:
			for line := ""; line != ".\r\n"; {
				var err error
				if line, err = lines.ReadString('\n'); err != nil {
					t.Errorf("message ended early: %v", err)
					return
				}
			}
		case step == stepHear:
			if _, err := lines.ReadString('\n'); err != nil {
				t.Errorf("no line: %v", err)
				return
			}
		case step == stepByte:
			if _, err := lines.ReadByte(); err != nil {
				t.Errorf("nothing: %v", err)
				return
			}
		case step == stepSilence:
			_, _ = io.Copy(io.Discard, conn)
			return
		case strings.HasPrefix(step, "S: "):
			text := strings.ReplaceAll(step[3:], `\n`, "\r\n") + "\r\n"
			if _, err := conn.Write([]byte(text)); err != nil {
				t.Errorf("cannot say %q: %v", step, err)
				return
			}
		case strings.HasPrefix(step, "C: "):
			line, err := lines.ReadString('\n')
			if err != nil || strings.TrimRight(line, "\r\n") != step[3:] {
				t.Errorf("heard %q (%v) and not %q", line, err, step[3:])
				return
			}
		}
	}
}

// The authority and server certificate of all tests, as the sink makes them.
var (
	serverTLS   *tls.Config
	authorityCA string
)

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// config is that of a client of a server on a port of this machine.
func config(t *testing.T, port int, mode smtpclient.TLSMode) *smtpclient.Config {
	t.Helper()
	c := &smtpclient.Config{
		Host: "127.0.0.1", Port: port, LocalName: "client.test", Mode: mode, Pipelining: true, SetupTimeout: 5 * time.Second,
	}
	if mode != smtpclient.TLSNone {
		var err error
		if c.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: authorityCA}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// open opens a session or ends the test.
func open(t *testing.T, c *smtpclient.Config) *smtpclient.Session {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	session, _, failure := smtpclient.Open(context.Background(), c, dial)
	if failure != nil {
		t.Fatal(failure)
	}
	t.Cleanup(session.Close)
	return session
}

// openFails gives the failure of opening a session.
func openFails(t *testing.T, c *smtpclient.Config) *smtpclient.Failure {
	t.Helper()
	session, _, failure := smtpclient.Open(context.Background(), c, dial)
	if failure == nil {
		session.Close()
		t.Fatal("the session is open")
	}
	return failure
}

var (
	envelope = &smtpclient.Envelope{From: "a@x.test", To: []string{"b@y.test"}}
	content  = &smtpclient.Content{Header: []byte("Subject: secret marker\r\n\r\n"), Block: []byte("body of the message\r\n")}
)

func send(session *smtpclient.Session, envelope *smtpclient.Envelope) *smtpclient.Outcome {
	return session.Send(context.Background(), envelope, content, 5*time.Second, false)
}

func startSink(t *testing.T, options sink.Options) (*sink.Server, int) {
	t.Helper()
	server, err := sink.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server, server.Port()
}
