package smtpclient_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

// wireFault is what goes wrong on a connection at one octet and from there on.
type wireFault string

// The faults. The first ones meet what the server says, the last two what the client says.
const (
	cutThere      wireFault = "cut"
	resetThere    wireFault = "reset"
	stallThere    wireFault = "stall"
	garbleThere   wireFault = "garble"
	clearsThere   wireFault = "say in clear"
	doubledThere  wireFault = "double"
	cutWriting    wireFault = "cut while writing"
	swallowsThere wireFault = "swallow what is written"
)

var wireFaults = []wireFault{
	cutThere, resetThere, stallThere, garbleThere, clearsThere, doubledThere, cutWriting, swallowsThere,
}

func (f wireFault) isOfWriting() bool { return f == cutWriting || f == swallowsThere }

// forges says that the fault can make up replies where nothing protects them.
func (f wireFault) forges() bool { return f == garbleThere || f == clearsThere || f == doubledThere }

// timeout is short where the client can only wait for it.
func (f wireFault) timeout() time.Duration {
	if f == cutThere || f == resetThere || f == cutWriting {
		return 5 * time.Second
	}
	return 100 * time.Millisecond
}

// wire is a connection that goes wrong at one octet, and keeps what the client has written on it.
type wire struct {
	net.Conn
	what wireFault
	at   int

	mutex   sync.Mutex
	read    int
	written bytes.Buffer
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

func (w *wire) Read(target []byte) (int, error) {
	if w.what.isOfWriting() {
		return w.pass(target)
	}
	if left := w.at - w.read; left > 0 {
		return w.pass(target[:min(len(target), left)])
	}
	switch w.what {
	case cutThere:
		_ = w.Conn.Close()
	case resetThere:
		_ = w.Conn.Close()
		return 0, errReset
	case stallThere:
		// Nothing comes any more, and the deadline ends the wait.
		return 0, swallow(w.Conn)
	case clearsThere:
		w.at = 1 << 30
		return copy(target, "250 2.0.0 Ok: queued as EVIL\r\n"), nil
	}
	count, err := w.pass(target)
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

func (w *wire) pass(target []byte) (int, error) {
	count, err := w.Conn.Read(target)
	w.read += count
	return count, err
}

// swallow takes what comes until the connection's deadline or end.
func swallow(conn net.Conn) error {
	swallowed := make([]byte, 4096)
	for {
		if _, err := conn.Read(swallowed); err != nil {
			return err
		}
	}
}

func (w *wire) Write(octets []byte) (int, error) {
	w.mutex.Lock()
	left := w.at - w.written.Len()
	w.written.Write(octets)
	w.mutex.Unlock()
	if !w.what.isOfWriting() || left >= len(octets) {
		return w.Conn.Write(octets)
	}
	count, err := w.Conn.Write(octets[:max(left, 0)])
	if w.what == swallowsThere || err != nil {
		return len(octets), err
	}
	_ = w.Conn.Close()
	return count, errReset
}

func (w *wire) heard() int { return w.read }

func (w *wire) said() []byte {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return bytes.Clone(w.written.Bytes())
}

const (
	password        = "PASSWORDMARKER"
	injectionAtOnce = 48
	// slack is for signatures, whose length differs by some octets.
	slack = 8
)

// ways of sending differ only once the session stands.
var ways = []struct {
	name    string
	prepare func(*smtpclient.Config)
}{
	{"pipelined", func(*smtpclient.Config) {}},
	{"stepwise", func(c *smtpclient.Config) { c.Pipelining = false }},
	{"chunks", func(c *smtpclient.Config) { c.Chunking = true }},
}

// TestFaultsAtEveryOctet breaks a session with TLS, AUTH and two messages at every octet that either side says, in every way, and
// holds that the client neither panics nor hangs, never shows content or credentials outside of TLS, and takes no message for
// accepted that the server has not taken.
func TestFaultsAtEveryOctet(t *testing.T) {
	auth, err := smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "PLAIN", User: "u", Password: password})
	must(err)
	newOptions := func() sink.Options {
		return sink.Options{
			TLS: sink.TLSRequired, Auth: &sink.Auth{Mechanisms: []string{"PLAIN"}, User: "u", Password: password},
		}
	}
	everywhere(t, smtpclient.TLSStart, newOptions, func(c *smtpclient.Config) { c.Auth = auth })
}

