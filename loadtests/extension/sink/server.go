package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hipaa-check/loadtests/extension/measure"
)

// Server is a running sink.
type Server struct {
	options   Options
	tls       *tls.Config
	authority string
	clock     *measure.Clock
	process   *measure.Process
	plan      atomic.Pointer[activePlan]
	receipts  atomic.Pointer[receipts]
	figures   figures

	// life ends with the server.
	life  context.Context
	kill  context.CancelFunc
	tasks sync.WaitGroup

	mutex    sync.Mutex
	listener net.Listener
	address  *net.TCPAddr
	sessions map[*session]struct{}
	// changed ends when another plan comes into force.
	changed chan struct{}
}

// Start checks the options and starts a sink.
func Start(options Options) (*Server, error) {
	if err := options.normalise(); err != nil {
		return nil, err
	}
	s := &Server{options: options, clock: measure.NewClock(), sessions: map[*session]struct{}{}, changed: make(chan struct{})}
	if err := s.prepareTLS(); err != nil {
		return nil, err
	}
	plan, err := options.activate(time.Now())
	if err != nil {
		return nil, err
	}
	s.plan.Store(plan)
	s.receipts.Store(newReceipts())
	listener, err := net.Listen("tcp", options.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", options.Listen, errors.Unwrap(err))
	}
	s.address = listener.Addr().(*net.TCPAddr)
	s.life, s.kill = context.WithCancel(context.Background())
	s.process = measure.NewProcess(s.clock)
	s.process.Begin()
	s.accept(listener)
	changed := s.changed
	s.tasks.Go(func() { s.followDowns(plan, changed) })
	return s, nil
}

// Started is when the sink was started; receipts count from then on.
func (s *Server) Started() time.Time { return s.clock.Start() }

// Host is the address that the sink listens on.
func (s *Server) Host() string { return s.address.IP.String() }

// Port is the sink's port.
func (s *Server) Port() int { return s.address.Port }

// SetPlan replaces limits and faults. Their time begins now.
func (s *Server) SetPlan(plan Plan) error {
	active, err := plan.activate(time.Now())
	if err != nil {
		return err
	}
	s.plan.Store(active)
	s.mutex.Lock()
	close(s.changed)
	s.changed = make(chan struct{})
	changed := s.changed
	s.mutex.Unlock()
	s.tasks.Go(func() { s.followDowns(active, changed) })
	return nil
}

// Reset forgets what has arrived.
func (s *Server) Reset() {
	s.receipts.Store(newReceipts())
	s.figures.reset()
}

// Stop ends the sink and every session.
func (s *Server) Stop() {
	s.kill()
	s.closeListener()
	s.cutSessions()
	s.tasks.Wait()
	s.process.End()
}

func (s *Server) closeListener() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
}

func (s *Server) cutSessions() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for session := range s.sessions {
		session.cut()
	}
}

func (s *Server) accept(listener net.Listener) {
	s.mutex.Lock()
	s.listener = listener
	s.mutex.Unlock()
	s.tasks.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				if s.life.Err() != nil || errors.Is(err, net.ErrClosed) {
					return
				}
				// Out of file descriptors, most likely: it passes when sessions end.
				s.sleep(10 * time.Millisecond)
				continue
			}
			s.tasks.Go(func() { s.serve(conn) })
		}
	})
}

func (s *Server) serve(conn net.Conn) {
	session := newSession(s, conn)
	s.mutex.Lock()
	s.sessions[session] = struct{}{}
	open := len(s.sessions)
	closing := s.listener == nil
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		delete(s.sessions, session)
		s.mutex.Unlock()
		_ = conn.Close()
		session.dropBuffer()
	}()
	if closing || s.life.Err() != nil {
		return
	}
	s.figures.opened(open)
	session.run(s.options.MaxSessions > 0 && open > s.options.MaxSessions)
}

// sleep waits, and returns early when the server ends.
func (s *Server) sleep(duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.life.Done():
	}
}

// followDowns closes and opens the port as the plan says, until another plan comes into force.
func (s *Server) followDowns(plan *activePlan, changed <-chan struct{}) {
	downs := slices.Clone(plan.downs)
	slices.SortFunc(downs, func(a, b *activeFault) int { return a.begin.Compare(b.begin) })
	for _, down := range downs {
		if !s.until(down.begin, changed) {
			return
		}
		down.applied.Store(1)
		s.closeListener()
		s.cutSessions()
		s.until(down.end, changed)
		s.reopen()
	}
}

// until waits for a time. It returns false when the server ends or the plan changes before.
func (s *Server) until(when time.Time, changed <-chan struct{}) bool {
	timer := time.NewTimer(time.Until(when))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-changed:
	case <-s.life.Done():
	}
	return false
}

func (s *Server) reopen() {
	for s.life.Err() == nil {
		listener, err := net.Listen("tcp", s.address.String())
		if err == nil {
			s.accept(listener)
			if s.life.Err() != nil {
				s.closeListener()
			}
			return
		}
		s.sleep(50 * time.Millisecond)
	}
}
