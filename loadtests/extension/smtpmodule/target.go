package smtpmodule

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"go.k6.io/k6/v2/lib"

	"hipaa-check/loadtests/extension/message"
	"hipaa-check/loadtests/extension/pool"
	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/smtpclient"
)

// target is what all sessions with the same options share.
type target struct {
	options sessionOptions
	figures *results.Target

	begin  sync.Once
	config *smtpclient.Config
	pool   *pool.Pool
	err    error
}

// target gives what sessions with these options share.
func (r *Root) target(options sessionOptions) *target {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found := r.targets[options]
	if found == nil {
		found = &target{options: options}
		r.targets[options] = found
	}
	return found
}

// open makes the pool on first use, because k6's own TLS options are known only then.
func (t *target) open(run *results.Run, state *lib.State) error {
	t.begin.Do(func() {
		o := &t.options
		if t.config, t.err = o.config(state.TLSConfig); t.err != nil {
			return
		}
		t.pool = pool.New(t.config, o.limits())
		t.figures = &results.Target{
			Host: o.host, Port: o.port, TLS: string(o.mode), Sessions: o.sessions,
			Pipelining: o.pipelining, Chunking: o.chunking, ConnectPerMessage: o.connectPerMessage, Resume: o.tls.Resume,
			AtOnce: t.pool.AtOnce,
		}
		if t.config.Auth != nil {
			t.figures.Auth = t.config.Auth.Mechanism()
		}
		run.AddTarget(t.figures)
		run.Watch()
	})
	return t.err
}

// delivery is one message on its way through a pool.
type delivery struct {
	instance *Instance
	target   *target
	state    *lib.State
	ctx      context.Context
	account  *results.Scenario
	samples  samples
	attempt  results.Attempt
	lease    pool.Lease
	// tls and reused tell about the session; the lease itself is others' once it is given back.
	tls    *tls.ConnectionState
	reused bool
	// stamp is that of the message, the same for every try.
	stamp      message.Stamp
	reconnects int
}

// acquire gets a session for the message. It returns false when there is none, and the outcome says why.
func (d *delivery) acquire(fresh bool) bool {
	lease, failure := d.target.pool.Acquire(d.ctx, d.state.Dialer.DialContext, fresh || d.target.options.connectPerMessage)
	d.attempt.Ready = time.Now()
	d.lease, d.tls, d.reused = lease, nil, false
	if failure == nil {
		d.tls, d.reused = lease.TLS(), lease.Setup == nil
	}
	d.useTags()
	if lease.Setup != nil {
		d.account.RecordSetup(lease.Setup, failure == nil)
	}
	if failure != nil {
		if failure.Phase != smtpclient.PhaseWait {
			d.target.figures.Failed()
		}
		d.attempt.Outcome = &smtpclient.Outcome{Failure: failure, Reply: failure.Reply, Begun: d.attempt.Ready, Ended: d.attempt.Ready}
		return false
	}
	if setup := lease.Setup; setup != nil {
		m := d.instance.metrics
		d.target.figures.Opened(d.tls)
		d.samples.add(m.sessions, 1)
		d.samples.addDuration(m.connecting, setup.Connect)
		d.samples.addDuration(m.setup, setup.Total)
		if setup.TLS > 0 {
			d.samples.addDuration(m.handshaking, setup.TLS)
		}
		if setup.Auth > 0 {
			d.samples.addDuration(m.authenticating, setup.Auth)
		}
	}
	return true
}

// useTags says in the tags how the session is protected.
func (d *delivery) useTags() {
	version := ""
	if d.tls != nil {
		version = results.TLSVersion(d.tls)
	}
	d.samples.tags, d.samples.metadata = d.instance.tagSet(d.state, version)
}

// replace takes a new session in place of one that the server had ended.
func (d *delivery) replace() bool {
	d.target.pool.Release(d.lease)
	d.target.figures.Reconnected()
	d.samples.add(d.instance.metrics.reconnects, 1)
	d.reconnects++
	return d.acquire(true)
}

// count puts what has become of the message on all accounts.
func (d *delivery) count() {
	outcome, m, s := d.attempt.Outcome, d.instance.metrics, &d.samples
	d.account.Record(&d.attempt)
	accepted := outcome.Failure == nil
	isWhole := accepted && outcome.Accepted == d.attempt.Recipients
	s.time = outcome.Ended
	if outcome.Octets > 0 || outcome.Plaintext {
		s.add(m.plaintext, rate(outcome.Plaintext))
	}
	s.add(m.sendFailed, rate(!isWhole))
	if !accepted {
		failure := outcome.Failure
		d.instance.addFailure(s, d.state, failure.Phase, failure.Kind, failure.Reply)
		return
	}
	for _, recipient := range outcome.Recipients {
		if !recipient.Reply.Positive() {
			d.instance.addFailure(s, d.state, smtpclient.PhaseRcpt, smtpclient.KindRefused, recipient.Reply)
		}
	}
	s.add(m.messages, 1)
	s.addDuration(m.sendDuration, d.attempt.Submit())
	s.addDuration(m.acceptDuration, outcome.Timings.Accept)
	if d.target.options.phaseTrends {
		s.addDuration(m.waiting, d.attempt.Ready.Sub(d.attempt.Called))
		s.addDuration(m.transaction, outcome.Timings.Transaction)
		s.addDuration(m.mailDuration, outcome.Timings.Mail)
		s.addDuration(m.rcptDuration, outcome.Timings.Rcpt)
		s.addDuration(m.dataDuration, outcome.Timings.Data)
	}
}

func rate(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
