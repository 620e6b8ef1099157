package smtpclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// TLSOptions are the choices a script has about TLS. PEM texts, not paths.
type TLSOptions struct {
	// CA replaces the system's roots when it is not empty.
	CA string
	// Cert and Key are the client's certificate.
	Cert, Key string
	// ServerName is what the certificate must be for.
	ServerName string
	// MinVersion and MaxVersion are "1.2" or "1.3"; empty means no limit of that side beyond TLS 1.2.
	MinVersion, MaxVersion string
	// Resume keeps session tickets, so that later connections resume.
	Resume bool
}

// resumedSessions bounds the tickets that are kept.
const resumedSessions = 1024

// NewTLSConfig builds the configuration that all sessions of one kind share. base carries what k6 itself sets
// (cipher suites, key log); it is copied and may be nil. Verification of the server cannot be switched off.
func NewTLSConfig(base *tls.Config, options TLSOptions) (*tls.Config, error) {
	config := &tls.Config{}
	if base != nil {
		config.CipherSuites, config.KeyLogWriter = base.CipherSuites, base.KeyLogWriter
	}
	config.ServerName = options.ServerName
	config.DynamicRecordSizingDisabled = true
	if options.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(options.CA)) {
			return nil, errors.New("ca holds no PEM certificate")
		}
	}
	if (options.Cert == "") != (options.Key == "") {
		return nil, errors.New("cert and key are only of use together")
	}
	if options.Cert != "" {
		pair, err := tls.X509KeyPair([]byte(options.Cert), []byte(options.Key))
		if err != nil {
			return nil, fmt.Errorf("cert and key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	var err error
	if config.MinVersion, err = tlsVersion(options.MinVersion, tls.VersionTLS12); err != nil {
		return nil, fmt.Errorf("minVersion: %w", err)
	}
	if config.MaxVersion, err = tlsVersion(options.MaxVersion, tls.VersionTLS13); err != nil {
		return nil, fmt.Errorf("maxVersion: %w", err)
	}
	if config.MinVersion > config.MaxVersion {
		return nil, errors.New("minVersion is above maxVersion")
	}
	if options.Resume {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(resumedSessions)
	}
	return config, nil
}

func tlsVersion(name string, absent uint16) (uint16, error) {
	switch name {
	case "":
		return absent, nil
	case "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf(`%q is neither "1.2" nor "1.3"`, name)
}
