package smtpmodule

import (
	"crypto/tls"

	"go.k6.io/k6/v2/metrics"

	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/smtpclient"
)

type sample = metrics.Sample

// samplesForOne is how many samples a message needs that goes well over an open session.
const samplesForOne = 5

// Reply is what a script gets for a message. index.d.ts describes it.
type Reply struct {
	OK         bool             `js:"ok" json:"ok"`
	Code       int              `js:"code" json:"code"`
	Enhanced   string           `js:"enhanced" json:"enhanced"`
	Text       string           `js:"text" json:"text"`
	QueueID    string           `js:"queueId" json:"queueId"`
	MessageID  string           `js:"messageId" json:"messageId"`
	Phase      string           `js:"phase" json:"phase"`
	Kind       string           `js:"kind" json:"kind"`
	Accepted   int              `js:"accepted" json:"accepted"`
	Recipients []RecipientReply `js:"recipients" json:"recipients"`
	Size       int              `js:"size" json:"size"`
	Timings    Timings          `js:"timings" json:"timings"`
	TLS        *TLS             `js:"tls" json:"tls"`
	Reused     bool             `js:"reused" json:"reused"`
	Reconnects int              `js:"reconnects" json:"reconnects"`
}

// RecipientReply is the answer to one recipient.
type RecipientReply struct {
	Address  string `js:"address" json:"address"`
	OK       bool   `js:"ok" json:"ok"`
	Code     int    `js:"code" json:"code"`
	Enhanced string `js:"enhanced" json:"enhanced"`
	Text     string `js:"text" json:"text"`
}

// Timings are milliseconds.
type Timings struct {
	Submit      float64 `js:"submit" json:"submit"`
	Wait        float64 `js:"wait" json:"wait"`
	Connect     float64 `js:"connect" json:"connect"`
	TLS         float64 `js:"tls" json:"tls"`
	Auth        float64 `js:"auth" json:"auth"`
	Transaction float64 `js:"transaction" json:"transaction"`
	Mail        float64 `js:"mail" json:"mail"`
	Rcpt        float64 `js:"rcpt" json:"rcpt"`
	Data        float64 `js:"data" json:"data"`
	Accept      float64 `js:"accept" json:"accept"`
}

// TLS is how a connection was protected.
type TLS struct {
	Version     string `js:"version" json:"version"`
	Cipher      string `js:"cipher" json:"cipher"`
	KeyExchange string `js:"keyExchange" json:"keyExchange"`
	Resumed     bool   `js:"resumed" json:"resumed"`
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
	var id [96]byte
	r.MessageID = string(d.stamp.AppendMessageID(id[:0], d.target.options.domain))
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
	OK         bool              `js:"ok" json:"ok"`
	Phase      string            `js:"phase" json:"phase"`
	Kind       string            `js:"kind" json:"kind"`
	Code       int               `js:"code" json:"code"`
	Enhanced   string            `js:"enhanced" json:"enhanced"`
	Text       string            `js:"text" json:"text"`
	Extensions *Extensions       `js:"extensions" json:"extensions"`
	TLS        *TLS              `js:"tls" json:"tls"`
	Timings    ConnectionTimings `js:"timings" json:"timings"`
}

// Extensions are what a server offers.
type Extensions struct {
	Pipelining   bool     `js:"pipelining" json:"pipelining"`
	Chunking     bool     `js:"chunking" json:"chunking"`
	StartTLS     bool     `js:"startTls" json:"startTls"`
	EightBitMIME bool     `js:"eightBitMime" json:"eightBitMime"`
	SMTPUTF8     bool     `js:"smtpUtf8" json:"smtpUtf8"`
	DSN          bool     `js:"dsn" json:"dsn"`
	RequireTLS   bool     `js:"requireTls" json:"requireTls"`
	Size         int64    `js:"size" json:"size"`
	Auth         []string `js:"auth" json:"auth"`
}

// ConnectionTimings are milliseconds.
type ConnectionTimings struct {
	Connect float64 `js:"connect" json:"connect"`
	TLS     float64 `js:"tls" json:"tls"`
	Auth    float64 `js:"auth" json:"auth"`
	Setup   float64 `js:"setup" json:"setup"`
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
