package smtpclient_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/sink"
	"hipaa-check/loadtests/extension/smtpclient"
)

func TestNoFallbackToClearText(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		kind   smtpclient.Kind
		phase  smtpclient.Phase
	}{
		"STARTTLS is not offered": {"S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 PIPELINING\nSILENCE", smtpclient.KindUnsupported, smtpclient.PhaseStartTLS},
		"STARTTLS is refused":     {"S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 not now\nSILENCE", smtpclient.KindRefused, smtpclient.PhaseStartTLS},
		"STARTTLS is misunderstood": {
			"S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 250 fine, go on in clear\nSILENCE", smtpclient.KindProtocol, smtpclient.PhaseStartTLS,
		},
		"the handshake is not one": {
			"S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\nBYTE\nS: 250 whatever you say\nSILENCE", smtpclient.KindTLS, smtpclient.PhaseTLS,
		},
		"EHLO is not known": {"S: 220 x\nC: EHLO client.test\nS: 502 5.5.1 HELO\nSILENCE", smtpclient.KindRefused, smtpclient.PhaseEHLO},
	} {
		t.Run(name, func(t *testing.T) {
			failure := openFails(t, config(t, play(t, c.script), smtpclient.TLSStart))
			if failure.Kind != c.kind || failure.Phase != c.phase {
				t.Errorf("%s in %s: %v", failure.Kind, failure.Phase, failure)
			}
		})
	}
}

func TestPlaintextBehindStartTLSIsRefused(t *testing.T) {
	script := "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\\n250-injected\\n250 AUTH PLAIN\nSILENCE"
	failure := openFails(t, config(t, play(t, script), smtpclient.TLSStart))
	if failure.Kind != smtpclient.KindInjection {
		t.Error(failure)
	}
}

// What was offered before the handshake counts for nothing after it.
func TestExtensionsAreForgottenAtTheHandshake(t *testing.T) {
	script := "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250-STARTTLS\\n250-AUTH PLAIN\\n250 PIPELINING\nC: STARTTLS\nS: 220 go\nTLS\n" +
		"C: EHLO client.test\nS: 250 x\nSILENCE"
	session := open(t, config(t, play(t, script), smtpclient.TLSStart))
	if offered := session.Extensions(); offered.Pipelining || offered.StartTLS || len(offered.Auth) > 0 {
		t.Errorf("%+v", offered)
	}
}

func TestCredentialsNeverGoInClearText(t *testing.T) {
	auth, err := smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "PLAIN", User: "u", Password: "p"})
	must(err)
	c := config(t, 25, smtpclient.TLSNone)
	c.Auth = auth
	if c.Validate() == nil {
		t.Error("a configuration with AUTH and without TLS is valid")
	}
	// Even a configuration that nobody has validated sends nothing.
	c.Port = play(t, "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 AUTH PLAIN\nSILENCE")
	if failure := openFails(t, c); failure.Kind != smtpclient.KindUnsupported || failure.Phase != smtpclient.PhaseAuth {
		t.Error(failure)
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	others := newAuthority("others")
	wrongName, wrongKey := newAuthority("tests").issue("127.0.0.2", x509.ExtKeyUsageServerAuth)
	for name, c := range map[string]struct {
		options sink.Options
		ca      string
		server  string
		ok      bool
	}{
		"unknown authority":     {sink.Options{TLS: sink.TLSStart}, others.pem, "", false},
		"wrong name":            {sink.Options{TLS: sink.TLSStart}, "", "mail.test", false},
		"other address":         {sink.Options{TLS: sink.TLSStart, Cert: wrongName, Key: wrongKey}, "", "", false},
		"right":                 {sink.Options{TLS: sink.TLSStart}, "", "", true},
		"right by another name": {sink.Options{TLS: sink.TLSStart}, "", "localhost", true},
	} {
		t.Run(name, func(t *testing.T) {
			server, port := startSink(t, c.options)
			ca := c.ca
			if ca == "" {
				ca = server.Place().CA
			}
			client := config(t, port, smtpclient.TLSStart)
			var err error
			client.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: ca, ServerName: c.server})
			must(err)
			if c.ok {
				open(t, client)
			} else if failure := openFails(t, client); failure.Kind != smtpclient.KindCertificate {
				t.Error(failure)
			}
		})
	}
}

