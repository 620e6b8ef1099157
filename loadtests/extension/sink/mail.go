package sink

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"time"
)

func (s *session) endMail() {
	s.inMail, s.sender, s.recipients = false, "", s.recipients[:0]
	s.content.reset()
	s.chunking, s.refusedChunk = false, false
}

func (s *session) mail(rest []byte) error {
	options := &s.server.options
	switch {
	case s.inMail:
		s.say(503, "5.5.1", "MAIL was said already")
		return nil
	case !s.greeted:
		s.say(503, "5.5.1", "EHLO first")
		return nil
	case options.TLS == TLSRequired && s.tlsState == nil:
		s.say(530, "5.7.0", "STARTTLS first")
		return nil
	case options.Auth != nil && !s.authenticated:
		s.say(530, "5.7.0", "authenticate first")
		return nil
	}
	address, parameters, found := path(rest, "FROM:")
	if !found {
		s.say(501, "5.5.4", "MAIL FROM:<address>")
		return nil
	}
	if code, enhanced, text := s.checkParameters(parameters); code != 0 {
		s.say(code, enhanced, text)
		return nil
	}
	if len(s.server.plan.Load().limits) > 0 {
		if code := s.limit(address); code != 0 {
			return s.refuseBusy(code)
		}
	}
	sender := string(address)
	return s.reply(PhaseMail, func() {
		s.inMail, s.sender, s.refusedChunk = true, sender, false
		s.say(250, "2.1.0", "ok")
	})
}

// checkParameters refuses what was not offered; code is 0 when all is well.
func (s *session) checkParameters(parameters []byte) (code int, enhanced, text string) {
	for len(parameters) > 0 {
		var parameter []byte
		parameter, parameters, _ = bytes.Cut(parameters, []byte(" "))
		if len(parameter) == 0 {
			continue
		}
		keyword, value, _ := bytes.Cut(parameter, []byte("="))
		name := ""
		switch string(bytes.ToUpper(keyword)) {
		case "SIZE":
			name = "SIZE"
			if size, err := strconv.ParseInt(string(value), 10, 64); err != nil || size > s.server.options.MaxSize {
				return 552, "5.3.4", "message too large"
			}
		case "BODY":
			name = "8BITMIME"
		case "SMTPUTF8":
			name = "SMTPUTF8"
		case "REQUIRETLS":
			if name = "REQUIRETLS"; s.tlsState == nil {
				return 530, "5.7.10", "REQUIRETLS needs TLS"
			}
		case "RET", "ENVID", "NOTIFY", "ORCPT":
			name = "DSN"
		case "AUTH":
			if s.server.options.Auth != nil {
				continue
			}
		}
		if name == "" || !s.offers(name) {
			return 555, "5.5.4", "parameter " + printable(keyword) + " is not offered"
		}
	}
	return 0, "", ""
}

func printable(text []byte) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, string(text[:min(len(text), 40)]))
}

// path takes the address in angle brackets, and what follows it, from the argument of MAIL or RCPT.
func path(rest []byte, keyword string) (address, parameters []byte, found bool) {
	if len(rest) < len(keyword) || !bytes.EqualFold(rest[:len(keyword)], []byte(keyword)) {
		return nil, nil, false
	}
	rest = bytes.TrimLeft(rest[len(keyword):], " ")
	end := bytes.IndexByte(rest, '>')
	if len(rest) == 0 || rest[0] != '<' || end < 0 {
		return nil, nil, false
	}
	return rest[1:end], bytes.TrimSpace(rest[end+1:]), true
}

// limit asks the buckets of a message. It returns the code of the refusal, or 0.
func (s *session) limit(sender []byte) int {
	for _, limit := range s.server.plan.Load().limits {
		key := ""
		switch limit.Per {
		case PerRecipientDomain:
			continue
		case PerConnection:
			key = s.raw.RemoteAddr().String()
		case PerClient:
			key, _, _ = net.SplitHostPort(s.raw.RemoteAddr().String())
		case PerSender:
			key = string(bytes.ToLower(sender))
		}
		if err := s.flush(); err != nil {
			return 421
		}
		if code := limit.take(s.ctx, key); code != 0 {
			return code
		}
	}
	return 0
}

