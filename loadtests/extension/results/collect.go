package results

import (
	"context"
	"errors"
	"time"

	"hipaa-check/loadtests/extension/measure"
)

// Source is a sink as the sender sees it.
type Source interface {
	// Name is how the sink is called in reports.
	Name() string
	// Received is how many recipients' copies of a run have arrived so far.
	Received(ctx context.Context, run string) (int, error)
	// Clock measures how far the sink's clock is from the run's.
	Clock(ctx context.Context, clock *measure.Clock) (ClockOffset, error)
	// Arrivals calls visit for every message of a run that has arrived, in order of sequence.
	Arrivals(ctx context.Context, run string, clock *measure.Clock, offset ClockOffset, visit func(Arrival)) error
}

// ClockOffset is how far a sink's clock is ahead of the run's.
type ClockOffset struct {
	Offset, Uncertainty time.Duration
	// StepMs is the largest step that the sink's wall clock has made.
	StepMs float64
}

// Arrival is one message at the sink. Last is when the last of its recipients got it, on the run's clock.
type Arrival struct {
	Sequence               uint64
	Recipients, Duplicates int
	Last                   time.Duration
}

// Delivery is what became of one accepted message.
type Delivery struct {
	Scenario           string
	Arrived            bool
	EndToEnd, Delivery time.Duration
	// At is when it arrived.
	At         time.Time
	Duplicates int
}

// CollectedReport says how the join with a sink went.
type CollectedReport struct {
	Sink      string  `json:"sink"`
	DrainedMs float64 `json:"drainedMs"`
	// Complete is false when messages were missing when the time for draining ended.
	Complete bool `json:"complete"`
	// Unconfirmed are messages that arrived although the sender was told of no acceptance.
	Unconfirmed int `json:"unconfirmed"`
	// Negative are messages that seem to have arrived before they were meant to be sent: the clocks are wrong.
	Negative int                  `json:"negative"`
	Clock    CollectedClockReport `json:"clock"`
}

// CollectedClockReport is the sink's clock in milliseconds. Drift is what the offset has changed by during the run; nil when
// it was measured only once.
type CollectedClockReport struct {
	OffsetMs      float64  `json:"offsetMs"`
	UncertaintyMs float64  `json:"uncertaintyMs"`
	DriftMs       *float64 `json:"driftMs"`
	StepMs        float64  `json:"stepMs"`
}

// Totals sum up a collection.
type Totals struct {
	Accepted, Delivered, Lost, Duplicated, Negative int
	Drained                                         time.Duration
}

// How often Collect looks.
const (
	pollInterval  = 50 * time.Millisecond
	rejoinBackoff = 500 * time.Millisecond
)

// Collect waits until every accepted message has arrived at the sink, at most for drain, then joins and calls visit for each
// accepted message. before is the sink's clock at the beginning, nil when it was not measured. It can be done once.
func (r *Run) Collect(ctx context.Context, source Source, drain time.Duration, before *ClockOffset, visit func(*Delivery)) (Totals, error) {
	ledger := r.ledger.Load()
	if ledger == nil {
		return Totals{}, errors.New("nothing was tracked: the sink must be made before the first message")
	}
	r.mutex.Lock()
	done := r.collected != nil
	r.mutex.Unlock()
	if done {
		return Totals{}, errors.New("the messages of this run have been collected already")
	}
	started := time.Now()
	arrivals, offset, err := r.drain(ctx, ledger, source, started.Add(drain))
	if err != nil {
		return Totals{}, err
	}
	report := &CollectedReport{
		Sink: source.Name(), Unconfirmed: arrivals.unconfirmed,
		Complete: arrivals.recipients >= ledger.expected,
		Clock: CollectedClockReport{
			OffsetMs: measure.Milliseconds(offset.Offset), UncertaintyMs: measure.Milliseconds(offset.Uncertainty), StepMs: offset.StepMs,
		},
	}
	if before != nil {
		drift := measure.Milliseconds(offset.Offset - before.Offset)
		report.Clock.DriftMs = &drift
	}
	totals := r.settle(ledger, arrivals, visit)
	totals.Drained = time.Since(started)
	report.DrainedMs, report.Negative = measure.Milliseconds(totals.Drained), totals.Negative
	r.mutex.Lock()
	r.collected = report
	r.mutex.Unlock()
	return totals, nil
}

