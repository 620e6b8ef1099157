package sink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// prepareTLS makes the server's TLS configuration, with a certificate of its own where none is given.
func (s *Server) prepareTLS() error {
	o := &s.options
	if o.TLS == TLSNone {
		if o.Cert != "" || o.Key != "" || o.ClientCA != "" {
			return errors.New(`cert, key and clientCa go with tls "starttls", "required" or "tls"`)
		}
		return nil
	}
	var pair tls.Certificate
	var err error
	if o.Cert != "" || o.Key != "" {
		pair, err = tls.X509KeyPair([]byte(o.Cert), []byte(o.Key))
		s.authority = o.Cert
	} else {
		pair, s.authority, err = selfMade(o.Listen)
	}
	if err != nil {
		return fmt.Errorf("cert and key: %w", err)
	}
	s.tls = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if o.ClientCA != "" {
		s.tls.ClientCAs = x509.NewCertPool()
		if !s.tls.ClientCAs.AppendCertsFromPEM([]byte(o.ClientCA)) {
			return errors.New("clientCa holds no PEM certificate")
		}
		s.tls.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return nil
}

// selfMade makes an authority and a certificate for loopback and the host that is listened on, valid for a week.
func selfMade(listen string) (tls.Certificate, string, error) {
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smtp-sink authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(7 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "smtp-sink"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(7 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, _, _ := net.SplitHostPort(listen); net.ParseIP(host) != nil {
		leaf.IPAddresses = append(leaf.IPAddresses, net.ParseIP(host))
	} else if host != "" {
		leaf.DNSNames = append(leaf.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), authorityKey)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	parsed, err := x509.ParseCertificate(der)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER})
	return tls.Certificate{Certificate: [][]byte{der, authorityDER}, PrivateKey: key, Leaf: parsed}, string(text), err
}
