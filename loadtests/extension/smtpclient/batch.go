package smtpclient

import (
	"context"
	"time"
)

// Batch is many messages for one session.
type Batch struct {
	Count int
	// Timeout bounds each message.
	Timeout time.Duration
	// Prepare gives the envelope and content of a message. What it returns stays in use until it has been called
	// twice more.
	Prepare func(index int) (*Envelope, *Content)
	// Done takes each outcome, in order.
	Done func(index int, outcome *Outcome)
}

// SendBatch sends messages behind each other. With pipelining the commands of the next message leave together with
// the end of the message before it (RFC 2920, 3.1), which saves a round trip. It returns how many messages got an
// outcome: fewer than Count when the session ended, and then nothing of the others has been sent.
func (s *Session) SendBatch(ctx context.Context, batch *Batch) int {
	release := s.interruptWith(ctx)
	done := 0
	var ahead *transaction
	for ; done < batch.Count && !s.broken && ctx.Err() == nil; done++ {
		t := ahead
		if ahead = nil; t == nil {
			t = s.prepare(ctx, batch, done)
		}
		_ = s.raw.SetDeadline(time.Now().Add(batch.Timeout))
		if !t.pipelines() || t.chunks() {
			t.run(false)
		} else {
			ahead = t.runAhead(batch, done)
		}
		t.finish()
		batch.Done(done, t.outcome)
	}
	if release() {
		s.broken = true
	}
	return done
}

func (s *Session) prepare(ctx context.Context, batch *Batch, index int) *transaction {
	envelope, content := batch.Prepare(index)
	now := time.Now()
	return &transaction{
		session: s, ctx: ctx, envelope: envelope, content: content,
		outcome: &Outcome{Begun: now}, idle: now.Sub(s.lastUsed),
	}
}

// runAhead runs one message, whose commands have been sent when t.commanded is set, and returns the next one if its
// commands left together with this message.
func (t *transaction) runAhead(batch *Batch, index int) (ahead *transaction) {
	s := t.session
	if !t.commanded {
		if !t.inStep() {
			return nil
		}
		if failure := t.envelope.check(&s.extensions, s.tlsState != nil, t.content); failure != nil {
			t.outcome.Failure = failure
			return nil
		}
		if !t.writeCommands(dataCommand) {
			return nil
		}
	}
	if !t.readEnvelopeReplies() || !t.readDataReply() {
		return nil
	}
	tail := terminator
	if index+1 < batch.Count {
		ahead = s.prepare(t.ctx, batch, index+1)
		if ahead.envelope.check(&s.extensions, s.tlsState != nil, ahead.content) != nil {
			ahead = nil
		} else {
			ahead.commanded = true
			s.commands = append(s.commands[:0], terminator...)
			s.commands = append(ahead.appendCommands(s.commands), dataCommand...)
			tail = s.commands
		}
	}
	t.sendContent(nil, true, tail)
	if s.broken {
		return nil
	}
	return ahead
}
