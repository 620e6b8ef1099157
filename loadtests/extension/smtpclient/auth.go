package smtpclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
)

// Credentials are what a script gives for authentication.
type Credentials struct {
	// Mechanism is PLAIN, LOGIN, XOAUTH2, OAUTHBEARER, SCRAM-SHA-256, SCRAM-SHA-256-PLUS or EXTERNAL.
	Mechanism string
	User      string
	Password  string
	// Token is the bearer token of XOAUTH2 and OAUTHBEARER.
	Token string
	// Identity is the identity to act as; empty for the user itself.
	Identity string
	// ChannelBinding is "tls-exporter" or "tls-server-end-point", for SCRAM-SHA-256-PLUS. Empty: tls-exporter with
	// TLS 1.3, tls-server-end-point with TLS 1.2.
	ChannelBinding string
}

// Authenticator holds checked credentials and, for SCRAM, the keys derived from them, so that thousands of sessions
// derive them once. It is safe for use by many sessions.
type Authenticator struct {
	credentials Credentials
	scram       *scram.Client
}

// NewAuthenticator checks credentials.
func NewAuthenticator(credentials Credentials) (*Authenticator, error) {
	credentials.Mechanism = strings.ToUpper(credentials.Mechanism)
	authenticator := &Authenticator{credentials: credentials}
	for _, value := range []string{credentials.User, credentials.Password, credentials.Token, credentials.Identity} {
		if strings.ContainsAny(value, "\x00\x01") {
			return nil, errors.New("auth values cannot contain control characters")
		}
	}
	needsPassword, needsToken := false, false
	switch credentials.Mechanism {
	case "PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS":
		needsPassword = true
	case "XOAUTH2", "OAUTHBEARER":
		needsToken = true
	case "EXTERNAL":
	case "":
		return nil, errors.New("auth.mechanism is missing")
	default:
		return nil, fmt.Errorf("auth.mechanism %q is not known", credentials.Mechanism)
	}
	if (needsPassword || needsToken) && credentials.User == "" {
		return nil, errors.New("auth.user is missing")
	}
	if needsPassword && credentials.Password == "" {
		return nil, errors.New("auth.password is missing")
	}
	if needsToken && credentials.Token == "" {
		return nil, errors.New("auth.token is missing")
	}
	switch credentials.ChannelBinding {
	case "", "tls-exporter", "tls-server-end-point":
	default:
		return nil, fmt.Errorf("auth.channelBinding %q is not known", credentials.ChannelBinding)
	}
	if strings.HasPrefix(credentials.Mechanism, "SCRAM-") {
		client, err := scram.SHA256.NewClient(credentials.User, credentials.Password, credentials.Identity)
		if err != nil {
			return nil, fmt.Errorf("auth: %w", err)
		}
		authenticator.scram = client
	}
	return authenticator, nil
}

// Mechanism is the name of the mechanism in capitals.
func (a *Authenticator) Mechanism() string { return a.credentials.Mechanism }

// shortestSecret is the length from which on a text is looked for in what a server says: shorter ones occur by chance.
const shortestSecret = 4

// withhold takes credentials out of a server's words: some quote the line that they refuse.
func (a *Authenticator) withhold(words, line string) string {
	response := line[strings.LastIndexByte(line, ' ')+1:]
	for _, secret := range []string{response, a.credentials.Password, a.credentials.Token} {
		if len(secret) >= shortestSecret && secret != a.credentials.Mechanism {
			words = strings.ReplaceAll(words, secret, "[withheld]")
		}
	}
	return words
}

func (a *Authenticator) needsCertificate() bool { return a.credentials.Mechanism == "EXTERNAL" }

// exchange is one run of a mechanism: an initial response, then an answer to each challenge.
type exchange struct {
	initial string
	// noInitial says that the mechanism begins with a challenge.
	noInitial bool
	// answer gives the response to a challenge, or an error that ends the exchange.
	answer func(challenge string) (string, error)
	// verify is called when the server says that authentication succeeded.
	verify func() error
}

func accepted() error { return nil }

func noChallenge(string) (string, error) {
	return "", errors.New("the server sent a challenge that the mechanism does not have")
}

// start begins an exchange on a session that is protected by TLS.
func (a *Authenticator) start(state *tls.ConnectionState, host string, port int) (*exchange, error) {
	c := a.credentials
	switch c.Mechanism {
	case "PLAIN":
		return &exchange{initial: c.Identity + "\x00" + c.User + "\x00" + c.Password, answer: noChallenge, verify: accepted}, nil
	case "EXTERNAL":
		return &exchange{initial: c.Identity, answer: noChallenge, verify: accepted}, nil
	case "LOGIN":
		return a.startLogin(), nil
	case "XOAUTH2":
		// After a failure the server explains it in a challenge and waits for an empty response.
		return &exchange{
			initial: "user=" + c.User + "\x01auth=Bearer " + c.Token + "\x01\x01",
			answer:  func(string) (string, error) { return "", nil }, verify: accepted,
		}, nil
	case "OAUTHBEARER":
		identity := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(c.User)
		return &exchange{
			initial: fmt.Sprintf("n,a=%s,\x01host=%s\x01port=%d\x01auth=Bearer %s\x01\x01", identity, host, port, c.Token),
			answer:  func(string) (string, error) { return "\x01", nil }, verify: accepted,
		}, nil
	}
	return a.startScram(state)
}

func (a *Authenticator) startLogin() *exchange {
	step := 0
	return &exchange{noInitial: true, verify: accepted, answer: func(string) (string, error) {
		step++
		switch step {
		case 1:
			return a.credentials.User, nil
		case 2:
			return a.credentials.Password, nil
		}
		return noChallenge("")
	}}
}

// maxScramIterations bounds the work that a server can make a client do: a few tenths of a second.
const maxScramIterations = 500_000

func (a *Authenticator) startScram(state *tls.ConnectionState) (*exchange, error) {
	conversation := a.scram.NewConversation()
	if a.credentials.Mechanism == "SCRAM-SHA-256-PLUS" {
		binding, err := a.channelBinding(state)
		if err != nil {
			return nil, err
		}
		conversation = a.scram.NewConversationWithChannelBinding(binding)
	}
	initial, err := conversation.Step("")
	if err != nil {
		return nil, err
	}
	return &exchange{
		initial: initial,
		answer: func(challenge string) (string, error) {
			if err := checkScramIterations(challenge); err != nil {
				return "", err
			}
			return conversation.Step(challenge)
		},
		verify: func() error {
			if !conversation.Valid() {
				return errors.New("the server has not proved that it knows the password")
			}
			return nil
		},
	}, nil
}

func (a *Authenticator) channelBinding(state *tls.ConnectionState) (scram.ChannelBinding, error) {
	kind := a.credentials.ChannelBinding
	if kind == "" && state.Version < tls.VersionTLS13 || kind == "tls-server-end-point" {
		return scram.NewTLSServerEndpointBinding(state)
	}
	return scram.NewTLSExporterBinding(state)
}

func checkScramIterations(challenge string) error {
	for _, field := range strings.Split(challenge, ",") {
		count, found := strings.CutPrefix(field, "i=")
		if !found {
			continue
		}
		if iterations, err := strconv.Atoi(count); err != nil || iterations > maxScramIterations {
			return fmt.Errorf("the server asks for %.20q iterations, and at most %d are done", count, maxScramIterations)
		}
	}
	return nil
}
