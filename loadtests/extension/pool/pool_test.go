package pool_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/pool"
	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

var (
	envelope = &smtpclient.Envelope{From: "a@x.test", To: []string{"b@y.test"}}
	content  = &smtpclient.Content{Header: []byte("Subject: x\r\n\r\n"), Block: []byte("body\r\n")}
)

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func newPool(t *testing.T, limits pool.Limits) (*pool.Pool, *sink.Server) {
	t.Helper()
	server, err := sink.Start(sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if limits.Wait == 0 {
		limits.Wait = 10 * time.Second
	}
	p := pool.New(&smtpclient.Config{
		Host: server.Host(), Port: server.Port(), LocalName: "client.test", Mode: smtpclient.TLSNone, Pipelining: true, SetupTimeout: 5 * time.Second,
	}, limits)
	t.Cleanup(p.CloseIdle)
	return p, server
}

func acquire(t *testing.T, p *pool.Pool, fresh bool) pool.Lease {
	t.Helper()
	lease, failure := p.Acquire(t.Context(), dial, fresh)
	if failure != nil {
		t.Fatal(failure)
	}
	return lease
}

func send(t *testing.T, lease pool.Lease) {
	t.Helper()
	if outcome := lease.Send(t.Context(), envelope, content, 5*time.Second, false); outcome.Failure != nil {
		t.Error(outcome.Failure)
	}
}

func TestManyUsersShareFewSessions(t *testing.T) {
	p, server := newPool(t, pool.Limits{Sessions: 4})
	var inUse, most atomic.Int64
	var users sync.WaitGroup
	for range 40 {
		users.Go(func() {
			for range 10 {
				lease := acquire(t, p, false)
				now := inUse.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				send(t, lease)
				inUse.Add(-1)
				p.Release(lease)
			}
		})
	}
	users.Wait()
	report := server.Report()
	if most.Load() > 4 || p.AtOnce() > 4 || report.Sessions.AtOnce > 4 || report.Sessions.Opened > 4 || report.Messages.Received != 400 {
		t.Errorf("%d in use, %d at once, %+v, %+v", most.Load(), p.AtOnce(), report.Sessions, report.Messages)
	}
}

func TestSessionsEndAfterTheirMessages(t *testing.T) {
	p, server := newPool(t, pool.Limits{Sessions: 1, Messages: 3})
	for number := range 9 {
		lease := acquire(t, p, false)
		if p.IsLast(lease) != (number%3 == 2) {
			t.Errorf("message %d: last %v", number, p.IsLast(lease))
		}
		send(t, lease)
		p.Release(lease)
	}
	if opened := server.Report().Sessions.Opened; opened != 3 {
		t.Errorf("%d sessions for nine messages", opened)
	}
}

func TestOldSessionsEnd(t *testing.T) {
	p, server := newPool(t, pool.Limits{Sessions: 1, Age: time.Nanosecond})
	for range 3 {
		lease := acquire(t, p, false)
		send(t, lease)
		p.Release(lease)
	}
	if opened := server.Report().Sessions.Opened; opened != 3 {
		t.Errorf("%d sessions", opened)
	}
}

func TestFreshSessionsTakeThePlaceOfIdleOnes(t *testing.T) {
	p, _ := newPool(t, pool.Limits{Sessions: 2})
	one, two := acquire(t, p, false), acquire(t, p, false)
	p.Release(one)
	p.Release(two)
	for range 5 {
		lease := acquire(t, p, true)
		if lease.Setup == nil {
			t.Error("a fresh session was open before")
		}
		p.Release(lease)
	}
	if p.AtOnce() > 2 {
		t.Errorf("%d at once", p.AtOnce())
	}
}

func TestWaitingEnds(t *testing.T) {
	p, _ := newPool(t, pool.Limits{Sessions: 1, Wait: 20 * time.Millisecond})
	lease := acquire(t, p, false)
	if _, failure := p.Acquire(t.Context(), dial, false); failure == nil || failure.Kind != smtpclient.KindTimeout || failure.Phase != smtpclient.PhaseWait {
		t.Error(failure)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, failure := p.Acquire(ctx, dial, false); failure == nil || failure.Kind != smtpclient.KindInterrupted {
		t.Error(failure)
	}
	p.Release(lease)
	p.Release(acquire(t, p, false))
}

func TestFailedSetupsGiveTheirPlaceBack(t *testing.T) {
	p := pool.New(&smtpclient.Config{
		Host: "127.0.0.1", Port: 1, LocalName: "client.test", Mode: smtpclient.TLSNone, SetupTimeout: time.Second,
	}, pool.Limits{Sessions: 1, Wait: time.Second})
	for range 3 {
		lease, failure := p.Acquire(t.Context(), dial, false)
		if failure == nil || failure.Kind != smtpclient.KindConnect || lease.Setup == nil {
			t.Fatal(failure)
		}
	}
	if p.AtOnce() != 0 {
		t.Error(p.AtOnce())
	}
}
