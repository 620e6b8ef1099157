// Package smtpclient speaks SMTP as a client that measures: sessions that live over many messages, strict TLS,
// authentication, pipelining and chunking, every phase timed, every refusal a value. It knows nothing of k6.
package smtpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// TLSMode says how a session is protected. There is no mode that falls back to clear text.
type TLSMode string

// The modes.
const (
	// TLSNone sends everything in clear text. AUTH is refused in this mode.
	TLSNone TLSMode = "none"
	// TLSStart demands STARTTLS.
	TLSStart TLSMode = "starttls"
	// TLSImplicit begins with the handshake (port 465).
	TLSImplicit TLSMode = "tls"
)

// DialFunc opens a TCP connection.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Config is what all sessions of one kind have in common. It is not changed after the first session.
type Config struct {
	Host string
	Port int
	// LocalName is said in EHLO.
	LocalName string
	Mode      TLSMode
	// TLS is used in every mode but TLSNone.
	TLS *tls.Config
	// Auth is nil for a session without authentication.
	Auth *Authenticator
	// Pipelining and Chunking use these extensions where the server offers them.
	Pipelining bool
	Chunking   bool
	// SetupTimeout bounds everything from connecting to the last reply before MAIL.
	SetupTimeout time.Duration
}

// Address is host and port as the dialler wants them.
func (c *Config) Address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }

// Validate tells what is wrong with the configuration before any connection is made.
func (c *Config) Validate() error {
	switch {
	case c.Host == "":
		return errors.New("host is missing")
	case c.Port < 1 || c.Port > 65535:
		return fmt.Errorf("port %d is not between 1 and 65535", c.Port)
	case c.LocalName == "" || strings.ContainsAny(c.LocalName, " \r\n\t"):
		return fmt.Errorf("localName %q is no host name", c.LocalName)
	case c.SetupTimeout <= 0:
		return errors.New("connectTimeout must be more than 0")
	}
	switch c.Mode {
	case TLSNone:
		if c.Auth != nil {
			return errors.New(`auth needs tls "starttls" or "tls": credentials are never sent in clear text`)
		}
	case TLSStart, TLSImplicit:
		if c.TLS == nil {
			return errors.New("TLS configuration is missing")
		}
		if c.Auth != nil && c.Auth.needsCertificate() && len(c.TLS.Certificates) == 0 {
			return errors.New("auth EXTERNAL needs a client certificate (cert and key)")
		}
	default:
		return fmt.Errorf(`tls %q is none of "none", "starttls", "tls"`, c.Mode)
	}
	return nil
}
