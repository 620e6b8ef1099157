package sink

import (
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/xdg-go/scram"
)

var errRefused = errors.New("credentials refused")

// auth runs one authentication.
func (s *session) auth(rest string) error {
	options := s.server.options.Auth
	mechanism, initial, hasInitial := strings.Cut(strings.TrimSpace(rest), " ")
	mechanism = strings.ToUpper(mechanism)
	switch {
	case options == nil || s.tlsState == nil || s.authenticated || s.inMail:
		s.say(503, "5.5.1", "no AUTH here and now")
		return nil
	case !slices.Contains(options.Mechanisms, mechanism):
		s.say(504, "5.5.4", "mechanism not offered")
		return nil
	}
	dialogue := &dialogue{session: s}
	if hasInitial {
		dialogue.initial = &initial
	}
	err := s.server.authenticate(mechanism, dialogue, s)
	switch {
	case errors.Is(err, errRefused):
		return s.reply(PhaseAuth, func() { s.say(535, "5.7.8", "authentication failed") })
	case errors.Is(err, errMalformed):
		s.say(501, "5.5.2", "not base64")
		return nil
	case err != nil:
		return err
	}
	return s.reply(PhaseAuth, func() {
		s.authenticated = true
		s.server.figures.authenticated.Add(1)
		s.say(235, "2.7.0", "authenticated")
	})
}

var errMalformed = errors.New("response is not base64")

// dialogue exchanges challenges and responses.
type dialogue struct {
	session *session
	initial *string
}

// ask sends a challenge, unless the client has already sent its response along with AUTH, and gives the response.
func (d *dialogue) ask(challenge string) (string, error) {
	if d.initial != nil {
		response := *d.initial
		d.initial = nil
		if response == "=" {
			return "", nil
		}
		return decode(response)
	}
	d.session.say(334, "", base64.StdEncoding.EncodeToString([]byte(challenge)))
	line, err := d.session.reader.line()
	if err != nil {
		return "", err
	}
	if string(line) == "*" {
		return "", errRefused
	}
	return decode(string(line))
}

func decode(response string) (string, error) {
	decoded, err := base64.StdEncoding.DecodeString(response)
	if err != nil {
		return "", errMalformed
	}
	return string(decoded), nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// authenticate decides about one client.
func (s *Server) authenticate(mechanism string, dialogue *dialogue, of *session) error {
	options := s.options.Auth
	isRight, err := false, error(nil)
	switch mechanism {
	case "PLAIN":
		var response string
		if response, err = dialogue.ask(""); err == nil {
			parts := strings.Split(response, "\x00")
			isRight = len(parts) == 3 && same(parts[1], options.User) && same(parts[2], options.Password)
		}
	case "LOGIN":
		var user, password string
		if user, err = dialogue.ask("Username:"); err == nil {
			password, err = dialogue.ask("Password:")
		}
		isRight = same(user, options.User) && same(password, options.Password)
	case "XOAUTH2", "OAUTHBEARER":
		isRight, err = bearer(dialogue, options.Token)
	case "EXTERNAL":
		_, err = dialogue.ask("")
		isRight = len(of.tlsState.VerifiedChains) > 0
	default:
		isRight, err = s.scram(mechanism, dialogue, of)
	}
	switch {
	case err != nil:
		return err
	case !isRight:
		return errRefused
	}
	return nil
}

// bearer decides about the token of XOAUTH2 and OAUTHBEARER, which have a last empty round after a failure.
func bearer(dialogue *dialogue, token string) (bool, error) {
	response, err := dialogue.ask("")
	if err != nil {
		return false, err
	}
	for _, field := range strings.Split(response, "\x01") {
		if given, found := strings.CutPrefix(field, "auth=Bearer "); found && same(given, token) {
			return true, nil
		}
	}
	_, err = dialogue.ask(`{"status":"401"}`)
	return false, err
}

// scramIterations is the least that RFC 7677 recommends.
const scramIterations = 4096

func (s *Server) scram(mechanism string, dialogue *dialogue, of *session) (bool, error) {
	client, err := scram.SHA256.NewClient(s.options.Auth.User, s.options.Auth.Password, "")
	if err != nil {
		return false, errRefused
	}
	stored, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "smtp-sink salt", Iters: scramIterations})
	if err != nil {
		return false, errRefused
	}
	server, err := scram.SHA256.NewServer(func(user string) (scram.StoredCredentials, error) {
		if !same(user, s.options.Auth.User) {
			return scram.StoredCredentials{}, errRefused
		}
		return stored, nil
	})
	if err != nil {
		return false, errRefused
	}
	first, err := dialogue.ask("")
	if err != nil {
		return false, err
	}
	conversation := server.NewConversation()
	if mechanism == "SCRAM-SHA-256-PLUS" {
		binding, err := s.channelBinding(first, of)
		if err != nil {
			return false, errRefused
		}
		conversation = server.NewConversationWithChannelBindingRequired(binding)
	}
	challenge, err := conversation.Step(first)
	for err == nil && !conversation.Done() {
		var response string
		if response, err = dialogue.ask(challenge); err != nil {
			return false, err
		}
		challenge, err = conversation.Step(response)
	}
	if err != nil || !conversation.Valid() {
		return false, nil
	}
	// The server's proof goes in a last challenge (RFC 5802, 5, in SMTP's framing).
	_, err = dialogue.ask(challenge)
	return err == nil, err
}

func (s *Server) channelBinding(first string, of *session) (scram.ChannelBinding, error) {
	if strings.HasPrefix(first, "p=tls-server-end-point,") {
		// The library takes the certificate of the peer, which on this side is the sink itself.
		own := *of.tlsState
		own.PeerCertificates = []*x509.Certificate{s.tls.Certificates[0].Leaf}
		return scram.NewTLSServerEndpointBinding(&own)
	}
	return scram.NewTLSExporterBinding(of.tlsState)
}
