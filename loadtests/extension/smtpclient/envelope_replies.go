package smtpclient

import "time"

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
	if t.outcome.Recipients == nil {
		t.outcome.Recipients = t.outcome.one[:0]
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
