// Package pool shares a bounded number of SMTP sessions among all virtual users of a process.
package pool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"hipaa-check/loadtests/extension/smtpclient"
)

// Limits bound a pool. Zero means no limit, but for Sessions and Wait.
type Limits struct {
	// Sessions is the most connections at once.
	Sessions int
	// Messages ends a session after so many.
	Messages int
	// Age ends a session that is older.
	Age time.Duration
	// Wait bounds the wait for a free session.
	Wait time.Duration
}

// Pool holds the sessions of one configuration. It is safe for use by many goroutines.
type Pool struct {
	config *smtpclient.Config
	limits Limits
	// slots holds a token for each session that may still be used or opened; those who wait are served in turn.
	slots chan struct{}
	atOnce
	mutex sync.Mutex
	// idle is used from its end, so that few sessions are kept busy and the others may age.
	idle []*smtpclient.Session
}

type atOnce struct{ now, most atomic.Int64 }

// New makes a pool without any session.
func New(config *smtpclient.Config, limits Limits) *Pool {
	p := &Pool{config: config, limits: limits, slots: make(chan struct{}, limits.Sessions)}
	for range limits.Sessions {
		p.slots <- struct{}{}
	}
	return p
}

// Lease is a session that somebody uses.
type Lease struct {
	*smtpclient.Session
	// Setup is what opening the session took, nil for one that was open.
	Setup *smtpclient.SetupTimings
}

var (
	errWait = errors.New("no session became free in time")
	errStop = errors.New("interrupted because the run is being stopped")
)

// Acquire gives a session: an open one when fresh is false and there is one, otherwise a new one. It waits while all are in
// use. When opening fails, the failure and what was reached are given. Every lease must be given back.
func (p *Pool) Acquire(ctx context.Context, dial smtpclient.DialFunc, fresh bool) (Lease, *smtpclient.Failure) {
	if failure := p.wait(ctx); failure != nil {
		return Lease{}, failure
	}
	if session := p.takeIdle(); session != nil {
		if !fresh {
			return Lease{Session: session}, nil
		}
		// The new one takes its place, so that there are never more than allowed.
		p.end(session)
	}
	session, setup, failure := smtpclient.Open(ctx, p.config, dial)
	if failure != nil {
		p.slots <- struct{}{}
		return Lease{Setup: &setup}, failure
	}
	p.opened()
	return Lease{Session: session, Setup: &setup}, nil
}

func (p *Pool) wait(ctx context.Context) *smtpclient.Failure {
	select {
	case <-p.slots:
		return nil
	default:
	}
	timer := time.NewTimer(p.limits.Wait)
	defer timer.Stop()
	select {
	case <-p.slots:
		return nil
	case <-timer.C:
		return &smtpclient.Failure{Phase: smtpclient.PhaseWait, Kind: smtpclient.KindTimeout, Cause: errWait}
	case <-ctx.Done():
		return &smtpclient.Failure{Phase: smtpclient.PhaseWait, Kind: smtpclient.KindInterrupted, Cause: errStop}
	}
}

func (p *Pool) takeIdle() *smtpclient.Session {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		session := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		if !p.isOld(session) {
			return session
		}
		p.end(session)
	}
	return nil
}

func (p *Pool) isOld(session *smtpclient.Session) bool {
	return p.limits.Age > 0 && time.Since(session.Opened()) >= p.limits.Age
}

func (p *Pool) opened() {
	now := p.now.Add(1)
	for {
		most := p.most.Load()
		if now <= most || p.most.CompareAndSwap(most, now) {
			return
		}
	}
}

func (p *Pool) end(session *smtpclient.Session) {
	p.now.Add(-1)
	session.Quit(false)
}

// Release gives a session back. One that is broken, old or has carried its messages is ended.
func (p *Pool) Release(lease Lease) {
	session := lease.Session
	spent := p.limits.Messages > 0 && session.Messages() >= p.limits.Messages
	if !session.Usable() || spent || p.isOld(session) {
		p.end(session)
	} else {
		p.mutex.Lock()
		p.idle = append(p.idle, session)
		p.mutex.Unlock()
	}
	p.slots <- struct{}{}
}

// IsLast says whether the next message is the last one that a session may carry.
func (p *Pool) IsLast(lease Lease) bool {
	return p.limits.Messages > 0 && lease.Messages()+1 >= p.limits.Messages
}

// AtOnce is the largest number of sessions that were open at the same time.
func (p *Pool) AtOnce() int { return int(p.most.Load()) }

// CloseIdle ends the sessions that nobody uses.
func (p *Pool) CloseIdle() {
	p.mutex.Lock()
	idle := p.idle
	p.idle = nil
	p.mutex.Unlock()
	for _, session := range idle {
		p.now.Add(-1)
		session.Quit(true)
	}
}