func TestVersionsOfTLSAndResumption(t *testing.T) {
	server, port := startSink(t, sink.Options{TLS: sink.TLSImplicit})
	for _, version := range []string{"1.2", "1.3"} {
		for _, resume := range []bool{false, true} {
			client := config(t, port, smtpclient.TLSImplicit)
			var err error
			client.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{
				CA: server.Place().CA, MinVersion: version, MaxVersion: version, Resume: resume,
			})
			must(err)
			for number := range 2 {
				session := open(t, client)
				if outcome := send(session, envelope); outcome.Failure != nil || outcome.Plaintext {
					t.Fatal(outcome.Failure)
				}
				state := session.TLS()
				if tls.VersionName(state.Version) != "TLS "+version || state.DidResume != (resume && number == 1) {
					t.Errorf("TLS %s, resume %v, connection %d: %s, resumed %v", version, resume, number, tls.VersionName(state.Version), state.DidResume)
				}
				session.Quit(true)
			}
		}
	}
	strict := config(t, port, smtpclient.TLSImplicit)
	strict.TLS.MaxVersion, strict.TLS.MinVersion = tls.VersionTLS11, tls.VersionTLS10
	if failure := openFails(t, strict); failure.Kind != smtpclient.KindTLS {
		t.Error(failure)
	}
}

func TestOptionsOfTLSThatAreWrong(t *testing.T) {
	for name, options := range map[string]smtpclient.TLSOptions{
		"ca":         {CA: "no PEM"},
		"cert alone": {Cert: "x"},
		"key alone":  {Key: "x"},
		"cert":       {Cert: "x", Key: "y"},
		"minVersion": {MinVersion: "1.1"},
		"maxVersion": {MaxVersion: "2"},
		"range":      {MinVersion: "1.3", MaxVersion: "1.2"},
	} {
		if _, err := smtpclient.NewTLSConfig(nil, options); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestMechanisms(t *testing.T) {
	clients := newAuthority("clients")
	certificate, key := clients.issue("client", x509.ExtKeyUsageClientAuth)
	all := []string{"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL"}
	server, port := startSink(t, sink.Options{
		TLS: sink.TLSRequired, ClientCA: clients.pem,
		Auth: &sink.Auth{Mechanisms: all, User: "us=er,ä", Password: "pass word", Token: "tok.en"},
	})
	attempt := func(credentials smtpclient.Credentials, options smtpclient.TLSOptions) *smtpclient.Failure {
		client := config(t, port, smtpclient.TLSStart)
		options.CA = server.Place().CA
		var err error
		client.TLS, err = smtpclient.NewTLSConfig(nil, options)
		must(err)
		client.Auth, err = smtpclient.NewAuthenticator(credentials)
		must(err)
		must(client.Validate())
		session, setup, failure := smtpclient.Open(t.Context(), client, dial)
		if failure != nil {
			return failure
		}
		defer session.Quit(true)
		if setup.Auth <= 0 || setup.TLS <= 0 || setup.Total < setup.Auth+setup.TLS {
			t.Errorf("%s: %+v", credentials.Mechanism, setup)
		}
		if outcome := send(session, envelope); outcome.Failure != nil {
			t.Errorf("%s: %v", credentials.Mechanism, outcome.Failure)
		}
		return nil
	}
	right := smtpclient.Credentials{User: "us=er,ä", Password: "pass word", Token: "tok.en"}
	wrong := smtpclient.Credentials{User: "us=er,ä", Password: "another", Token: "another"}
	for _, mechanism := range all {
		right.Mechanism, wrong.Mechanism = strings.ToLower(mechanism), mechanism
		for _, version := range []string{"1.2", "1.3"} {
			options := smtpclient.TLSOptions{MaxVersion: version}
			if mechanism == "EXTERNAL" {
				options.Cert, options.Key = certificate, key
			}
			if failure := attempt(right, options); failure != nil {
				t.Errorf("%s with TLS %s: %v", mechanism, version, failure)
			}
			if mechanism == "EXTERNAL" {
				continue
			}
			failure := attempt(wrong, options)
			if failure == nil || failure.Phase != smtpclient.PhaseAuth || failure.Kind != smtpclient.KindRefused || failure.Reply.Code != 535 {
				t.Errorf("%s with TLS %s and wrong credentials: %v", mechanism, version, failure)
			} else if strings.Contains(failure.Error(), "another") {
				t.Errorf("%s tells the password: %v", mechanism, failure)
			}
		}
	}
	for _, binding := range []string{"tls-exporter", "tls-server-end-point"} {
		right.Mechanism, right.ChannelBinding = "SCRAM-SHA-256-PLUS", binding
		if failure := attempt(right, smtpclient.TLSOptions{}); failure != nil {
			t.Errorf("%s: %v", binding, failure)
		}
	}
}

func TestMechanismThatIsNotOffered(t *testing.T) {
	server, port := startSink(t, sink.Options{TLS: sink.TLSRequired, Auth: &sink.Auth{Mechanisms: []string{"PLAIN"}, User: "u", Password: "p"}})
	client := config(t, port, smtpclient.TLSStart)
	var err error
	client.TLS, err = smtpclient.NewTLSConfig(nil, smtpclient.TLSOptions{CA: server.Place().CA})
	must(err)
	client.Auth, err = smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "LOGIN", User: "u", Password: "p"})
	must(err)
	if failure := openFails(t, client); failure.Kind != smtpclient.KindUnsupported || !strings.Contains(failure.Error(), "PLAIN") {
		t.Error(failure)
	}
}

