package smtpmodule

import (
	"context"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/sink"
)

// localSink is the sink of this process. Its clock and the run's are the same.
type localSink struct{ *sink.Server }

var _ results.Source = localSink{}

func (s localSink) Name() string { return "in process" }

func (s localSink) Received(_ context.Context, run string) (int, error) {
	return s.Progress(run).Recipients, nil
}

func (s localSink) Clock(context.Context, *measure.Clock) (results.ClockOffset, error) {
	return results.ClockOffset{StepMs: s.ReadClock().StepMs}, nil
}

func (s localSink) Arrivals(_ context.Context, run string, clock *measure.Clock, _ results.ClockOffset, visit func(results.Arrival)) error {
	s.Receipts(run, func(sequence uint64, receipt sink.Receipt) {
		visit(results.Arrival{
			Sequence: sequence, Recipients: receipt.Recipients, Duplicates: receipt.Duplicates,
			Last: clock.Elapsed(s.Started().Add(receipt.Last)),
		})
	})
	return nil
}