func (s *session) refuseBusy(code int) error {
	s.say(code, "4.7.0", "too many messages for now")
	if code == 421 {
		return errEnd
	}
	return nil
}

// maxRecipients bounds a transaction.
const maxRecipients = 10_000

func (s *session) rcpt(rest []byte) error {
	if !s.inMail {
		s.say(503, "5.5.1", "MAIL first")
		return nil
	}
	address, parameters, found := path(rest, "TO:")
	if !found || len(address) == 0 {
		s.say(501, "5.5.4", "RCPT TO:<address>")
		return nil
	}
	if len(s.recipients) >= maxRecipients {
		s.say(452, "4.5.3", "too many recipients")
		return nil
	}
	if code, enhanced, text := s.checkParameters(parameters); code != 0 {
		s.say(code, enhanced, text)
		return nil
	}
	recipient := string(address)
	plan := s.server.plan.Load()
	for _, limit := range plan.limits {
		if limit.Per == PerRecipientDomain {
			if code := limit.take(s.ctx, domainOf(recipient)); code != 0 {
				return s.refuseBusy(code)
			}
		}
	}
	return s.reply(PhaseRcpt, func() {
		s.recipients = append(s.recipients, recipient)
		s.say(250, "2.1.5", "ok")
	}, recipient)
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

func (s *session) data() error {
	if s.chunking || !s.inMail || len(s.recipients) == 0 {
		s.say(503, "5.5.1", "MAIL and RCPT first")
		return nil
	}
	accepted := false
	err := s.reply(PhaseData, func() {
		accepted = true
		s.say(354, "", "end with a dot")
	})
	if err != nil || !accepted {
		s.endMail()
		return err
	}
	if err := s.reader.data(s.content.add); err != nil {
		return err
	}
	return s.finish()
}

func (s *session) bdat(rest []byte) error {
	size, isLast, ok := chunkSize(rest)
	if !ok {
		// Without a size, nobody knows where the next command begins.
		s.say(501, "5.5.4", "BDAT size [LAST]")
		return errEnd
	}
	usable := s.offers("CHUNKING") && s.inMail && len(s.recipients) > 0 && !s.refusedChunk
	if !usable {
		s.refusedChunk = true
		if err := s.reader.chunk(size, func([]byte) {}); err != nil {
			return err
		}
		s.say(503, "5.5.1", "MAIL and RCPT first")
		return nil
	}
	if !s.chunking {
		s.chunking = true
		accepted := false
		if err := s.reply(PhaseData, func() { accepted = true }); err != nil {
			return err
		}
		if !accepted {
			s.refusedChunk = true
			return s.reader.chunk(size, func([]byte) {})
		}
	}
	if err := s.reader.chunk(size, s.content.add); err != nil {
		return err
	}
	if isLast {
		return s.finish()
	}
	s.say(250, "2.0.0", "go on")
	return nil
}

func chunkSize(rest []byte) (size int64, isLast, ok bool) {
	number, last, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	size, err := strconv.ParseInt(string(number), 10, 64)
	last = bytes.TrimSpace(last)
	return size, len(last) > 0, err == nil && size >= 0 && (len(last) == 0 || bytes.EqualFold(last, []byte("LAST")))
}

// finish answers to the whole message.
func (s *session) finish() error {
	arrived := time.Now()
	defer s.endMail()
	if s.content.octets > s.server.options.MaxSize {
		s.say(552, "5.3.4", "message too large")
		return nil
	}
	fault := s.server.plan.Load().at(PhaseContent, s.recipients...)
	if fault == nil {
		s.server.receive(s, arrived)
		s.say(250, "2.0.0", "ok: queued as "+s.server.figures.queueID())
		s.server.figures.served(time.Since(arrived))
		return nil
	}
	s.server.figures.faulty.Add(1)
	switch fault.Kind {
	case FaultDrop:
		s.say(250, "2.0.0", "ok: queued as "+s.server.figures.queueID())
		return nil
	case FaultDuplicate:
		s.server.receive(s, arrived)
		return errCut
	}
	return s.misbehave(fault, func() {
		s.server.receive(s, arrived)
		s.say(250, "2.0.0", "ok: queued as "+s.server.figures.queueID())
	})
}
