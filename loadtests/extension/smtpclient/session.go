package smtpclient

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"time"
)

// SetupTimings are the phases before the first message, 0 where a phase did not happen.
type SetupTimings struct {
	Connect  time.Duration
	Greeting time.Duration
	EHLO     time.Duration
	TLS      time.Duration
	Auth     time.Duration
	// Total runs from the start of the connection until the session can take a message.
	Total time.Duration
}

// Session is one connection to a server, ready for messages. It is used by one goroutine at a time.
type Session struct {
	config     *Config
	raw        net.Conn
	conn       net.Conn
	reader     replyReader
	frame      *frame
	commands   []byte
	extensions Extensions
	tlsState   *tls.ConnectionState
	setup      SetupTimings
	opened     time.Time
	lastUsed   time.Time
	messages   int
	needsReset bool
	quitSent   bool
	broken     bool
}

// Open connects, protects the connection as configured and authenticates. dial opens the TCP connection. ctx ends
// the attempt early; the session itself does not depend on it afterwards. On failure nothing stays open, and the
// timings of what was reached are returned.
func Open(ctx context.Context, config *Config, dial DialFunc) (*Session, SetupTimings, *Failure) {
	started := time.Now()
	deadline := started.Add(config.SetupTimeout)
	if limit, has := ctx.Deadline(); has && limit.Before(deadline) {
		deadline = limit
	}
	dialContext, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := dial(dialContext, "tcp", config.Address())
	connected := time.Now()
	setup := SetupTimings{Connect: connected.Sub(started)}
	if err != nil {
		return nil, setup, networkFailure(PhaseConnect, err, ctx.Err() == context.Canceled)
	}
	session := &Session{
		config: config, raw: conn, conn: conn, reader: newReplyReader(conn), setup: setup,
		opened: started, lastUsed: connected,
	}
	_ = conn.SetDeadline(deadline)
	release := session.interruptWith(ctx)
	failure := session.establish(dialContext)
	if interrupted := release(); interrupted && failure == nil {
		failure = &Failure{Phase: PhaseConnect, Kind: KindInterrupted, Cause: errInterrupted}
	}
	session.lastUsed = time.Now()
	session.setup.Total = session.lastUsed.Sub(started)
	if failure != nil {
		_ = session.raw.Close()
		return nil, session.setup, failure
	}
	return session, session.setup, nil
}

// interruptWith makes the end of ctx end every read and write. The returned function undoes that and says whether
// it has happened.
func (s *Session) interruptWith(ctx context.Context) (release func() (interrupted bool)) {
	if ctx.Done() == nil {
		return func() bool { return false }
	}
	raw := s.raw
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	return func() bool { return !stop() }
}

func (s *Session) fail(phase Phase, err error, ctx context.Context) *Failure {
	s.broken = true
	return networkFailure(phase, err, ctx.Err() == context.Canceled)
}

// establish goes from an open connection to a session that can take a message.
func (s *Session) establish(ctx context.Context) *Failure {
	if s.config.Mode == TLSImplicit {
		if failure := s.handshake(ctx); failure != nil {
			return failure
		}
	}
	begin := time.Now()
	reply, err := s.reader.next(true)
	s.setup.Greeting = time.Since(begin)
	if err != nil {
		return s.fail(PhaseGreeting, err, ctx)
	}
	if reply.Code != 220 {
		return unexpected(PhaseGreeting, reply)
	}
	if failure := s.hello(ctx); failure != nil {
		return failure
	}
	if s.config.Mode == TLSStart {
		if failure := s.startTLS(ctx); failure != nil {
			return failure
		}
	}
	if s.config.Auth != nil {
		begin := time.Now()
		failure := s.authenticate(ctx)
		s.setup.Auth = time.Since(begin)
		return failure
	}
	return nil
}

func (s *Session) command(ctx context.Context, phase Phase, line string) (Reply, *Failure) {
	if _, err := s.conn.Write([]byte(line + "\r\n")); err != nil {
		return Reply{}, s.fail(phase, err, ctx)
	}
	reply, err := s.reader.next(true)
	if err != nil {
		return Reply{}, s.fail(phase, err, ctx)
	}
	return reply, nil
}

