package smtpclient

import (
	"context"
	"errors"
	"os"
	"strconv"
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
	// Accept runs from the last octet of the message to the final reply.
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
	// Plaintext says that content went over a connection without TLS.
	Plaintext bool
	// Stale says that the server had ended the session before MAIL reached it, so that nothing of this message was
	// looked at and it can be sent over another session.
	Stale bool
}

// staleAfter is how long a session must have been idle for an end before the first reply to count as its having
// timed out, and not as an answer to this message.
const staleAfter = time.Second

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
	if failure := t.envelope.check(&s.extensions, s.tlsState != nil, t.content); failure != nil {
		t.outcome.Failure = failure
		return
	}
	chunking := s.config.Chunking && s.extensions.Chunking
	switch {
	case chunking && t.pipelines():
		t.sendChunkPipelined(quit)
	case chunking:
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
	if quit && !s.broken {
		s.Quit(t.outcome.Failure == nil)
	}
}

func (t *transaction) pipelines() bool {
	return t.session.config.Pipelining && t.session.extensions.Pipelining
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

// lastWords is how long to wait for the reply of a server that has closed while it was being written to.
const lastWords = 100 * time.Millisecond

// loseWriting ends the session after a failed write. A server that closes usually says why first. It always returns
// false.
func (t *transaction) loseWriting(phase Phase, err error) bool {
	if t.ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		_ = t.session.raw.SetDeadline(time.Now().Add(lastWords))
		if reply, readErr := t.session.reader.next(true); readErr == nil && reply.Code >= 400 {
			t.refuse(phase, reply)
		}
	}
	return t.lose(phase, err)
}

// lose ends the transaction and the session because of the connection. It always returns false.
func (t *transaction) lose(phase Phase, err error) bool {
	failure := t.session.fail(phase, err, t.ctx)
	if t.outcome.Failure == nil {
		t.outcome.Failure = failure
	}
	if phase == PhaseMail && failure.Kind == KindClosed && t.idle >= staleAfter && t.session.messages > 0 {
		t.outcome.Stale = true
	}
	return false
}

// next reads one reply and times it. ok is false when the session is lost.
func (t *transaction) next(phase Phase, withText bool) (reply Reply, ok bool) {
	reply, err := t.session.reader.next(withText)
	if err != nil {
		return Reply{}, t.lose(phase, err)
	}
	if reply.Code == 421 {
		// The server is closing the channel, whatever was asked.
		t.session.broken = true
		t.refuse(phase, reply)
		if phase == PhaseMail && t.idle >= staleAfter && t.session.messages > 0 {
			t.outcome.Stale = true
		}
		return reply, false
	}
	return reply, true
}

