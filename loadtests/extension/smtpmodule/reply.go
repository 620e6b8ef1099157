package smtpmodule

import (
	"crypto/tls"

	"go.k6.io/k6/v2/metrics"

	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/smtpclient"
)

type sample = metrics.Sample

// samplesForOne is how many samples a message needs, with a new session and without phases.
const samplesForOne = 10

// Reply is what a script gets for a message. index.d.ts describes it.
type Reply struct {
	OK         bool             `js:"ok"`
	Code       int              `js:"code"`
	Enhanced   string           `js:"enhanced"`
	Text       string           `js:"text"`
	QueueID    string           `js:"queueId"`
	MessageID  string           `js:"messageId"`
	Phase      string           `js:"phase"`
	Kind       string           `js:"kind"`
	Accepted   int              `js:"accepted"`
	Recipients []RecipientReply `js:"recipients"`
	Size       int              `js:"size"`
	Timings    Timings          `js:"timings"`
	TLS        *TLS             `js:"tls"`
	Reused     bool             `js:"reused"`
	Reconnects int              `js:"reconnects"`
}

// RecipientReply is the answer to one recipient.
type RecipientReply struct {
	Address  string `js:"address"`
	OK       bool   `js:"ok"`
	Code     int    `js:"code"`
	Enhanced string `js:"enhanced"`
	Text     string `js:"text"`
}

// Timings are milliseconds.
type Timings struct {
	Submit      float64 `js:"submit"`
	Wait        float64 `js:"wait"`
	Connect     float64 `js:"connect"`
	TLS         float64 `js:"tls"`
	Auth        float64 `js:"auth"`
	Transaction float64 `js:"transaction"`
	Mail        float64 `js:"mail"`
	Rcpt        float64 `js:"rcpt"`
	Data        float64 `js:"data"`
	Accept      float64 `js:"accept"`
}

// TLS is how a connection was protected.
type TLS struct {
	Version     string `js:"version"`
	Cipher      string `js:"cipher"`
	KeyExchange string `js:"keyExchange"`
	Resumed     bool   `js:"resumed"`
}

func describeTLS(state *tls.ConnectionState) *TLS {
	if state == nil {
		return nil
	}
	return &TLS{
		Version: results.TLSVersion(state), Cipher: tls.CipherSuiteName(state.CipherSuite),
		KeyExchange: state.CurveID.String(), Resumed: state.DidResume,
	}
}

// describe tells about the session that carried the message.
func (r *Reply) describe(d *delivery) {
	r.MessageID = string(d.stamp.AppendMessageID(nil, d.target.options.domain))
	r.Reconnects, r.Reused, r.TLS = d.reconnects, d.reused, describeTLS(d.tls)
}

// fill tells what became of the message.
func (r *Reply) fill(d *delivery) {
	outcome, setup := d.attempt.Outcome, d.lease.Setup
	r.Phase = string(smtpclient.PhaseContent)
	r.Code, r.Enhanced, r.Text = outcome.Reply.Code, outcome.Reply.Enhanced, outcome.Reply.Text
	r.Accepted, r.Size = outcome.Accepted, outcome.Octets
	if failure := outcome.Failure; failure != nil {
		r.Phase, r.Kind, r.Text = string(failure.Phase), string(failure.Kind), failure.Text()
	} else {
		r.OK = outcome.Accepted == d.attempt.Recipients
		r.QueueID = outcome.Reply.QueueID()
	}
	r.Recipients = make([]RecipientReply, len(outcome.Recipients))
	for index, recipient := range outcome.Recipients {
		reply := &recipient.Reply
		r.Recipients[index] = RecipientReply{recipient.Address, reply.Positive(), reply.Code, reply.Enhanced, reply.Text}
	}
	t := &outcome.Timings
	r.Timings = Timings{
		Submit: metrics.D(d.attempt.Submit()), Wait: metrics.D(d.attempt.Ready.Sub(d.attempt.Called)),
		Transaction: metrics.D(t.Transaction), Mail: metrics.D(t.Mail), Rcpt: metrics.D(t.Rcpt),
		Data: metrics.D(t.Data), Accept: metrics.D(t.Accept),
	}
	if setup != nil {
		r.Timings.Connect, r.Timings.TLS, r.Timings.Auth = metrics.D(setup.Connect), metrics.D(setup.TLS), metrics.D(setup.Auth)
	}
}

// Connection is what a script gets from connect().
type Connection struct {
	OK         bool              `js:"ok"`
	Phase      string            `js:"phase"`
	Kind       string            `js:"kind"`
	Code       int               `js:"code"`
	Enhanced   string            `js:"enhanced"`
	Text       string            `js:"text"`
	Extensions *Extensions       `js:"extensions"`
	TLS        *TLS              `js:"tls"`
	Timings    ConnectionTimings `js:"timings"`
}

// Extensions are what a server offers.
type Extensions struct {
	Pipelining   bool     `js:"pipelining"`
	Chunking     bool     `js:"chunking"`
	StartTLS     bool     `js:"startTls"`
	EightBitMIME bool     `js:"eightBitMime"`
	SMTPUTF8     bool     `js:"smtpUtf8"`
	DSN          bool     `js:"dsn"`
	RequireTLS   bool     `js:"requireTls"`
	Size         int64    `js:"size"`
	Auth         []string `js:"auth"`
}

// ConnectionTimings are milliseconds.
type ConnectionTimings struct {
	Connect float64 `js:"connect"`
	TLS     float64 `js:"tls"`
	Auth    float64 `js:"auth"`
	Setup   float64 `js:"setup"`
}

func describeConnection(opened *smtpclient.Session, setup *smtpclient.SetupTimings, failure *smtpclient.Failure) *Connection {
	c := &Connection{Timings: ConnectionTimings{
		Connect: metrics.D(setup.Connect), TLS: metrics.D(setup.TLS), Auth: metrics.D(setup.Auth), Setup: metrics.D(setup.Total),
	}}
	if failure != nil {
		c.Phase, c.Kind, c.Text = string(failure.Phase), string(failure.Kind), failure.Text()
		c.Code, c.Enhanced = failure.Reply.Code, failure.Reply.Enhanced
		return c
	}
	offered := opened.Extensions()
	c.OK, c.Phase, c.TLS = true, string(smtpclient.PhaseEHLO), describeTLS(opened.TLS())
	c.Extensions = &Extensions{
		Pipelining: offered.Pipelining, Chunking: offered.Chunking, StartTLS: offered.StartTLS, EightBitMIME: offered.EightBit,
		SMTPUTF8: offered.UTF8, DSN: offered.DSN, RequireTLS: offered.RequireTLS, Size: offered.MaxSize,
		Auth: append([]string{}, offered.Auth...),
	}
	return c
}
