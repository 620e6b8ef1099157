package smtpmodule

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grafana/sobek"

	"hipaa-check/loadtests/extension/duration"
	"hipaa-check/loadtests/extension/pool"
	"hipaa-check/loadtests/extension/smtpclient"
)

// sessionOptions are the options of a session. Sessions with equal ones share a pool.
type sessionOptions struct {
	host, localName, domain                string
	port, sessions, maxMessages            int
	mode                                   smtpclient.TLSMode
	tls                                    smtpclient.TLSOptions
	hasAuth                                bool
	auth                                   smtpclient.Credentials
	pipelining, chunking                   bool
	connectPerMessage, phaseTrends         bool
	maxAge, connectTimeout, timeout, waits time.Duration
}

// reservedDomain belongs to nobody (RFC 2606).
const reservedDomain = "load.invalid"

func defaultOptions() sessionOptions {
	return sessionOptions{
		localName: reservedDomain, domain: reservedDomain, sessions: 50, pipelining: true,
		connectTimeout: 30 * time.Second, timeout: time.Minute, waits: time.Minute,
	}
}

// maxSessions keeps a slip of the keyboard from taking all ports.
const maxSessions = 20_000

func readOptions(object *sobek.Object) (sessionOptions, error) {
	o := defaultOptions()
	var mode string
	hasTLS := false
	err := readFields(object, map[string]func(sobek.Value) error{
		"host": text(&o.host), "port": whole(&o.port), "tls": func(value sobek.Value) error {
			hasTLS = true
			return text(&mode)(value)
		},
		"ca": text(&o.tls.CA), "cert": text(&o.tls.Cert), "key": text(&o.tls.Key), "serverName": text(&o.tls.ServerName),
		"minVersion": text(&o.tls.MinVersion), "maxVersion": text(&o.tls.MaxVersion), "resume": flag(&o.tls.Resume),
		"auth": func(value sobek.Value) error {
			o.hasAuth = true
			return readAuth(value, &o.auth)
		},
		"localName": text(&o.localName), "pipelining": flag(&o.pipelining), "chunking": flag(&o.chunking),
		"sessions": whole(&o.sessions), "connectPerMessage": flag(&o.connectPerMessage), "maxMessages": whole(&o.maxMessages),
		"maxAge": span(&o.maxAge), "connectTimeout": span(&o.connectTimeout), "timeout": span(&o.timeout),
		"waitTimeout": span(&o.waits), "messageIdDomain": text(&o.domain), "phaseTrends": flag(&o.phaseTrends),
	})
	if err != nil {
		return o, err
	}
	o.mode = smtpclient.TLSMode(mode)
	switch {
	case !hasTLS:
		return o, errors.New(`tls is missing: "none", "starttls" or "tls"`)
	case o.sessions < 1 || o.sessions > maxSessions:
		return o, fmt.Errorf("sessions must be from 1 to %d", maxSessions)
	case o.maxMessages < 0:
		return o, errors.New("maxMessages cannot be negative")
	case o.timeout <= 0 || o.waits <= 0:
		return o, errors.New("timeout and waitTimeout must be more than 0")
	case o.domain == "" || len(o.domain) > 255:
		return o, fmt.Errorf("messageIdDomain %.60q is no domain", o.domain)
	case o.mode == smtpclient.TLSNone && o.tls != smtpclient.TLSOptions{}:
		return o, errors.New(`ca, cert, key, serverName, minVersion, maxVersion and resume go with tls "starttls" or "tls"`)
	}
	for _, c := range []byte(o.domain) {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '@' {
			return o, fmt.Errorf("messageIdDomain %.60q is no domain", o.domain)
		}
	}
	_, err = o.config(nil)
	return o, err
}

func readAuth(value sobek.Value, target *smtpclient.Credentials) error {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return errors.New("must be an object")
	}
	return readFields(object, map[string]func(sobek.Value) error{
		"mechanism": text(&target.Mechanism), "user": text(&target.User), "password": text(&target.Password),
		"token": text(&target.Token), "identity": text(&target.Identity), "channelBinding": text(&target.ChannelBinding),
	})
}

// config makes what the client needs. base is k6's own TLS configuration.
func (o *sessionOptions) config(base *tls.Config) (*smtpclient.Config, error) {
	config := &smtpclient.Config{
		Host: o.host, Port: o.port, LocalName: o.localName, Mode: o.mode,
		Pipelining: o.pipelining, Chunking: o.chunking, SetupTimeout: o.connectTimeout,
	}
	var err error
	if o.hasAuth {
		if config.Auth, err = smtpclient.NewAuthenticator(o.auth); err != nil {
			return nil, err
		}
	}
	if o.mode != smtpclient.TLSNone {
		if config.TLS, err = smtpclient.NewTLSConfig(base, o.tls); err != nil {
			return nil, err
		}
	}
	return config, config.Validate()
}

func (o *sessionOptions) limits() pool.Limits {
	return pool.Limits{Sessions: o.sessions, Messages: o.maxMessages, Age: o.maxAge, Wait: o.waits}
}

// readFields hands each field of an object to its reader. A field without a reader is an error, so that a misspelt option
// is not silently without effect. Undefined is as good as absent.
func readFields(object *sobek.Object, readers map[string]func(sobek.Value) error) error {
	for _, key := range object.Keys() {
		value := object.Get(key)
		read, isKnown := readers[key]
		switch {
		case !isKnown:
			return fmt.Errorf("%s is not known", key)
		case sobek.IsUndefined(value):
			continue
		}
		if err := read(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func text(target *string) func(sobek.Value) error {
	return func(value sobek.Value) error {
		given, isText := value.Export().(string)
		if !isText {
			return errors.New("must be a text")
		}
		*target = given
		return nil
	}
}

func flag(target *bool) func(sobek.Value) error {
	return func(value sobek.Value) error {
		given, isFlag := value.Export().(bool)
		if !isFlag {
			return errors.New("must be true or false")
		}
		*target = given
		return nil
	}
}

func whole(target *int) func(sobek.Value) error {
	return func(value sobek.Value) error {
		switch given := value.Export().(type) {
		case int64:
			*target = int(given)
			return nil
		case float64:
			if given == math.Trunc(given) && math.Abs(given) < 1<<53 {
				*target = int(given)
				return nil
			}
		}
		return errors.New("must be a whole number")
	}
}

func span(target *time.Duration) func(sobek.Value) error {
	return func(value sobek.Value) error {
		parsed, err := duration.Parse(value.Export())
		*target = parsed
		return err
	}
}
