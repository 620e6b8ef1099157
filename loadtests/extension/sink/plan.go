package sink

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"hipaa-check/loadtests/extension/duration"
)

// Phase is the command or event that a fault goes with.
type Phase string

// The phases.
const (
	PhaseGreeting Phase = "greeting"
	PhaseEHLO     Phase = "ehlo"
	PhaseStartTLS Phase = "starttls"
	PhaseTLS      Phase = "tls"
	PhaseAuth     Phase = "auth"
	PhaseMail     Phase = "mail"
	PhaseRcpt     Phase = "rcpt"
	PhaseData     Phase = "data"
	PhaseContent  Phase = "content"
)

// The kinds of fault.
const (
	FaultPause      = "pause"
	FaultDown       = "down"
	FaultDrop       = "drop"
	FaultDuplicate  = "duplicate"
	FaultReply      = "reply"
	FaultDelay      = "delay"
	FaultDisconnect = "disconnect"
)

// Fault is one way in which a sink misbehaves. index.d.ts describes the fields.
type Fault struct {
	Kind            string        `json:"kind"`
	After           duration.Span `json:"after,omitempty"`
	For             duration.Span `json:"for,omitempty"`
	Every           int           `json:"every,omitempty"`
	Phase           Phase         `json:"phase,omitempty"`
	Code            int           `json:"code,omitempty"`
	Enhanced        string        `json:"enhanced,omitempty"`
	Text            string        `json:"text,omitempty"`
	Delay           duration.Span `json:"delay,omitempty"`
	RecipientDomain string        `json:"recipientDomain,omitempty"`
}

// Plan is how a sink limits and misbehaves.
type Plan struct {
	Limits []Limit `json:"limits"`
	Faults []Fault `json:"faults"`
}

// activeFault is a fault in force, with its counters.
type activeFault struct {
	Fault
	begin, end time.Time
	seen       atomic.Int64
	applied    atomic.Int64
}

// activePlan is a plan in force.
type activePlan struct {
	faults []*activeFault
	limits []*activeLimit
	// byPhase are the faults that go with a phase; drop and duplicate go with the content.
	byPhase map[Phase][]*activeFault
	pauses  []*activeFault
	downs   []*activeFault
}

// activate checks a plan and sets it in force from now on.
func (p *Plan) activate(now time.Time) (*activePlan, error) {
	active := &activePlan{byPhase: map[Phase][]*activeFault{}}
	for index := range p.Faults {
		fault := &activeFault{Fault: p.Faults[index], begin: now.Add(time.Duration(p.Faults[index].After))}
		if err := fault.normalise(); err != nil {
			return nil, fmt.Errorf("faults[%d]: %w", index, err)
		}
		if fault.For > 0 {
			fault.end = fault.begin.Add(time.Duration(fault.For))
		}
		active.faults = append(active.faults, fault)
		switch fault.Kind {
		case FaultPause:
			active.pauses = append(active.pauses, fault)
		case FaultDown:
			active.downs = append(active.downs, fault)
		default:
			active.byPhase[fault.Phase] = append(active.byPhase[fault.Phase], fault)
		}
	}
	for index := range p.Limits {
		limit, err := p.Limits[index].activate()
		if err != nil {
			return nil, fmt.Errorf("limits[%d]: %w", index, err)
		}
		active.limits = append(active.limits, limit)
	}
	return active, nil
}

func (f *activeFault) normalise() error {
	if f.Every < 0 {
		return errors.New("every cannot be negative")
	}
	f.Every = max(f.Every, 1)
	f.RecipientDomain = strings.ToLower(f.RecipientDomain)
	switch f.Kind {
	case FaultPause, FaultDown:
		if f.For == 0 {
			return fmt.Errorf("%s needs for", f.Kind)
		}
		return nil
	case FaultDrop, FaultDuplicate:
		if f.Phase != "" && f.Phase != PhaseContent {
			return fmt.Errorf("%s goes with the content only", f.Kind)
		}
	case FaultReply:
		if f.Code < 200 || f.Code > 599 {
			return errors.New("reply needs a code from 200 to 599")
		}
		if strings.ContainsAny(f.Enhanced+f.Text, "\r\n") {
			return errors.New("enhanced and text are one line")
		}
	case FaultDelay:
		if f.Delay == 0 {
			return errors.New("delay needs delay")
		}
	case FaultDisconnect:
	default:
		return fmt.Errorf("kind %q is not known", f.Kind)
	}
	switch f.Phase {
	case "":
		f.Phase = PhaseContent
	case PhaseGreeting, PhaseEHLO, PhaseStartTLS, PhaseTLS, PhaseAuth, PhaseMail, PhaseRcpt, PhaseData, PhaseContent:
	default:
		return fmt.Errorf("phase %q is not known", f.Phase)
	}
	if f.RecipientDomain != "" && f.Phase != PhaseRcpt && f.Kind != FaultDrop {
		return errors.New("recipientDomain goes with phase rcpt and with drop")
	}
	return nil
}

// inForce says whether the fault's time has come and not gone.
func (f *activeFault) inForce(now time.Time) bool {
	return !now.Before(f.begin) && (f.end.IsZero() || now.Before(f.end))
}

// strikes counts an event and says whether the fault applies to it.
func (f *activeFault) strikes(now time.Time, recipients []string) bool {
	if !f.inForce(now) || f.RecipientDomain != "" && !anyIn(recipients, f.RecipientDomain) {
		return false
	}
	if f.seen.Add(1)%int64(f.Every) != 0 {
		return false
	}
	f.applied.Add(1)
	return true
}

func anyIn(recipients []string, domain string) bool {
	for _, recipient := range recipients {
		if domainOf(recipient) == domain {
			return true
		}
	}
	return false
}

// at gives the first fault of a phase that applies to an event. recipients are those that the event is about.
func (p *activePlan) at(phase Phase, recipients ...string) *activeFault {
	faults := p.byPhase[phase]
	if len(faults) == 0 {
		return nil
	}
	now := time.Now()
	for _, fault := range faults {
		if fault.strikes(now, recipients) {
			return fault
		}
	}
	return nil
}

// pausedUntil gives the end of the pause that is in force; zero when none is.
func (p *activePlan) pausedUntil(now time.Time) time.Time {
	for _, pause := range p.pauses {
		if pause.inForce(now) {
			pause.applied.CompareAndSwap(0, 1)
			return pause.end
		}
	}
	return time.Time{}
}
