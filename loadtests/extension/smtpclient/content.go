package smtpclient

import (
	"strconv"
	"time"
)

// protected is the last look before content leaves: never without TLS where TLS was demanded.
func (t *transaction) protected() bool {
	s := t.session
	if s.tlsState == nil && s.config.Mode != TLSNone {
		s.broken = true
		t.outcome.Failure = unsupported(PhaseContent, "the session has no TLS, and nothing is sent in clear text")
		return false
	}
	t.outcome.Plaintext = s.tlsState == nil
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
	written, err := s.writer().write(s.conn, s.commands, t.content, false, t.quitTail(quit))
	if err != nil {
		t.loseWriting(PhaseMail, err)
		return
	}
	t.commit()
	if t.readEnvelopeReplies() {
		t.readFinal(written)
	}
}

// sendContent writes the message and reads the final reply.
func (t *transaction) sendContent(lead []byte, stuffed bool, tail []byte) {
	if !t.protected() || t.answeredAhead() {
		return
	}
	s := t.session
	written, err := s.writer().write(s.conn, lead, t.content, stuffed, tail)
	if err != nil {
		t.loseWriting(PhaseContent, err)
		return
	}
	t.commit()
	t.readFinal(written)
}

// answeredAhead says whether the server has answered to the message before it has got any of it, and ends the session then:
// taken for the final reply, it would be an acceptance in no time at all.
func (t *transaction) answeredAhead() bool {
	s := t.session
	if s.reader.buffered() == 0 {
		return false
	}
	reply, ok := t.next(PhaseContent, true)
	switch {
	case ok && reply.Code >= 400:
		t.refuse(PhaseContent, reply)
	case ok:
		t.outcome.Failure = protocolFailure(PhaseContent, "the server answered %q before it had the message", reply)
	}
	s.broken = true
	return true
}

// commit notes that the whole message has left.
func (t *transaction) commit() {
	t.committed = true
	t.outcome.Octets = t.content.Size()
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
