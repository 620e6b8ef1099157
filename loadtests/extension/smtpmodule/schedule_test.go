package smtpmodule

import (
	"testing"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/executor"
	"go.k6.io/k6/v2/lib/types"
	"gopkg.in/guregu/null.v3"
)

func TestConstantRates(t *testing.T) {
	config := executor.NewConstantArrivalRateConfig("x")
	config.Rate, config.TimeUnit = null.IntFrom(3000), types.NullDurationFrom(time.Second)
	s := newSchedule(&lib.ScenarioState{}, config)
	for iteration, wanted := range map[uint64]time.Duration{0: 0, 1: 333_333, 3000: 999_999_000} {
		if found := s.after(iteration); found != wanted {
			t.Errorf("iteration %d after %s and not %s", iteration, found, wanted)
		}
	}
}

func ramping(start int64, stages ...[2]int64) *executor.RampingArrivalRateConfig {
	config := executor.NewRampingArrivalRateConfig("x")
	config.StartRate, config.TimeUnit = null.IntFrom(start), types.NullDurationFrom(time.Second)
	for _, stage := range stages {
		config.Stages = append(config.Stages, executor.Stage{
			Duration: types.NullDurationFrom(time.Duration(stage[0]) * time.Second), Target: null.IntFrom(stage[1]),
		})
	}
	return config
}

// The area under the rate up to an iteration's start is its number.
func TestRampingRates(t *testing.T) {
	for name, config := range map[string]*executor.RampingArrivalRateConfig{
		"up": ramping(0, [2]int64{10, 100}), "up and down": ramping(10, [2]int64{5, 50}, [2]int64{5, 50}, [2]int64{5, 0}),
		"steps": ramping(20, [2]int64{5, 20}, [2]int64{0, 40}, [2]int64{5, 40}),
	} {
		s := newSchedule(&lib.ScenarioState{}, config)
		previous := time.Duration(-1)
		for iteration := range uint64(200) {
			due := s.after(iteration)
			if due < previous {
				t.Fatalf("%s: iteration %d is due at %s, before the one before it", name, iteration, due)
			}
			if area := areaUntil(config, due); area < float64(iteration+1)-0.01 || area > float64(iteration+1)+0.01 {
				t.Fatalf("%s: iteration %d is due at %s, where %f iterations are", name, iteration, due, area)
			}
			previous = due
		}
	}
}

// areaUntil sums up the rate in small steps.
func areaUntil(config *executor.RampingArrivalRateConfig, until time.Duration) float64 {
	const step = 50 * time.Microsecond
	area, at, from := 0.0, time.Duration(0), float64(config.StartRate.Int64)
	for _, stage := range config.Stages {
		length, to := stage.Duration.TimeDuration(), float64(stage.Target.Int64)
		for within := time.Duration(0); within < length; within += step {
			if at+within >= until {
				return area
			}
			width := min(step, until-at-within)
			middle := (within + width/2).Seconds() / length.Seconds()
			area += (from + (to-from)*middle) * width.Seconds()
		}
		at, from = at+length, to
	}
	return area
}

func TestIntendedStarts(t *testing.T) {
	config := executor.NewConstantArrivalRateConfig("x")
	config.Rate = null.IntFrom(100)
	began := time.Now()
	s := newSchedule(&lib.ScenarioState{StartTime: began}, config)
	iteration := uint64(7)
	state := &lib.State{GetScenarioGlobalVUIter: func() uint64 { return iteration }}
	called := began.Add(time.Second)
	if intended := s.intended(state, called); !intended.Equal(began.Add(70 * time.Millisecond)) {
		t.Error(intended.Sub(began))
	}
	if intended := s.intended(state, called); !intended.Equal(called) {
		t.Error("the second message of an iteration starts with the iteration")
	}
	iteration++
	if intended := s.intended(state, called); !intended.Equal(began.Add(80 * time.Millisecond)) {
		t.Error(intended.Sub(began))
	}
	closed := newSchedule(&lib.ScenarioState{StartTime: began}, executor.NewSharedIterationsConfig("x"))
	if intended := closed.intended(state, called); !intended.Equal(called) {
		t.Error("a scenario without a rate has a schedule")
	}
}
