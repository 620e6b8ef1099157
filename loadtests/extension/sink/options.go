// Package sink is an SMTP server that takes the messages of a load run, counts them, tells when they came, and
// misbehaves as planned. It keeps no content.
package sink

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// The ways of TLS.
const (
	TLSNone     = "none"
	TLSStart    = "starttls"
	TLSRequired = "required"
	TLSImplicit = "tls"
)

// Auth is what clients must authenticate with.
type Auth struct {
	Mechanisms []string `json:"mechanisms"`
	User       string   `json:"user"`
	Password   string   `json:"password"`
	Token      string   `json:"token"`
}

// Options describe a sink.
type Options struct {
	// Listen is host and port; port 0 takes a free one.
	Listen string `json:"listen"`
	// TLS is "none" (also when empty), "starttls" (offered), "required" (MAIL is refused without) or "tls" (from the start).
	TLS string `json:"tls"`
	// Cert and Key are PEM texts; without them the sink makes a certificate and an authority of its own.
	Cert string `json:"cert"`
	Key  string `json:"key"`
	// ClientCA asks clients for a certificate of this authority (PEM).
	ClientCA string `json:"clientCa"`
	Auth     *Auth  `json:"auth"`
	// MaxSessions is how many sessions may be open at once, 0 for no limit. Others get 421.
	MaxSessions int `json:"maxSessions"`
	// MaxSize is the largest message in octets, 0 for 256 MiB.
	MaxSize int64 `json:"maxSize"`
	// Withhold names extensions that are not offered.
	Withhold []string `json:"withhold"`
	Plan
}

// Check tells what is wrong with the options, without starting anything.
func (o *Options) Check() error {
	if err := o.normalise(); err != nil {
		return err
	}
	_, err := o.activate(time.Now())
	return err
}

const defaultMaxSize = 256 * 1024 * 1024

// offerable are the extensions that can be withheld.
var offerable = []string{"PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "DSN", "REQUIRETLS", "SIZE"}

// mechanisms are the ways of authentication that the sink knows.
var mechanisms = []string{"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL"}

// normalise fills in what is absent and tells what is wrong.
func (o *Options) normalise() error {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if _, _, err := net.SplitHostPort(o.Listen); err != nil {
		return fmt.Errorf("listen %q is not host:port", o.Listen)
	}
	switch o.TLS {
	case "":
		o.TLS = TLSNone
	case TLSNone, TLSStart, TLSRequired, TLSImplicit:
	default:
		return fmt.Errorf(`tls %q is none of "none", "starttls", "required", "tls"`, o.TLS)
	}
	if o.MaxSessions < 0 || o.MaxSize < 0 {
		return errors.New("maxSessions and maxSize cannot be negative")
	}
	if o.MaxSize == 0 {
		o.MaxSize = defaultMaxSize
	}
	for index, name := range o.Withhold {
		o.Withhold[index] = strings.ToUpper(name)
		if !slices.Contains(offerable, o.Withhold[index]) {
			return fmt.Errorf("withhold: %q is none of %s", name, strings.Join(offerable, ", "))
		}
	}
	return o.normaliseAuth()
}

func (o *Options) normaliseAuth() error {
	if o.Auth == nil {
		return nil
	}
	if o.TLS == TLSNone {
		return errors.New(`auth needs tls "starttls", "required" or "tls": it is never offered in clear text`)
	}
	if len(o.Auth.Mechanisms) == 0 {
		return errors.New("auth.mechanisms is empty")
	}
	for index, name := range o.Auth.Mechanisms {
		name = strings.ToUpper(name)
		o.Auth.Mechanisms[index] = name
		switch {
		case !slices.Contains(mechanisms, name):
			return fmt.Errorf("auth.mechanisms: %q is none of %s", name, strings.Join(mechanisms, ", "))
		case name == "EXTERNAL" && o.ClientCA == "":
			return errors.New("auth EXTERNAL needs clientCa")
		case (name == "XOAUTH2" || name == "OAUTHBEARER") && o.Auth.Token == "":
			return fmt.Errorf("auth %s needs a token", name)
		case (name == "PLAIN" || name == "LOGIN" || strings.HasPrefix(name, "SCRAM-")) && (o.Auth.User == "" || o.Auth.Password == ""):
			return fmt.Errorf("auth %s needs user and password", name)
		}
	}
	return nil
}