// Without TLS every octet of every reply is the state machine's own affair.
func TestFaultsAtEveryOctetInClear(t *testing.T) {
	everywhere(t, smtpclient.TLSNone, func() sink.Options { return sink.Options{} }, func(*smtpclient.Config) {})
}

func everywhere(t *testing.T, mode smtpclient.TLSMode, newOptions func() sink.Options, prepare func(*smtpclient.Config)) {
	for _, what := range wireFaults {
		for index, way := range ways {
			t.Run(string(what)+", "+way.name, func(t *testing.T) {
				t.Parallel()
				server, port := startSink(t, newOptions())
				newConfig := func(timeout time.Duration) *smtpclient.Config {
					c := config(t, port, mode)
					c.SetupTimeout = timeout
					if mode != smtpclient.TLSNone {
						var err error
						c.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: server.Place().CA})
						must(err)
						// The post-quantum exchange is two thousand octets that are one like another.
						c.TLS.CurvePreferences = []tls.CurveID{tls.X25519}
					}
					prepare(c)
					way.prepare(c)
					return c
				}
				whole := converse(&wire{what: what, at: 1 << 30}, newConfig(10*time.Second), 10*time.Second)
				if whole.accepted != 2 {
					t.Fatal("two messages are not accepted over a wire without a fault")
				}
				from := 0
				if index > 0 {
					from = max(whole.opened(what)-slack, 0)
				}
				accepted := injectFrom(t, what, from, whole.ended(what)+slack, newConfig) + whole.accepted
				if received := int(server.Report().Messages.Received); accepted > received && (mode != smtpclient.TLSNone || !what.forges()) {
					t.Errorf("%d messages are taken for accepted, and the server has %d", accepted, received)
				}
			})
		}
	}
}

// injectFrom runs sessions that break one octet later each, and gives how many messages they took for accepted.
func injectFrom(t *testing.T, what wireFault, from, to int, newConfig func(time.Duration) *smtpclient.Config) int {
	slots := make(chan struct{}, injectionAtOnce)
	var group sync.WaitGroup
	var accepted atomic.Int64
	for at := from; at <= to; at++ {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			c := newConfig(what.timeout())
			began := time.Now()
			conversation := converse(&wire{what: what, at: at}, c, what.timeout())
			accepted.Add(int64(conversation.accepted))
			// The machine may be busy: what counts is that no time-out is missing altogether.
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("at octet %d: it took %s", at, took)
			}
			if c.Mode != smtpclient.TLSNone {
				showsNothing(t, at, conversation.said())
			}
		})
	}
	group.Wait()
	return int(accepted.Load())
}

var secrets = []string{"marker", "body of the message", "MAIL", "RCPT", "BDAT", "AUTH", password, "UEFTU1dPUkRNQVJLRVI"}

func showsNothing(t *testing.T, at int, said []byte) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(string(said), secret) {
			t.Errorf("at octet %d: %q went over the wire in clear", at, secret)
		}
	}
}

// conversation is one session with two messages.
type conversation struct {
	*wire
	accepted              int
	heardOpened, saidOpen int
}

// opened and ended tell how many octets had gone by, in the fault's direction.
func (c *conversation) opened(what wireFault) int {
	if what.isOfWriting() {
		return c.saidOpen
	}
	return c.heardOpened
}

func (c *conversation) ended(what wireFault) int {
	if what.isOfWriting() {
		return len(c.said())
	}
	return c.heard()
}

func converse(over *wire, c *smtpclient.Config, timeout time.Duration) *conversation {
	done := &conversation{wire: over}
	session, _, failure := smtpclient.Open(context.Background(), c, func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, errors.New("the sink is not there")
		}
		over.Conn = conn
		return over, nil
	})
	if failure != nil {
		return done
	}
	done.heardOpened, done.saidOpen = over.heard(), len(over.said())
	for range 2 {
		if !session.Usable() {
			break
		}
		if outcome := session.Send(context.Background(), envelope, content, timeout, false); outcome.Failure == nil {
			done.accepted++
		}
	}
	session.Quit(false)
	return done
}
