package smtpclient_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

// What the network does to the server's octets from a certain one on.
const (
	cutThere     = "cut"
	stallThere   = "stall"
	garbleThere  = "garble"
	clearsThere  = "say in clear"
	doubledThere = "double"
)

// wire is a connection that goes wrong at one octet, and keeps what the client has written on it.
type wire struct {
	net.Conn
	what string
	at   int

	mutex   sync.Mutex
	read    int
	written bytes.Buffer
}

func (w *wire) Read(target []byte) (int, error) {
	left := w.at - w.read
	if left > 0 {
		count, err := w.Conn.Read(target[:min(len(target), left)])
		w.read += count
		return count, err
	}
	switch w.what {
	case cutThere:
		_ = w.Conn.Close()
	case stallThere:
		// Nothing comes any more, and the deadline ends the wait.
		return w.Conn.Read(nothing(w.Conn))
	case clearsThere:
		w.at = 1 << 30
		return copy(target, "250 2.0.0 Ok: queued as EVIL\r\n"), nil
	}
	count, err := w.Conn.Read(target)
	w.read += count
	switch {
	case w.what == garbleThere && count > 0:
		target[0] ^= 0x55
		w.at = 1 << 30
	case w.what == doubledThere && count > 0 && count < len(target):
		target[count] = target[count-1]
		count, w.at = count+1, 1<<30
	}
	return count, err
}

// nothing swallows what comes until the connection's deadline or end.
func nothing(conn net.Conn) []byte {
	swallowed := make([]byte, 4096)
	for {
		if _, err := conn.Read(swallowed); err != nil {
			return swallowed
		}
	}
}

func (w *wire) Write(octets []byte) (int, error) {
	w.mutex.Lock()
	w.written.Write(octets)
	w.mutex.Unlock()
	return w.Conn.Write(octets)
}

const (
	password        = "PASSWORDMARKER"
	injectionWait   = 100 * time.Millisecond
	injectionAtOnce = 16
	// clearPart is more than the server says in clear before the handshake.
	clearPart = 400
)

var ways = map[string]func(*smtpclient.Config){
	"pipelined": func(*smtpclient.Config) {},
	"stepwise":  func(c *smtpclient.Config) { c.Pipelining = false },
	"chunks":    func(c *smtpclient.Config) { c.Chunking = true },
}

var faults = []string{cutThere, stallThere, garbleThere, clearsThere, doubledThere}

// TestFaultsAtEveryOctet breaks the server's side of a session at every octet, in every way, and holds that the client
// neither panics nor hangs, and never shows content or credentials outside of TLS.
func TestFaultsAtEveryOctet(t *testing.T) {
	server, port := startSink(t, sink.Options{
		TLS: sink.TLSRequired, Auth: &sink.Auth{Mechanisms: []string{"PLAIN"}, User: "u", Password: password},
	})
	for name, prepare := range ways {
		for _, what := range faults {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				// Within TLS one octet is like another: one way of sending meets a cut at every one, the others at some.
				stride := 23
				if name == "pipelined" && what == cutThere {
					stride = 1
				}
				injectEverywhere(t, what, stride, func() *smtpclient.Config {
					c := config(t, port, smtpclient.TLSStart)
					var err error
					c.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: server.Place().CA})
					must(err)
					c.Auth, err = smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "PLAIN", User: "u", Password: password})
					must(err)
					prepare(c)
					return c
				})
			})
		}
	}
}

// Without TLS every octet of every reply is the state machine's own affair.
func TestFaultsAtEveryOctetInClear(t *testing.T) {
	_, port := startSink(t, sink.Options{})
	for name, prepare := range ways {
		for _, what := range faults {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				injectEverywhere(t, what, 1, func() *smtpclient.Config {
					c := config(t, port, smtpclient.TLSNone)
					prepare(c)
					return c
				})
			})
		}
	}
}

// injectEverywhere runs sessions that break one octet later each, and further on a stride later, until one is over before.
func injectEverywhere(t *testing.T, what string, stride int, newConfig func() *smtpclient.Config) {
	slots := make(chan struct{}, injectionAtOnce)
	var group sync.WaitGroup
	var whole atomic.Bool
	for at := 0; at < 100_000 && !whole.Load(); at += step(at, stride) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			c := newConfig()
			c.SetupTimeout = injectionWait
			if inject(t, what, at, c) {
				whole.Store(true)
			}
		})
	}
	group.Wait()
	if !whole.Load() {
		t.Error("no session came through whole")
	}
}

func step(at, stride int) int {
	if at < clearPart {
		return 1
	}
	return stride
}

// inject runs one session with two messages. It says whether the fault lay behind its end.
func inject(t *testing.T, what string, at int, c *smtpclient.Config) (whole bool) {
	var broken *wire
	began := time.Now()
	session, _, failure := smtpclient.Open(context.Background(), c, func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		broken = &wire{Conn: conn, what: what, at: at}
		return broken, err
	})
	accepted := 0
	if failure == nil {
		for range 2 {
			if !session.Usable() {
				break
			}
			if outcome := session.Send(context.Background(), envelope, content, injectionWait, false); outcome.Failure == nil {
				accepted++
			}
		}
		session.Quit(false)
	}
	// The machine may be busy: what counts is that no time-out is missing altogether.
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("at octet %d: it took %s", at, took)
	}
	broken.mutex.Lock()
	defer broken.mutex.Unlock()
	if c.Mode == smtpclient.TLSNone {
		return accepted == 2 && broken.read < at
	}
	for _, secret := range []string{"marker", "body of the message", "MAIL", "RCPT", "BDAT", "AUTH", password, "UEFTU1dPUkRNQVJLRVI"} {
		if strings.Contains(broken.written.String(), secret) {
			t.Errorf("at octet %d: %q went over the wire in clear", at, secret)
		}
	}
	return accepted == 2 && broken.read < at
}
