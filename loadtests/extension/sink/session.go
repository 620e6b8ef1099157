package sink

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// idleTimeout ends a session that says nothing (RFC 5321, 4.5.3.2.7).
const idleTimeout = 5 * time.Minute

var (
	// errEnd ends a session in order, after its last answer has gone out.
	errEnd = errors.New("session ended")
	// errCut ends a session at once.
	errCut = errors.New("session cut")
)

// session is one connection.
type session struct {
	server *Server
	raw    net.Conn
	conn   net.Conn
	reader reader
	buffer *[]byte
	output []byte
	ctx    context.Context

	deadline      time.Time
	tlsVersion    string // "" without TLS
	tlsState      *tls.ConnectionState
	greeted       bool
	authenticated bool
	isCut         atomic.Bool

	inMail     bool
	sender     string
	recipients []string
	content    content
	// chunking says that a part of the message has come by BDAT.
	chunking bool
	// refusedChunk says that a part was refused, so that all further parts are.
	refusedChunk bool
}

// buffers are those of sessions that have ended.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, bufferSize)
	return &buffer
}}

func newSession(server *Server, conn net.Conn) *session {
	s := &session{server: server, raw: conn, conn: conn, ctx: server.life, buffer: buffers.Get().(*[]byte)}
	s.reader = reader{buffer: *s.buffer, conn: conn, wait: s.flush, gate: s.holdDuringPause}
	return s
}

// dropBuffer gives the buffer of a session that has ended to others.
func (s *session) dropBuffer() {
	s.reader.buffer = nil
	buffers.Put(s.buffer)
}

// cut ends the connection from outside.
func (s *session) cut() {
	s.isCut.Store(true)
	_ = s.raw.Close()
}

// holdDuringPause waits while the plan pauses the sink.
func (s *session) holdDuringPause() {
	for s.server.life.Err() == nil {
		plan := s.server.plan.Load()
		if len(plan.pauses) == 0 {
			return
		}
		until := plan.pausedUntil(time.Now())
		if until.IsZero() {
			return
		}
		// In short steps, because the plan may change.
		s.server.sleep(min(time.Until(until), 20*time.Millisecond))
	}
}

// flush writes what has been answered so far. It is called before every wait for input.
func (s *session) flush() error {
	if now := time.Now(); now.Add(idleTimeout - time.Second).After(s.deadline) {
		s.deadline = now.Add(idleTimeout)
		_ = s.raw.SetDeadline(s.deadline)
	}
	if len(s.output) == 0 {
		return nil
	}
	s.holdDuringPause()
	_, err := s.conn.Write(s.output)
	s.output = s.output[:0]
	return err
}

// reply answers to a phase: regularly, or as the plan says. recipients are those that it is about.
func (s *session) reply(phase Phase, regular func(), recipients ...string) error {
	fault := s.server.plan.Load().at(phase, recipients...)
	if fault == nil {
		regular()
		return nil
	}
	return s.misbehave(fault, regular)
}

// misbehave carries out a fault. regular gives the answer that would have come without it.
func (s *session) misbehave(fault *activeFault, regular func()) error {
	switch fault.Kind {
	case FaultDisconnect:
		// What was answered before still goes out, as it does when a server dies between two commands.
		_ = s.flush()
		return errCut
	case FaultDelay:
		if err := s.flush(); err != nil {
			return err
		}
		s.server.sleep(time.Duration(fault.Delay))
		regular()
	case FaultReply:
		s.say(fault.Code, fault.Enhanced, fault.Text)
		if fault.Code == 421 {
			return errEnd
		}
	default:
		regular()
	}
	return nil
}

// say lays out a reply of one line.
func (s *session) say(code int, enhanced, text string) {
	s.output = strconv.AppendInt(s.output, int64(code), 10)
	s.output = append(s.output, ' ')
	if enhanced != "" {
		s.output = append(append(s.output, enhanced...), ' ')
	}
	s.output = append(append(s.output, text...), '\r', '\n')
}

// run serves the connection until it ends.
func (s *session) run(tooMany bool) {
	_ = s.raw.SetDeadline(time.Now().Add(idleTimeout))
	if s.server.options.TLS == TLSImplicit && s.handshake() != nil {
		return
	}
	if tooMany {
		s.server.figures.refused.Add(1)
		s.say(421, "4.7.0", "too many sessions")
		s.hangUp()
		return
	}
	if s.reply(PhaseGreeting, func() { s.say(220, "", "smtp-sink.invalid ESMTP") }) != nil {
		return
	}
	for {
		line, err := s.reader.line()
		switch {
		case errors.Is(err, errBareLF):
			s.say(500, "5.5.2", "lines end in CRLF")
			continue
		case errors.Is(err, errLineTooLong):
			s.say(500, "5.5.6", "line too long")
			s.hangUp()
			return
		case err != nil:
			return
		}
		if err := s.command(line); err != nil {
			if errors.Is(err, errEnd) {
				s.hangUp()
			}
			return
		}
	}
}