func (s *Session) hello(ctx context.Context) *Failure {
	begin := time.Now()
	reply, failure := s.command(ctx, PhaseEHLO, "EHLO "+s.config.LocalName)
	s.setup.EHLO += time.Since(begin)
	if failure != nil {
		return failure
	}
	if reply.Code != 250 {
		return unexpected(PhaseEHLO, reply)
	}
	if s.reader.buffered() > 0 {
		return protocolFailure(PhaseEHLO, "the server sent more than one reply to EHLO")
	}
	s.extensions = parseExtensions(enhancedOff(reply))
	return nil
}

// enhancedOff gives back a reply's text as it was on the wire, for EHLO, whose lines carry no enhanced code.
func enhancedOff(reply Reply) string {
	if reply.Enhanced == "" {
		return reply.Text
	}
	return reply.Enhanced + " " + reply.Text
}

func (s *Session) startTLS(ctx context.Context) *Failure {
	if !s.extensions.StartTLS {
		return unsupported(PhaseStartTLS, "the server does not offer STARTTLS, and nothing is sent in clear text")
	}
	reply, failure := s.command(ctx, PhaseStartTLS, "STARTTLS")
	if failure != nil {
		return failure
	}
	if reply.Code != 220 {
		return unexpected(PhaseStartTLS, reply)
	}
	if s.reader.buffered() > 0 {
		return &Failure{Phase: PhaseStartTLS, Kind: KindInjection, Cause: errors.New(
			"plaintext came behind the reply to STARTTLS: somebody may be injecting replies")}
	}
	if failure := s.handshake(ctx); failure != nil {
		return failure
	}
	// What was said before the handshake counts for nothing (RFC 3207, section 4.2).
	s.extensions = Extensions{}
	return s.hello(ctx)
}

func (s *Session) handshake(ctx context.Context) *Failure {
	config := s.config.TLS
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = s.config.Host
	}
	begin := time.Now()
	secured := tls.Client(s.raw, config)
	err := secured.HandshakeContext(ctx)
	s.setup.TLS = time.Since(begin)
	if err != nil {
		return s.fail(PhaseTLS, err, ctx)
	}
	state := secured.ConnectionState()
	s.conn, s.tlsState = secured, &state
	s.reader = newReplyReader(secured)
	return nil
}

func (s *Session) authenticate(ctx context.Context) *Failure {
	mechanism := s.config.Auth.Mechanism()
	if s.tlsState == nil {
		return unsupported(PhaseAuth, "credentials are never sent in clear text")
	}
	if !s.extensions.offersAuth(mechanism) {
		return unsupported(PhaseAuth, "the server does not offer AUTH %s but %s", mechanism, offered(s.extensions.Auth))
	}
	run, err := s.config.Auth.start(s.tlsState, s.config.Host, s.config.Port)
	if err != nil {
		return unsupported(PhaseAuth, "AUTH %s: %w", mechanism, err)
	}
	line := "AUTH " + mechanism
	if !run.noInitial {
		line += " " + encodeResponse(run.initial, true)
	}
	for {
		reply, failure := s.command(ctx, PhaseAuth, line)
		if failure != nil {
			return failure
		}
		switch {
		case reply.Code == 235:
			if err := run.verify(); err != nil {
				return protocolFailure(PhaseAuth, "%w", err)
			}
			return nil
		case reply.Code != 334:
			reply.Text = s.config.Auth.withhold(reply.Text, line)
			return unexpected(PhaseAuth, reply)
		}
		challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(enhancedOff(reply)))
		if err != nil && mechanism != "LOGIN" {
			return protocolFailure(PhaseAuth, "the server's challenge is not base64")
		}
		answer, err := run.answer(string(challenge))
		if err != nil {
			return protocolFailure(PhaseAuth, "%w", err)
		}
		line = encodeResponse(answer, false)
	}
}

func encodeResponse(response string, initial bool) string {
	if response == "" && initial {
		return "="
	}
	return base64.StdEncoding.EncodeToString([]byte(response))
}

func offered(mechanisms []string) string {
	if len(mechanisms) == 0 {
		return "none"
	}
	return strings.Join(mechanisms, ", ")
}
