package smtpmodule

import (
	"fmt"
	"time"

	"github.com/grafana/sobek"

	"hipaa-check/loadtests/extension/message"
	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/smtpclient"
)

// session is what a script holds.
type session struct {
	instance *Instance
	target   *target
}

// newSession is the constructor of Session.
func (i *Instance) newSession(call sobek.ConstructorCall) *sobek.Object {
	options, err := readOptions(i.toObject("Session: options", call.Argument(0)))
	if err != nil {
		i.fail(fmt.Errorf("Session: %w", err))
	}
	s := &session{instance: i, target: i.root.target(options)}
	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"send": s.send, "sendBatch": s.sendBatch, "connect": s.connect, "close": s.close,
	} {
		if err := call.This.Set(name, method); err != nil {
			i.fail(err)
		}
	}
	return call.This
}

// deliver prepares to send what a virtual user asks for now.
func (s *session) deliver(method string) *delivery {
	i := s.instance
	state := i.state("Session." + method)
	called := time.Now()
	if err := s.target.open(i.root.run, state); err != nil {
		i.fail(fmt.Errorf("Session: %w", err))
	}
	d := &i.delivery
	*d = delivery{
		instance: i, target: s.target, state: state, ctx: i.vu.Context(),
		attempt: results.Attempt{Called: called},
		samples: samples{time: called, list: make([]sample, 0, samplesForOne)},
	}
	d.account, d.attempt.Intended = i.account(state, called)
	return d
}

// fields are what differs from message to message.
func (d *delivery) fields(envelope *smtpclient.Envelope) *message.Fields {
	d.stamp = d.instance.root.run.Stamp(d.attempt.Intended, time.Now())
	d.attempt.Sequence = d.stamp.Sequence
	return &message.Fields{From: envelope.From, To: envelope.To, Stamp: d.stamp, Domain: d.target.options.domain}
}

// send sends one message.
func (s *session) send(call sobek.FunctionCall) sobek.Value {
	i := s.instance
	d := s.deliver("send")
	request, template := i.readRequest("Session.send", call.Argument(0), false)
	d.attempt.Recipients = len(request.envelope.To)
	reply := &Reply{}
	if d.acquire(false) {
		content, buffer, err := template.Render(i.buffers[0], d.fields(&request.envelope))
		i.buffers[0] = buffer
		if err != nil {
			s.target.pool.Release(d.lease)
			i.fail(fmt.Errorf("Session.send: %w", err))
		}
		s.transmit(d, &request.envelope, &content)
		reply.describe(d)
	}
	reply.fill(d)
	d.count()
	d.samples.push(d.ctx, d.state)
	return i.vu.Runtime().ToValue(reply)
}

// transmit sends the message, once more over a new session when the server had ended the first one.
func (s *session) transmit(d *delivery, envelope *smtpclient.Envelope, content *smtpclient.Content) {
	options := &s.target.options
	for {
		quit := options.connectPerMessage || s.target.pool.IsLast(d.lease)
		outcome := d.lease.Send(d.ctx, envelope, content, options.timeout, quit)
		d.attempt.Outcome = outcome
		if !outcome.Stale || d.reconnects > 0 {
			s.target.pool.Release(d.lease)
			return
		}
		if !d.replace() {
			return
		}
	}
}

// connect opens a connection of its own and tells about it.
func (s *session) connect(sobek.FunctionCall) sobek.Value {
	i := s.instance
	state := i.state("Session.connect")
	if err := s.target.open(i.root.run, state); err != nil {
		i.fail(fmt.Errorf("Session: %w", err))
	}
	opened, setup, failure := smtpclient.Open(i.vu.Context(), s.target.config, state.Dialer.DialContext)
	connection := describeConnection(opened, &setup, failure)
	if opened != nil {
		opened.Quit(true)
	}
	return i.vu.Runtime().ToValue(connection)
}

// close ends the idle sessions of the pool.
func (s *session) close(sobek.FunctionCall) sobek.Value {
	s.instance.state("Session.close")
	if s.target.pool != nil {
		s.target.pool.CloseIdle()
	}
	return sobek.Undefined()
}
