package smtpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// Phase names the part of a session in which something happened.
type Phase string

// The phases of a session, in order.
const (
	PhaseWait     Phase = "wait"
	PhaseConnect  Phase = "connect"
	PhaseGreeting Phase = "greeting"
	PhaseEHLO     Phase = "ehlo"
	PhaseStartTLS Phase = "starttls"
	PhaseTLS      Phase = "tls"
	PhaseAuth     Phase = "auth"
	PhaseReset    Phase = "rset"
	PhaseMail     Phase = "mail"
	PhaseRcpt     Phase = "rcpt"
	PhaseData     Phase = "data"
	PhaseContent  Phase = "content"
	PhaseQuit     Phase = "quit"
)

// Kind classes a failure, in words that are few enough to be a metric's tag.
type Kind string

// The kinds of failure.
const (
	// KindRefused is a reply of class 4 or 5.
	KindRefused Kind = "refused"
	// KindTimeout is a server that did not answer in time.
	KindTimeout Kind = "timeout"
	// KindClosed is a connection that ended before the reply.
	KindClosed Kind = "closed"
	// KindConnect is a connection that could not be opened.
	KindConnect Kind = "connect"
	// KindTLS is a handshake that failed.
	KindTLS Kind = "tls"
	// KindCertificate is a server certificate that does not verify.
	KindCertificate Kind = "certificate"
	// KindInjection is plaintext that came behind the reply to STARTTLS.
	KindInjection Kind = "injection"
	// KindProtocol is an answer that is no SMTP or comes out of turn.
	KindProtocol Kind = "protocol"
	// KindUnsupported is an extension that is demanded and not offered.
	KindUnsupported Kind = "unsupported"
	// KindInterrupted is a run that was stopped.
	KindInterrupted Kind = "interrupted"
)

// Failure tells why a session or a transaction ended early.
type Failure struct {
	Phase Phase
	Kind  Kind
	// Reply is the server's refusal; its Code is 0 when the failure is not a refusal.
	Reply Reply
	// Cause is nil for a refusal.
	Cause error
}

func (f *Failure) Error() string {
	if f.Cause == nil {
		return fmt.Sprintf("%s: %s", f.Phase, f.Reply)
	}
	return fmt.Sprintf("%s: %v", f.Phase, f.Cause)
}

// Text is what a person reads about the failure: the server's words, or the cause.
func (f *Failure) Text() string {
	if f.Cause == nil {
		return f.Reply.Text
	}
	return f.Cause.Error()
}

func (f *Failure) Unwrap() error { return f.Cause }

func refusal(phase Phase, reply Reply) *Failure {
	return &Failure{Phase: phase, Kind: KindRefused, Reply: reply}
}

func unsupported(phase Phase, format string, arguments ...any) *Failure {
	return &Failure{Phase: phase, Kind: KindUnsupported, Cause: fmt.Errorf(format, arguments...)}
}

func protocolFailure(phase Phase, format string, arguments ...any) *Failure {
	return &Failure{Phase: phase, Kind: KindProtocol, Cause: fmt.Errorf(format, arguments...)}
}

// unexpected turns a reply that is neither what was asked for nor a refusal into a failure.
func unexpected(phase Phase, reply Reply) *Failure {
	if reply.Code >= 400 {
		return refusal(phase, reply)
	}
	return &Failure{
		Phase: phase, Kind: KindProtocol, Reply: reply,
		Cause: fmt.Errorf("unexpected reply %s", reply),
	}
}

// errInterrupted replaces the time-out that is forced on a connection when a run is stopped.
var errInterrupted = errors.New("interrupted because the run is being stopped")

// networkFailure classes an error from the connection. interrupted says that the caller's context has ended.
func networkFailure(phase Phase, err error, interrupted bool) *Failure {
	var failure *Failure
	if errors.As(err, &failure) {
		return failure
	}
	kind := KindClosed
	var timeout net.Error
	switch {
	case interrupted || errors.Is(err, context.Canceled):
		kind, err = KindInterrupted, errInterrupted
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		kind, err = KindTimeout, errors.New("the server did not answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the server closed the connection")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		err = errors.New("the server reset the connection")
	case phase == PhaseConnect:
		kind = KindConnect
	case phase == PhaseTLS || isAlert(err):
		kind = tlsKind(err)
	case isReplyError(err):
		kind = KindProtocol
	}
	return &Failure{Phase: phase, Kind: kind, Cause: err}
}

func tlsKind(err error) Kind {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	if errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) {
		return KindCertificate
	}
	return KindTLS
}

// isAlert recognises a TLS alert that comes after the handshake, as TLS 1.3 servers send it about a client certificate.
func isAlert(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error")
}

// replyError marks an answer that is not SMTP.
type replyError struct{ error }

func isReplyError(err error) bool {
	var target replyError
	return errors.As(err, &target)
}