// drain polls until everything has arrived or the time is over, and gives what has arrived.
func (r *Run) drain(ctx context.Context, ledger *ledger, source Source, until time.Time) (*joined, ClockOffset, error) {
	for {
		received, err := source.Received(ctx, r.Name)
		if err != nil {
			return nil, ClockOffset{}, err
		}
		isLate := !time.Now().Before(until) || ctx.Err() != nil
		if received >= ledger.expected || isLate {
			offset, err := source.Clock(ctx, r.Clock)
			if err != nil {
				return nil, offset, err
			}
			arrivals, err := r.join(ctx, ledger, source, offset)
			if err != nil || isLate || arrivals.recipients >= ledger.expected {
				return arrivals, offset, err
			}
			// Copies of other messages made up for missing ones.
			pause(ctx, rejoinBackoff)
			continue
		}
		pause(ctx, pollInterval)
	}
}

func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// arrived is an arrival as it is kept until everything is known: 16 octets.
type arrived struct {
	last                   int64
	recipients, duplicates uint16
}

// joined is what has arrived of a run, beside the ledger.
type joined struct {
	pages                   []*[ledgerPage]arrived
	recipients, unconfirmed int
}

func (j *joined) at(sequence uint64) *arrived {
	number := int(sequence / ledgerPage)
	if number >= len(j.pages) || j.pages[number] == nil {
		return &arrived{}
	}
	return &j.pages[number][sequence%ledgerPage]
}

func (r *Run) join(ctx context.Context, ledger *ledger, source Source, offset ClockOffset) (*joined, error) {
	j := &joined{pages: make([]*[ledgerPage]arrived, len(ledger.pages))}
	err := source.Arrivals(ctx, r.Name, r.Clock, offset, func(arrival Arrival) {
		accepted := ledger.at(arrival.Sequence)
		if accepted.recipients == 0 {
			j.unconfirmed++
			return
		}
		number := arrival.Sequence / ledgerPage
		if j.pages[number] == nil {
			j.pages[number] = new([ledgerPage]arrived)
		}
		j.pages[number][arrival.Sequence%ledgerPage] = arrived{
			last: int64(arrival.Last), recipients: uint16(min(arrival.Recipients, 65535)), duplicates: uint16(min(arrival.Duplicates, 65535)),
		}
		j.recipients += min(arrival.Recipients, int(accepted.recipients))
	})
	return j, err
}

// settle counts every accepted message as delivered or lost.
func (r *Run) settle(ledger *ledger, arrivals *joined, visit func(*Delivery)) Totals {
	totals := Totals{Accepted: ledger.messages}
	ledger.each(func(sequence uint64, accepted *entry) {
		found := arrivals.at(sequence)
		scenario := r.scenarios[accepted.scenario]
		delivery := Delivery{
			Scenario: scenario.name, Duplicates: int(found.duplicates),
			Arrived:  found.recipients >= accepted.recipients,
			EndToEnd: time.Duration(found.last - accepted.intended), Delivery: time.Duration(found.last - accepted.replied),
			At: r.Clock.Start().Add(time.Duration(found.last)),
		}
		scenario.settle(&delivery, time.Duration(accepted.intended), time.Duration(found.last))
		totals.Duplicated += delivery.Duplicates
		if delivery.Arrived {
			totals.Delivered++
			if delivery.EndToEnd < 0 {
				totals.Negative++
			}
		} else {
			totals.Lost++
		}
		visit(&delivery)
	})
	return totals
}

func (s *Scenario) settle(delivery *Delivery, intended, arrived time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.messages.duplicated += int64(delivery.Duplicates)
	if !delivery.Arrived {
		s.messages.lost++
		return
	}
	s.messages.delivered++
	s.timeline.Delivered(intended, arrived, delivery.EndToEnd)
	s.histograms.endToEnd.Record(delivery.EndToEnd)
	s.histograms.delivery.Record(delivery.Delivery)
}