// refuse notes the first refusal of the transaction.
func (t *transaction) refuse(phase Phase, reply Reply) {
	if t.outcome.Failure == nil {
		t.outcome.Failure = unexpected(phase, reply)
		t.outcome.Reply = reply
	}
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

// readEnvelopeReplies reads what a pipelined group answers before DATA or BDAT. It returns false when the session is
// lost; a refusal alone leaves replies to be read.
func (t *transaction) readEnvelopeReplies() bool {
	if t.reset && !t.readReset() {
		return false
	}
	if !t.readMail() {
		return false
	}
	for _, recipient := range t.envelope.To {
		if !t.readRecipient(recipient) {
			return false
		}
	}
	t.judgeRecipients()
	return true
}

func (t *transaction) readReset() bool {
	reply, ok := t.next(PhaseMail, false)
	if ok && reply.Code != 250 {
		t.session.broken = true
		t.refuse(PhaseReset, reply)
		return false
	}
	return ok
}

func (t *transaction) readMail() bool {
	reply, ok := t.next(PhaseMail, false)
	if !ok {
		return false
	}
	t.outcome.Timings.Mail = time.Since(t.outcome.Begun)
	if reply.Code != 250 {
		t.refuse(PhaseMail, reply)
	}
	return true
}

func (t *transaction) readRecipient(recipient string) bool {
	reply, ok := t.next(PhaseRcpt, len(t.envelope.To) > 1)
	if !ok {
		return false
	}
	if reply.Positive() {
		t.outcome.Accepted++
	} else if t.outcome.Failure == nil && reply.Code < 400 {
		t.session.broken = true
		t.refuse(PhaseRcpt, reply)
		return false
	}
	t.outcome.Recipients = append(t.outcome.Recipients, RecipientOutcome{Address: recipient, Reply: reply})
	return true
}

// judgeRecipients says whether at least one recipient was taken.
func (t *transaction) judgeRecipients() bool {
	t.outcome.Timings.Rcpt = time.Since(t.outcome.Begun) - t.outcome.Timings.Mail
	if t.outcome.Accepted == 0 && t.outcome.Failure == nil {
		t.refuse(PhaseRcpt, t.outcome.Recipients[len(t.outcome.Recipients)-1].Reply)
	}
	if t.outcome.Failure != nil && t.outcome.Failure.Phase != PhaseMail {
		t.session.needsReset = true
	}
	return t.outcome.Failure == nil
}

// readDataReply reads the answer to DATA and says whether the message can follow.
func (t *transaction) readDataReply() bool {
	reply, ok := t.next(PhaseData, false)
	if !ok {
		return false
	}
	t.outcome.Timings.Data = time.Since(t.outcome.Begun) - t.outcome.Timings.Mail - t.outcome.Timings.Rcpt
	if t.outcome.Failure != nil {
		if reply.Code == 354 {
			// The server waits for a message although it has no recipient: it gets an empty one (RFC 2920, 3.1).
			if t.write(PhaseData, terminator) {
				_, _ = t.next(PhaseData, false)
			}
		}
		return false
	}
	if reply.Code != 354 {
		t.session.needsReset = true
		t.refuse(PhaseData, reply)
		return false
	}
	return true
}

// protected is the last look before content leaves: never without TLS where TLS was demanded.
func (t *transaction) protected() bool {
	s := t.session
	t.outcome.Plaintext = s.tlsState == nil
	if t.outcome.Plaintext && s.config.Mode != TLSNone {
		s.broken = true
		t.outcome.Plaintext = false
		t.outcome.Failure = unsupported(PhaseContent, "the session has no TLS, and nothing is sent in clear text")
		return false
	}
	return true
}

func (t *transaction) sendData(quit bool) {
	tail := terminator
	if quit && t.pipelines() {
		tail = append(append([]byte{}, terminator...), quitCommand...)
		t.session.quitSent = true
	}
	t.sendContent(nil, true, tail)
}

func (t *transaction) appendChunkCommand(line []byte) []byte {
	line = append(line, "BDAT "...)
	line = strconv.AppendInt(line, int64(t.content.Size()), 10)
	return append(line, " LAST\r\n"...)
}

func (t *transaction) sendChunk(quit bool) {
	t.session.commands = t.appendChunkCommand(t.session.commands[:0])
	t.sendContent(t.session.commands, false, t.quitTail(quit))
}

func (t *transaction) quitTail(quit bool) []byte {
	if quit && t.pipelines() {
		t.session.quitSent = true
		return quitCommand
	}
	return nil
}

func (t *transaction) sendChunkPipelined(quit bool) {
	if !t.protected() {
		return
	}
	s := t.session
	s.commands = t.appendChunkCommand(t.appendCommands(s.commands[:0]))
	if _, err := s.frame.write(s.conn, s.commands, t.content, false, t.quitTail(quit)); err != nil {
		t.loseWriting(PhaseMail, err)
		return
	}
	written := time.Now()
	t.outcome.Octets = t.content.Size()
	if t.readEnvelopeReplies() {
		t.readFinal(written)
	}
}

// sendContent writes the message and reads the final reply.
func (t *transaction) sendContent(lead []byte, stuffed bool, tail []byte) {
	if !t.protected() {
		return
	}
	s := t.session
	if _, err := s.frame.write(s.conn, lead, t.content, stuffed, tail); err != nil {
		t.loseWriting(PhaseContent, err)
		return
	}
	t.outcome.Octets = t.content.Size()
	t.readFinal(time.Now())
}

func (t *transaction) readFinal(written time.Time) {
	reply, ok := t.next(PhaseContent, true)
	if !ok || t.outcome.Failure != nil {
		return
	}
	t.outcome.Reply = reply
	if !reply.Positive() {
		t.refuse(PhaseContent, reply)
		return
	}
	t.outcome.Timings.Accept = time.Since(written)
}
