package smtpmodule

import (
	"math"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/executor"

	"hipaa-check/loadtests/extension/results"
)

// schedule tells when the iterations of a scenario were meant to start.
type schedule struct {
	of      *lib.ScenarioState
	account *results.Scenario
	// after gives the time from the scenario's start to that of an iteration; nil without an arrival rate.
	after func(iteration uint64) time.Duration
	// served is the iteration, plus one, that has already used its intended start.
	served uint64
}

func newSchedule(scenario *lib.ScenarioState, config lib.ExecutorConfig) schedule {
	s := schedule{of: scenario}
	switch config := config.(type) {
	case *executor.ConstantArrivalRateConfig:
		s.after = constantRate(config.Rate.Int64, config.TimeUnit.TimeDuration())
	case *executor.RampingArrivalRateConfig:
		s.after = rampingRate(config)
	}
	return s
}

// intended gives the intended start of what a virtual user does now. Only the first message of an iteration has the
// iteration's own; what comes later in it begins when it is called.
func (s *schedule) intended(state *lib.State, called time.Time) time.Time {
	if s.after == nil || state.GetScenarioGlobalVUIter == nil {
		return called
	}
	iteration := state.GetScenarioGlobalVUIter()
	if s.served == iteration+1 {
		return called
	}
	s.served = iteration + 1
	return s.of.StartTime.Add(s.after(iteration))
}

// constantRate spaces iterations by whole nanoseconds, as k6 does.
func constantRate(rate int64, unit time.Duration) func(uint64) time.Duration {
	if rate <= 0 {
		return nil
	}
	period := time.Duration(float64(unit) / float64(rate))
	return func(iteration uint64) time.Duration { return period * time.Duration(iteration) }
}

// ramp is a part of a schedule in which the rate changes evenly. Rates are iterations a nanosecond.
type ramp struct {
	start, length time.Duration
	from, to      float64
	// before is how many iterations belong to earlier parts.
	before float64
}

func rampingRate(config *executor.RampingArrivalRateConfig) func(uint64) time.Duration {
	unit := float64(config.TimeUnit.TimeDuration())
	var ramps []ramp
	part := ramp{from: float64(config.StartRate.ValueOrZero()) / unit}
	for _, stage := range config.Stages {
		part.length, part.to = stage.Duration.TimeDuration(), float64(stage.Target.ValueOrZero())/unit
		ramps = append(ramps, part)
		part.before += (part.from + part.to) / 2 * float64(part.length)
		part.start += part.length
		part.from = part.to
	}
	return func(iteration uint64) time.Duration {
		// An iteration is due when the area under the rate reaches its number, counted from 1.
		number := float64(iteration) + 1
		for index := range ramps {
			if elapsed, isIn := ramps[index].reach(number - ramps[index].before); isIn {
				return ramps[index].start + elapsed
			}
		}
		return part.start
	}
}

// reach gives when so many iterations of this part are due: the solution of from*t + (to-from)/(2*length)*t² = count.
func (r *ramp) reach(count float64) (time.Duration, bool) {
	if count > (r.from+r.to)/2*float64(r.length) {
		return 0, false
	}
	slope := (r.to - r.from) / float64(r.length)
	root := math.Sqrt(max(r.from*r.from+2*slope*count, 0))
	return time.Duration(2 * count / (r.from + root)), true
}
