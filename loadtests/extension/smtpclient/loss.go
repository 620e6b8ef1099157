package smtpclient

import (
	"errors"
	"os"
	"time"
)

// lastWords is how long to wait for the reply of a server that has closed while it was being written to.
const lastWords = 100 * time.Millisecond

// loseWriting ends the session after a failed write. A server that closes usually says why first. It always returns
// false.
func (t *transaction) loseWriting(phase Phase, err error) bool {
	if t.ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		_ = t.session.raw.SetDeadline(time.Now().Add(lastWords))
		if reply, heard := t.next(phase, true); heard && reply.Code >= 400 {
			t.refuse(phase, reply)
		}
	}
	return t.lose(phase, err)
}

// staleAfter is how long a session must have been idle for a 421 to the first command to count as its having timed out,
// and not as an answer to this message.
const staleAfter = time.Second

// suspect says that the server may have ended the session while it was idle.
func (t *transaction) suspect() bool { return t.session.messages > 0 && t.idle >= staleAfter }

// lose ends the transaction and the session because of the connection. It always returns false.
func (t *transaction) lose(phase Phase, err error) bool {
	failure := t.session.fail(phase, err, t.ctx)
	if t.outcome.Failure == nil {
		t.outcome.Failure = failure
	}
	if failure.Kind == KindClosed && !t.answered && !t.committed {
		t.outcome.Stale = t.session.messages > 0
	}
	return false
}

// next reads one reply. ok is false when the session is lost.
func (t *transaction) next(phase Phase, withText bool) (reply Reply, ok bool) {
	reply, err := t.session.reader.next(withText)
	if err != nil {
		return Reply{}, t.lose(phase, err)
	}
	if reply.Code == 421 {
		// The server is closing the channel, whatever was asked. 4.4.2 says that it has timed out.
		t.session.broken = true
		t.refuse(phase, reply)
		if !t.answered && !t.committed {
			t.outcome.Stale = t.suspect() || t.session.messages > 0 && reply.Enhanced == "4.4.2"
		}
		t.answered = true
		return reply, false
	}
	t.answered = true
	return reply, true
}

// refuse notes the first refusal of the transaction.
func (t *transaction) refuse(phase Phase, reply Reply) {
	if t.outcome.Failure == nil {
		t.outcome.Failure = unexpected(phase, reply)
		t.outcome.Reply = reply
	}
}
