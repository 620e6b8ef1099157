package results

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/smtpclient"
)

// Scenario is the account of one scenario. It is safe for use by many goroutines.
type Scenario struct {
	run    *Run
	number int
	name   string

	mutex      sync.Mutex
	scheduled  bool
	messages   MessagesReport
	recipients RecipientsReport
	failures   map[failureKey]int
	timeline   measure.Timeline
	histograms histograms
}

type histograms struct {
	submit, startLag, wait, transaction, accept measure.Histogram
	connect, tls, auth, setup                   measure.Histogram
	delivery, endToEnd                          measure.Histogram
}

type failureKey struct {
	phase    smtpclient.Phase
	kind     smtpclient.Kind
	code     int
	enhanced string
	text     string
}

// mostFailures bounds how many failures are told apart; further ones are counted without their text.
const mostFailures = 100

// Attempt is one message and what became of it.
type Attempt struct {
	Sequence uint64
	// Intended is when it should have been sent, Called when the script asked for it, Ready when a session was there.
	Intended, Called, Ready time.Time
	// Outcome is what came of it; Failure stands for it where there was no session.
	Outcome *smtpclient.Outcome
	// Recipients is how many it was for.
	Recipients int
}

// Submit is the time from the intended start to the final reply.
func (a *Attempt) Submit() time.Duration { return a.Outcome.Ended.Sub(a.Intended) }

// Record counts an attempt.
func (s *Scenario) Record(attempt *Attempt) {
	outcome, clock := attempt.Outcome, s.run.Clock
	intended, ended := clock.Elapsed(attempt.Intended), clock.Elapsed(outcome.Ended)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.messages.Attempted++
	s.timeline.Offered(intended)
	s.histograms.startLag.Record(attempt.Called.Sub(attempt.Intended))
	if outcome.Plaintext {
		s.messages.Plaintext++
	}
	s.messages.Octets += int64(outcome.Octets)
	if outcome.Failure != nil {
		s.messages.Failed++
		s.timeline.Failed(ended)
		s.fail(outcome.Failure.Phase, outcome.Failure.Kind, outcome.Failure)
		return
	}
	s.messages.Accepted++
	s.recipients.Accepted += int64(outcome.Accepted)
	if refused := attempt.Recipients - outcome.Accepted; refused > 0 {
		s.messages.Partial++
		s.recipients.Refused += int64(refused)
		s.failRecipients(outcome.Recipients)
	}
	submit := attempt.Submit()
	s.timeline.Accepted(intended, ended, submit)
	s.histograms.submit.Record(submit)
	s.histograms.wait.Record(attempt.Ready.Sub(attempt.Called))
	s.histograms.transaction.Record(outcome.Timings.Transaction)
	s.histograms.accept.Record(outcome.Timings.Accept)
	if ledger := s.run.ledger.Load(); ledger != nil {
		ledger.add(attempt.Sequence, entry{
			intended: int64(intended), replied: int64(ended),
			recipients: uint16(min(outcome.Accepted, 65535)), scenario: uint16(s.number),
		})
	}
}

// RecordSetup counts a connection that became ready, or did not.
func (s *Scenario) RecordSetup(setup *smtpclient.SetupTimings, ready bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, phase := range []struct {
		histogram *measure.Histogram
		duration  time.Duration
	}{
		{&s.histograms.connect, setup.Connect}, {&s.histograms.tls, setup.TLS}, {&s.histograms.auth, setup.Auth},
	} {
		if ready && phase.duration > 0 {
			phase.histogram.Record(phase.duration)
		}
	}
	if ready {
		s.histograms.setup.Record(setup.Total)
	}
}

func (s *Scenario) fail(phase smtpclient.Phase, kind smtpclient.Kind, failure *smtpclient.Failure) {
	key := failureKey{phase: phase, kind: kind, code: failure.Reply.Code, enhanced: failure.Reply.Enhanced, text: failure.Text()}
	s.countFailure(key)
}

func (s *Scenario) failRecipients(recipients []smtpclient.RecipientOutcome) {
	for _, recipient := range recipients {
		if reply := recipient.Reply; !reply.Positive() {
			s.countFailure(failureKey{smtpclient.PhaseRcpt, smtpclient.KindRefused, reply.Code, reply.Enhanced, reply.Text})
		}
	}
}

func (s *Scenario) countFailure(key failureKey) {
	if _, isKnown := s.failures[key]; !isKnown && len(s.failures) >= mostFailures {
		key.text, key.enhanced = "", ""
	}
	s.failures[key]++
}

// MessagesReport counts messages. Partial are those accepted for some of their recipients only; they are accepted too.
type MessagesReport struct {
	Attempted int64 `json:"attempted"`
	Accepted  int64 `json:"accepted"`
	Partial   int64 `json:"partial"`
	Failed    int64 `json:"failed"`
	Plaintext int64 `json:"plaintext"`
	Octets    int64 `json:"octets"`
	// The following are nil before Collect.
	Delivered  *int64 `json:"delivered,omitempty"`
	Lost       *int64 `json:"lost,omitempty"`
	Duplicated *int64 `json:"duplicated,omitempty"`
	delivered  int64
	lost       int64
	duplicated int64
}

// RecipientsReport counts recipients of messages that were accepted for at least one.
type RecipientsReport struct {
	Accepted int64 `json:"accepted"`
	Refused  int64 `json:"refused"`
}

// FailureReport counts equal failures.
type FailureReport struct {
	Phase    smtpclient.Phase `json:"phase"`
	Kind     smtpclient.Kind  `json:"kind"`
	Code     int              `json:"code"`
	Enhanced string           `json:"enhanced"`
	Text     string           `json:"text"`
	Count    int              `json:"count"`
}

// ScenarioReport is what a scenario has measured.
type ScenarioReport struct {
	Scheduled  bool                                `json:"scheduled"`
	Messages   MessagesReport                      `json:"messages"`
	Recipients RecipientsReport                    `json:"recipients"`
	Failures   []FailureReport                     `json:"failures"`
	Histograms map[string]*measure.HistogramReport `json:"histograms"`
	Timeline   []measure.SecondReport              `json:"timeline"`
}

func (s *Scenario) report(collected bool) *ScenarioReport {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	h := &s.histograms
	report := &ScenarioReport{
		Scheduled: s.scheduled, Messages: s.messages, Recipients: s.recipients, Failures: []FailureReport{},
		Histograms: map[string]*measure.HistogramReport{}, Timeline: s.timeline.Report(),
	}
	if collected {
		m := s.messages
		report.Messages.Delivered, report.Messages.Lost, report.Messages.Duplicated = &m.delivered, &m.lost, &m.duplicated
	}
	for name, histogram := range map[string]*measure.Histogram{
		"submit": &h.submit, "startLag": &h.startLag, "wait": &h.wait, "transaction": &h.transaction, "accept": &h.accept,
		"connect": &h.connect, "tls": &h.tls, "auth": &h.auth, "setup": &h.setup,
		"delivery": &h.delivery, "endToEnd": &h.endToEnd,
	} {
		if counted := histogram.Report(); counted != nil {
			report.Histograms[name] = counted
		}
	}
	for key, count := range s.failures {
		report.Failures = append(report.Failures, FailureReport{key.phase, key.kind, key.code, key.enhanced, key.text, count})
	}
	slices.SortFunc(report.Failures, func(a, b FailureReport) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Text, b.Text))
	})
	return report
}