// A server that does not know the password cannot pass for one that does.
func TestServerMustProveItself(t *testing.T) {
	script := "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO client.test\nS: 250-x\\n250 AUTH SCRAM-SHA-256 PLAIN\n"
	for name, rest := range map[string]string{
		"success at once":     "S: 235 2.7.0 come in",
		"no base64":           "S: 334 !!!",
		"too many iterations": "S: 334 cj1hLHM9YWE9PSxpPTk5OTk5OTk5OQ==",
		"nonsense":            "S: 334 Zm9v",
	} {
		t.Run(name, func(t *testing.T) {
			// The client's first message has a random part, so the script does not look at it.
			listener := play(t, script+"HEAR\n"+rest+"\nSILENCE")
			client := config(t, listener, smtpclient.TLSStart)
			var err error
			client.Auth, err = smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "SCRAM-SHA-256", User: "u", Password: "p"})
			must(err)
			if failure := openFails(t, client); failure.Phase != smtpclient.PhaseAuth || failure.Kind != smtpclient.KindProtocol {
				t.Error(failure)
			}
		})
	}
}

// Servers quote what they refuse, and what they say ends up in reports.
func TestServerThatQuotesCredentials(t *testing.T) {
	script := "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO client.test\nS: 250-x\\n250 AUTH PLAIN LOGIN XOAUTH2\nHEAR\n"
	encoded := base64.StdEncoding.EncodeToString([]byte("\x00user\x00hunter22"))
	for _, test := range []struct{ mechanism, rest, text string }{
		{"PLAIN", "S: 500 5.5.2 unknown: AUTH PLAIN " + encoded, "unknown: AUTH PLAIN [withheld]"},
		{"PLAIN", "S: 535 5.7.8 user has no password hunter22", "user has no password [withheld]"},
		{"LOGIN", "S: 500 5.5.2 unknown: AUTH LOGIN", "unknown: AUTH LOGIN"},
		{"XOAUTH2", "S: 535 5.7.8 token12345 has expired", "[withheld] has expired"},
	} {
		listener := play(t, script+test.rest+"\nSILENCE")
		client := config(t, listener, smtpclient.TLSStart)
		var err error
		client.Auth, err = smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: test.mechanism, User: "user", Password: "hunter22", Token: "token12345"})
		must(err)
		if failure := openFails(t, client); failure.Text() != test.text {
			t.Errorf("%s: %q", test.mechanism, failure.Text())
		}
	}
}

func TestCredentialsThatAreWrong(t *testing.T) {
	for _, credentials := range []smtpclient.Credentials{
		{}, {Mechanism: "CRAM-MD5", User: "u", Password: "p"}, {Mechanism: "PLAIN", Password: "p"}, {Mechanism: "PLAIN", User: "u"},
		{Mechanism: "XOAUTH2", User: "u"}, {Mechanism: "PLAIN", User: "a\x00b", Password: "p"},
		{Mechanism: "SCRAM-SHA-256-PLUS", User: "u", Password: "p", ChannelBinding: "tls-unique"},
	} {
		if _, err := smtpclient.NewAuthenticator(credentials); err == nil {
			t.Errorf("%+v is taken", credentials)
		}
	}
	external, err := smtpclient.NewAuthenticator(smtpclient.Credentials{Mechanism: "EXTERNAL"})
	must(err)
	c := config(t, 25, smtpclient.TLSStart)
	if c.Auth = external; c.Validate() == nil {
		t.Error("EXTERNAL without a certificate is valid")
	}
}

func TestServersThatSayNothing(t *testing.T) {
	for name, script := range map[string]string{
		"no greeting":        "SILENCE",
		"no answer to EHLO":  "S: 220 x\nC: EHLO client.test\nSILENCE",
		"no handshake":       "S: 220 x\nC: EHLO client.test\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\nSILENCE",
		"half of a greeting": "S: 220-x\nSILENCE",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := config(t, play(t, script), smtpclient.TLSStart)
			client.SetupTimeout = 100 * time.Millisecond
			if failure := openFails(t, client); failure.Kind != smtpclient.KindTimeout {
				t.Error(failure)
			}
		})
	}
}
