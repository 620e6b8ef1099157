package smtpmodule

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/metrics"

	"hipaa-check/loadtests/extension/message"
	"hipaa-check/loadtests/extension/smtpclient"
)

// batchBuffers is how many messages of a batch are in use at once: the one under way, the one whose commands left with it,
// and the one that is being made.
const batchBuffers = 3

// samplesAtOnce bounds how long the samples of a batch are held back.
const samplesAtOnce = 500

// BatchReply is what a script gets for a batch. index.d.ts describes it.
type BatchReply struct {
	OK        bool            `js:"ok" json:"ok"`
	Attempted int             `js:"attempted" json:"attempted"`
	Accepted  int             `js:"accepted" json:"accepted"`
	Failed    int             `js:"failed" json:"failed"`
	Failures  []*BatchFailure `js:"failures" json:"failures"`
	Duration  float64         `js:"duration" json:"duration"`
}

// BatchFailure counts equal failures of a batch.
type BatchFailure struct {
	Phase    string `js:"phase" json:"phase"`
	Kind     string `js:"kind" json:"kind"`
	Code     int    `js:"code" json:"code"`
	Enhanced string `js:"enhanced" json:"enhanced"`
	Text     string `js:"text" json:"text"`
	Count    int    `js:"count" json:"count"`
}

// mostBatchFailures bounds how many failures of a batch are told apart.
const mostBatchFailures = 20

// batch is a batch on its way. d is reused for its messages.
type batch struct {
	*delivery
	session   *session
	request   *request
	template  *message.Template
	reply     *BatchReply
	envelopes smtpclient.Envelope
	contents  [batchBuffers]smtpclient.Content
	stamps    [batchBuffers]message.Stamp
	// done is how many messages have an outcome.
	done int
	// tried says that the message at hand has already met a session that had ended.
	tried bool
}

// sendBatch sends many messages over one session.
func (s *session) sendBatch(call sobek.FunctionCall) sobek.Value {
	i := s.instance
	d := s.deliver("sendBatch")
	request, template := i.readRequest("Session.sendBatch", call.Argument(0), true)
	d.attempt.Recipients = len(request.envelope.To)
	b := &batch{delivery: d, session: s, request: request, template: template, reply: &BatchReply{}}
	d.samples.list = make([]sample, 0, min(request.count*5, samplesAtOnce)+samplesForOne)
	if _, _, err := template.Render(nil, d.fields(&request.envelope)); err != nil {
		i.fail(fmt.Errorf("Session.sendBatch: %w", err))
	}
	for b.done < request.count && d.ctx.Err() == nil {
		if !b.acquire(b.tried) {
			b.giveUp()
			break
		}
		b.run()
	}
	d.samples.push(d.ctx, d.state)
	b.reply.OK = b.reply.Failed == 0 && b.done == request.count
	b.reply.Duration = metrics.D(time.Since(d.attempt.Called))
	slices.SortFunc(b.reply.Failures, func(x, y *BatchFailure) int { return cmp.Compare(y.Count, x.Count) })
	return i.vu.Runtime().ToValue(b.reply)
}

// run sends over the session at hand until everything is sent or the session ends.
func (b *batch) run() {
	limits, first := b.target.options.maxMessages, b.done
	count := b.request.count - first
	if b.target.options.connectPerMessage {
		count = 1
	} else if limits > 0 {
		count = min(count, max(limits-b.lease.Messages(), 1))
	}
	stale := false
	b.lease.SendBatch(b.ctx, &smtpclient.Batch{
		Count: count, Timeout: b.target.options.timeout,
		Prepare: func(index int) (*smtpclient.Envelope, *smtpclient.Content) { return b.prepare(first + index) },
		Done: func(index int, outcome *smtpclient.Outcome) {
			if outcome.Stale && !b.tried {
				stale, b.tried = true, true
				return
			}
			b.tried = false
			b.take(first+index, outcome)
		},
	})
	if b.target.options.connectPerMessage {
		b.lease.Quit(false)
	}
	b.target.pool.Release(b.lease)
	if stale {
		b.target.figures.Reconnected()
		b.samples.add(b.instance.metrics.reconnects, 1)
	}
}

func (b *batch) prepare(index int) (*smtpclient.Envelope, *smtpclient.Content) {
	slot := index % batchBuffers
	buffers := &b.instance.buffers
	content, buffer, _ := b.template.Render(buffers[slot], b.fields(&b.request.envelope)) // It was tried before.
	buffers[slot], b.contents[slot], b.stamps[slot] = buffer, content, b.stamp
	return &b.request.envelope, &b.contents[slot]
}

// take counts the outcome of a message.
func (b *batch) take(index int, outcome *smtpclient.Outcome) {
	b.attempt.Outcome, b.attempt.Sequence = outcome, b.stamps[index%batchBuffers].Sequence
	b.attempt.Ready = outcome.Begun
	b.done++
	b.tally(outcome)
	b.count()
	if len(b.samples.list) >= samplesAtOnce {
		b.samples.push(b.ctx, b.state)
		b.samples.list = make([]sample, 0, samplesAtOnce+samplesForOne)
	}
}

func (b *batch) tally(outcome *smtpclient.Outcome) {
	b.reply.Attempted++
	if outcome.Failure == nil {
		b.reply.Accepted++
		for _, recipient := range outcome.Recipients {
			if !recipient.Reply.Positive() {
				b.note(&smtpclient.Failure{Phase: smtpclient.PhaseRcpt, Kind: smtpclient.KindRefused, Reply: recipient.Reply})
			}
		}
		if outcome.Accepted < b.attempt.Recipients {
			b.reply.Failed++
		}
		return
	}
	b.reply.Failed++
	b.note(outcome.Failure)
}

func (b *batch) note(failure *smtpclient.Failure) {
	for _, known := range b.reply.Failures {
		isSame := known.Phase == string(failure.Phase) && known.Kind == string(failure.Kind) && known.Code == failure.Reply.Code
		if isSame && (known.Text == failure.Text() || len(b.reply.Failures) >= mostBatchFailures) {
			known.Count++
			return
		}
	}
	b.reply.Failures = append(b.reply.Failures, &BatchFailure{
		Phase: string(failure.Phase), Kind: string(failure.Kind), Code: failure.Reply.Code,
		Enhanced: failure.Reply.Enhanced, Text: failure.Text(), Count: 1,
	})
}

// giveUp counts the message for which there was no session, and those behind it, as failed.
func (b *batch) giveUp() {
	outcome := b.attempt.Outcome
	for b.done < b.request.count {
		b.fields(&b.request.envelope)
		b.stamps[b.done%batchBuffers] = b.stamp
		b.take(b.done, outcome)
	}
}
