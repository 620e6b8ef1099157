package results

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/smtpclient"
)

// arrivals is a sink of which everything is known beforehand. Each list is what has arrived when it is asked once more.
type arrivals struct {
	lists  [][]Arrival
	asked  int
	offset ClockOffset
	err    error
}

func (a *arrivals) now() []Arrival { return a.lists[min(a.asked, len(a.lists)-1)] }

func (a *arrivals) Name() string { return "known" }

func (a *arrivals) Received(context.Context, string) (int, error) {
	a.asked++
	total := 0
	for _, arrival := range a.now() {
		total += arrival.Recipients
	}
	return total, a.err
}

func (a *arrivals) Clock(context.Context, *measure.Clock) (ClockOffset, error) {
	return a.offset, a.err
}

func (a *arrivals) Arrivals(_ context.Context, _ string, _ *measure.Clock, _ ClockOffset, visit func(Arrival)) error {
	for _, arrival := range a.now() {
		visit(arrival)
	}
	return a.err
}

// sent is a run in which messages were sent, one each 10 ms, accepted after 5 ms. refused are the sequence numbers of those
// that were not.
func sent(t *testing.T, count, recipients int, refused ...uint64) *Run {
	t.Helper()
	run, err := NewRun()
	if err != nil {
		t.Fatal(err)
	}
	run.Track()
	scenario := run.Scenario("steady", true)
	for index := range count {
		intended := run.Clock.Start().Add(time.Duration(index) * 10 * time.Millisecond)
		stamp := run.Stamp(intended, intended)
		outcome := &smtpclient.Outcome{
			Begun: intended.Add(time.Millisecond), Ended: intended.Add(5 * time.Millisecond), Octets: 100, Accepted: recipients,
			Timings: smtpclient.Timings{Transaction: 4 * time.Millisecond, Accept: 2 * time.Millisecond},
		}
		for _, sequence := range refused {
			if sequence == stamp.Sequence {
				outcome.Accepted = 0
				outcome.Failure = &smtpclient.Failure{Phase: smtpclient.PhaseContent, Kind: smtpclient.KindRefused, Reply: smtpclient.Reply{Code: 451, Text: "later"}}
			}
		}
		scenario.Record(&Attempt{
			Sequence: stamp.Sequence, Intended: intended, Called: intended, Ready: intended.Add(time.Millisecond), Outcome: outcome, Recipients: recipients,
		})
	}
	return run
}

func collect(t *testing.T, run *Run, source Source) (Totals, []Delivery, *Report) {
	t.Helper()
	var deliveries []Delivery
	totals, err := run.Collect(t.Context(), source, 0, nil, func(delivery *Delivery) { deliveries = append(deliveries, *delivery) })
	if err != nil {
		t.Fatal(err)
	}
	return totals, deliveries, run.Report()
}

func TestWhatArrivedAndWhatDidNot(t *testing.T) {
	run := sent(t, 6, 2, 6)
	at := func(milliseconds int) time.Duration { return time.Duration(milliseconds) * time.Millisecond }
	totals, deliveries, report := collect(t, run, &arrivals{lists: [][]Arrival{{
		{Sequence: 1, Recipients: 2, Last: at(20)},
		{Sequence: 2, Recipients: 1, Last: at(30)}, // one of two recipients
		{Sequence: 3, Recipients: 2, Duplicates: 3, Last: at(40)},
		{Sequence: 5, Recipients: 2, Last: at(10)}, // before it was meant to be sent
		{Sequence: 6, Recipients: 2, Last: at(60)}, // refused in the sender's eyes
		{Sequence: 99, Recipients: 2, Last: at(70)},
	}}})
	if totals.Accepted != 5 || totals.Delivered != 3 || totals.Lost != 2 || totals.Duplicated != 3 || totals.Negative != 1 {
		t.Errorf("%+v", totals)
	}
	if len(deliveries) != 5 || deliveries[0].EndToEnd != at(20) || deliveries[0].Delivery != at(15) || deliveries[1].Arrived || deliveries[3].Arrived {
		t.Errorf("%+v", deliveries)
	}
	if report.Collected.Complete || report.Collected.Unconfirmed != 2 || report.Collected.Negative != 1 || report.Collected.Clock.DriftMs != nil {
		t.Errorf("%+v", report.Collected)
	}
	scenario := report.Scenarios["steady"]
	if m := scenario.Messages; m.Attempted != 6 || m.Accepted != 5 || m.Failed != 1 || *m.Delivered != 3 || *m.Lost != 2 || *m.Duplicated != 3 {
		t.Errorf("%+v", m)
	}
	if scenario.Histograms["endToEnd"].Count != 3 || scenario.Histograms["submit"].Count != 5 || scenario.Failures[0].Count != 1 {
		t.Errorf("%+v", scenario)
	}
	if _, err := run.Collect(t.Context(), &arrivals{lists: [][]Arrival{nil}}, 0, nil, func(*Delivery) {}); err == nil {
		t.Error("a run is collected twice")
	}
}

