package smtpclient

import (
	"crypto/tls"
	"time"
)

// quitTimeout bounds the wait for the reply to QUIT.
const quitTimeout = time.Second

// Quit ends the session politely: it says QUIT (unless that went out with the last message), waits a moment for the
// answer when patient, and closes.
func (s *Session) Quit(patient bool) {
	if !s.broken {
		s.broken = true
		_ = s.raw.SetDeadline(time.Now().Add(quitTimeout))
		var err error
		if !s.quitSent {
			_, err = s.conn.Write(quitCommand)
		}
		if err == nil && patient {
			_, _ = s.reader.next(false)
		}
	}
	_ = s.raw.Close()
	s.dropFrame()
}

// Close drops the connection without a word.
func (s *Session) Close() {
	s.broken = true
	_ = s.raw.Close()
	s.dropFrame()
}

// Usable says whether another message can be sent.
func (s *Session) Usable() bool { return !s.broken }

// Messages is the number of messages that were tried on this session.
func (s *Session) Messages() int { return s.messages }

// Opened is when the connection was begun.
func (s *Session) Opened() time.Time { return s.opened }

// Extensions is what the server offers, after TLS where there is TLS.
func (s *Session) Extensions() Extensions { return s.extensions }

// TLS is the state of the protection, nil without TLS.
func (s *Session) TLS() *tls.ConnectionState { return s.tlsState }

// RemoteAddress is the server's address as it was resolved.
func (s *Session) RemoteAddress() string { return s.raw.RemoteAddr().String() }