// lingering is how long the last answer is given to reach the client.
const lingering = time.Second

// hangUp sends what has been answered and ends the connection so that the client can still read it: a close with unread
// input would reset the connection.
func (s *session) hangUp() {
	if s.flush() != nil {
		return
	}
	half, canHalfClose := s.conn.(interface{ CloseWrite() error })
	if !canHalfClose || half.CloseWrite() != nil {
		return
	}
	_ = s.raw.SetDeadline(time.Now().Add(lingering))
	if tcp, isTCP := s.raw.(*net.TCPConn); isTCP && s.tlsState != nil {
		_ = tcp.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(s.raw, bufferSize))
}

// command carries out one command. An error ends the session.
func (s *session) command(line []byte) error {
	verb, rest, _ := bytes.Cut(line, []byte(" "))
	switch {
	case bytes.EqualFold(verb, []byte("MAIL")):
		return s.mail(rest)
	case bytes.EqualFold(verb, []byte("RCPT")):
		return s.rcpt(rest)
	case bytes.EqualFold(verb, []byte("DATA")):
		return s.data()
	case bytes.EqualFold(verb, []byte("BDAT")):
		return s.bdat(rest)
	}
	switch strings.ToUpper(string(verb)) {
	case "EHLO":
		return s.ehlo(string(rest))
	case "HELO":
		s.greeted = true
		return s.reply(PhaseEHLO, func() { s.say(250, "", "smtp-sink.invalid") })
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		return s.auth(string(rest))
	case "RSET":
		s.endMail()
		s.say(250, "2.0.0", "reset")
	case "NOOP":
		s.say(250, "2.0.0", "nothing done")
	case "VRFY":
		s.say(252, "2.5.0", "no answer")
	case "QUIT":
		s.say(221, "2.0.0", "bye")
		return errEnd
	default:
		s.say(500, "5.5.2", "command not known")
	}
	return nil
}

func (s *session) offers(name string) bool {
	for _, withheld := range s.server.options.Withhold {
		if withheld == name {
			return false
		}
	}
	return true
}

func (s *session) ehlo(client string) error {
	if strings.TrimSpace(client) == "" {
		s.say(501, "5.5.4", "EHLO needs a name")
		return nil
	}
	s.greeted = true
	s.endMail()
	options := &s.server.options
	lines := []string{"smtp-sink.invalid"}
	for _, name := range offerable {
		switch {
		case !s.offers(name), name == "REQUIRETLS" && s.tlsState == nil:
		case name == "SIZE":
			lines = append(lines, fmt.Sprintf("SIZE %d", options.MaxSize))
		default:
			lines = append(lines, name)
		}
	}
	lines = append(lines, "ENHANCEDSTATUSCODES")
	if s.tlsState == nil && (options.TLS == TLSStart || options.TLS == TLSRequired) {
		lines = append(lines, "STARTTLS")
	}
	if options.Auth != nil && s.tlsState != nil {
		lines = append(lines, "AUTH "+strings.Join(options.Auth.Mechanisms, " "))
	}
	return s.reply(PhaseEHLO, func() {
		for _, line := range lines[:len(lines)-1] {
			s.output = append(append(append(s.output, "250-"...), line...), '\r', '\n')
		}
		s.say(250, "", lines[len(lines)-1])
	})
}

func (s *session) startTLS() error {
	if s.tlsState != nil || s.server.tls == nil || s.server.options.TLS == TLSImplicit {
		s.say(503, "5.5.1", "no STARTTLS here and now")
		return nil
	}
	accepted := false
	if err := s.reply(PhaseStartTLS, func() { accepted = true }); err != nil || !accepted {
		return err
	}
	if len(s.reader.pending()) > 0 {
		s.say(554, "5.5.0", "nothing may follow STARTTLS")
		return errEnd
	}
	s.say(220, "2.0.0", "go ahead")
	if err := s.flush(); err != nil {
		return err
	}
	return s.handshake()
}

func (s *session) handshake() error {
	if err := s.reply(PhaseTLS, func() {}); err != nil {
		return err
	}
	secured := tls.Server(s.raw, s.server.tls)
	if err := secured.HandshakeContext(s.ctx); err != nil {
		return err
	}
	state := secured.ConnectionState()
	s.conn, s.reader.conn, s.tlsState = secured, secured, &state
	s.reader.start, s.reader.end = 0, 0
	s.tlsVersion = strings.TrimPrefix(tls.VersionName(state.Version), "TLS ")
	s.greeted, s.authenticated = false, false
	s.endMail()
	s.server.figures.secured(s.tlsVersion)
	return nil
}