func TestCopiesDoNotMakeUpForWhatIsMissing(t *testing.T) {
	run := sent(t, 2, 1)
	source := &arrivals{lists: [][]Arrival{{{Sequence: 1, Recipients: 1}, {Sequence: 7, Recipients: 1}}}}
	totals, _, report := collect(t, run, source)
	if totals.Lost != 1 || report.Collected.Complete {
		t.Errorf("%+v, %+v", totals, report.Collected)
	}
}

func TestDrainingWaits(t *testing.T) {
	run := sent(t, 3, 1)
	full := []Arrival{{Sequence: 1, Recipients: 1}, {Sequence: 2, Recipients: 1}, {Sequence: 3, Recipients: 1}}
	source := &arrivals{lists: [][]Arrival{full[:1], full[:1], full[:2], full}, offset: ClockOffset{Offset: time.Millisecond}}
	before := &ClockOffset{}
	totals, err := run.Collect(t.Context(), source, time.Minute, before, func(*Delivery) {})
	if err != nil || totals.Delivered != 3 || totals.Drained < 2*pollInterval {
		t.Errorf("%+v, %v", totals, err)
	}
	if drift := run.Report().Collected.Clock.DriftMs; drift == nil || *drift != 1 {
		t.Error(drift)
	}
}

func TestSinksThatCannotBeAsked(t *testing.T) {
	run := sent(t, 3, 1)
	broken := &arrivals{lists: [][]Arrival{nil}, err: errors.New("gone")}
	if _, err := run.Collect(t.Context(), broken, time.Minute, nil, func(*Delivery) {}); err == nil {
		t.Error("a sink that is gone counts as one that has received nothing")
	}
	if report := run.Report(); report.Collected != nil || report.Scenarios["steady"].Messages.Delivered != nil {
		t.Errorf("%+v", report)
	}
}

func TestNothingIsCollectedWithoutTracking(t *testing.T) {
	run, err := NewRun()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Collect(t.Context(), &arrivals{lists: [][]Arrival{nil}}, 0, nil, func(*Delivery) {}); err == nil {
		t.Error("collected what was not tracked")
	}
}

func TestLargeRunsAreRemembered(t *testing.T) {
	run := sent(t, 3*ledgerPage, 1)
	var list []Arrival
	for sequence := range uint64(3 * ledgerPage) {
		if sequence%1000 != 500 {
			list = append(list, Arrival{Sequence: sequence + 1, Recipients: 1, Last: time.Hour})
		}
	}
	totals, deliveries, _ := collect(t, run, &arrivals{lists: [][]Arrival{list}})
	if totals.Lost != 12 || totals.Accepted != 3*ledgerPage || len(deliveries) != 3*ledgerPage {
		t.Errorf("%+v", totals)
	}
}

func TestFailuresAreToldApartOnlySoFar(t *testing.T) {
	run, err := NewRun()
	if err != nil {
		t.Fatal(err)
	}
	scenario := run.Scenario("s", false)
	now := time.Now()
	for number := range 3 * mostFailures {
		scenario.Record(&Attempt{Intended: now, Called: now, Ready: now, Recipients: 1, Outcome: &smtpclient.Outcome{
			Ended: now, Failure: &smtpclient.Failure{
				Phase: smtpclient.PhaseRcpt, Kind: smtpclient.KindRefused, Reply: smtpclient.Reply{Code: 550, Text: fmt.Sprint("no ", number)},
			},
		}})
	}
	report := run.Report().Scenarios["s"]
	total := 0
	for _, failure := range report.Failures {
		total += failure.Count
	}
	if len(report.Failures) != mostFailures+1 || total != 3*mostFailures || report.Failures[0].Count != 2*mostFailures {
		t.Errorf("%d failures, %d told apart", total, len(report.Failures))
	}
	if report.Histograms["submit"] != nil || report.Messages.Failed != 3*mostFailures {
		t.Error("failed messages have a duration")
	}
	if text, err := json.Marshal(run.Report()); err != nil || len(text) == 0 {
		t.Error(err)
	}
}
