package smtpclient

import (
	"context"
	"time"
)

// RecipientOutcome is the server's answer to one recipient.
type RecipientOutcome struct {
	Address string
	Reply   Reply
}

// Timings are the phases of one transaction, 0 where a phase was not reached. With pipelining the replies to MAIL,
// RCPT and DATA come together, and their times run from the one write that carried them.
type Timings struct {
	// Mail, Rcpt and Data run from sending the command to its (last) reply.
	Mail, Rcpt, Data time.Duration
	// Accept runs from the write that ends the message to the final reply.
	Accept time.Duration
	// Transaction runs from MAIL to the final reply.
	Transaction time.Duration
}

// Outcome is what became of one message.
type Outcome struct {
	// Failure is nil when the server has accepted the message for at least one recipient.
	Failure *Failure
	// Reply is the final reply to the message, or the refusal that ended the transaction.
	Reply Reply
	// Recipients has one entry for each recipient that was answered, in order.
	Recipients []RecipientOutcome
	// Accepted is the number of recipients for which the message was accepted.
	Accepted int
	Timings  Timings
	// Begun is when MAIL was sent, Ended when the outcome was known.
	Begun, Ended time.Time
	// Octets is the message's size, 0 when it was not sent.
	Octets int
	// Plaintext says that the message went over a connection without TLS.
	Plaintext bool
	// Stale says that the server had ended the session before MAIL reached it, so that nothing of this message was
	// looked at and it can be sent over another session.
	Stale bool

	// one is where Recipients stands for a message with one recipient.
	one [1]RecipientOutcome
}

var (
	terminator  = []byte(".\r\n")
	dataCommand = []byte("DATA\r\n")
	quitCommand = []byte("QUIT\r\n")
)

// transaction is one message on its way.
type transaction struct {
	session  *Session
	ctx      context.Context
	envelope *Envelope
	content  *Content
	outcome  *Outcome
	idle     time.Duration
	// answered says that the server has replied to a command of this message.
	answered bool
	// committed says that the whole message has left, so that only the server knows what became of it.
	committed bool
	// commanded says that the commands were sent together with the message before.
	commanded bool
	// reset says that RSET went in front of MAIL.
	reset bool
}

// Send sends one message. ctx ends it early; timeout bounds it in any case. quit ends the session with it, without a
// further round trip.
func (s *Session) Send(ctx context.Context, envelope *Envelope, content *Content, timeout time.Duration, quit bool) *Outcome {
	now := time.Now()
	outcome := &Outcome{Begun: now}
	t := &transaction{session: s, ctx: ctx, envelope: envelope, content: content, outcome: outcome, idle: now.Sub(s.lastUsed)}
	_ = s.raw.SetDeadline(now.Add(timeout))
	release := s.interruptWith(ctx)
	t.run(quit)
	if release() {
		s.broken = true
	}
	t.finish()
	return outcome
}

func (t *transaction) finish() {
	t.outcome.Ended = time.Now()
	t.session.lastUsed = t.outcome.Ended
	t.session.messages++
	if t.outcome.Failure == nil {
		t.outcome.Timings.Transaction = t.outcome.Ended.Sub(t.outcome.Begun)
	} else {
		t.outcome.Accepted = 0
	}
}

func (t *transaction) run(quit bool) {
	s := t.session
	if !t.inStep() {
		return
	}
	if failure := t.envelope.check(&s.extensions, s.tlsState != nil, t.content); failure != nil {
		t.outcome.Failure = failure
		return
	}
	switch {
	case t.chunks() && t.pipelines() && !t.suspect():
		t.sendChunkPipelined(quit)
	case t.chunks():
		if t.prepareStepwise() {
			t.sendChunk(quit)
		}
	case t.pipelines():
		if t.writeCommands(dataCommand) && t.readEnvelopeReplies() && t.readDataReply() {
			t.sendData(quit)
		}
	default:
		if t.prepareStepwise() && t.write(PhaseData, dataCommand) && t.readDataReply() {
			t.sendData(quit)
		}
	}
	if t.outcome.Failure != nil && t.chunks() {
		// What a server thinks of a transaction after a failed BDAT is not certain (RFC 3030, 2).
		s.needsReset = true
	}
	if quit && !s.broken {
		s.Quit(t.outcome.Failure == nil)
	}
}

// inStep says whether the session is where it should be: a reply that nobody has asked for, such as the 421 of a server
// that has timed out, ends it before anything of the message is said.
func (t *transaction) inStep() bool {
	s := t.session
	if s.reader.buffered() == 0 {
		return true
	}
	reply, err := s.reader.next(true)
	if err != nil {
		t.lose(PhaseMail, err)
	} else {
		t.refuse(PhaseMail, reply)
	}
	s.broken = true
	t.outcome.Stale = s.messages > 0
	return false
}

func (t *transaction) pipelines() bool {
	return t.session.config.Pipelining && t.session.extensions.Pipelining
}

func (t *transaction) chunks() bool {
	return t.session.config.Chunking && t.session.extensions.Chunking
}

// appendCommands lays out RSET where it is due, MAIL and every RCPT.
func (t *transaction) appendCommands(line []byte) []byte {
	if t.session.needsReset {
		line = append(line, "RSET\r\n"...)
		t.reset, t.session.needsReset = true, false
	}
	line = t.envelope.appendMail(line, &t.session.extensions, t.content)
	for _, recipient := range t.envelope.To {
		line = t.envelope.appendRecipient(line, recipient)
	}
	return line
}

func (t *transaction) writeCommands(last []byte) bool {
	t.session.commands = append(t.appendCommands(t.session.commands[:0]), last...)
	return t.write(PhaseMail, t.session.commands)
}

func (t *transaction) write(phase Phase, bytes []byte) bool {
	if _, err := t.session.conn.Write(bytes); err != nil {
		return t.loseWriting(phase, err)
	}
	return true
}

// prepareStepwise sends MAIL and every RCPT one by one and says whether the message can follow.
func (t *transaction) prepareStepwise() bool {
	s := t.session
	if s.needsReset {
		s.needsReset, t.reset = false, true
		if !t.write(PhaseMail, []byte("RSET\r\n")) || !t.readReset() {
			return false
		}
	}
	s.commands = t.envelope.appendMail(s.commands[:0], &s.extensions, t.content)
	if !t.write(PhaseMail, s.commands) || !t.readMail() {
		return false
	}
	if t.outcome.Failure != nil {
		return false
	}
	for _, recipient := range t.envelope.To {
		s.commands = t.envelope.appendRecipient(s.commands[:0], recipient)
		if !t.write(PhaseRcpt, s.commands) || !t.readRecipient(recipient) {
			return false
		}
	}
	return t.judgeRecipients()
}
