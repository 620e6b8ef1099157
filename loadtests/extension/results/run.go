// Package results gathers what the messages of a run have met, scenario by scenario, and joins it with what a sink has seen.
package results

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/message"
)

// Run is everything that one process measures. It is safe for use by many goroutines.
type Run struct {
	// Name is in the stamps of all messages.
	Name  string
	Clock *measure.Clock

	process  *measure.Process
	sequence atomic.Uint64
	ledger   atomic.Pointer[ledger]

	mutex     sync.Mutex
	scenarios []*Scenario
	byName    map[string]*Scenario
	targets   []*Target
	collected *CollectedReport
}

// NewRun begins a run.
func NewRun() (*Run, error) {
	name, err := message.NewRun()
	if err != nil {
		return nil, err
	}
	clock := measure.NewClock()
	return &Run{Name: name, Clock: clock, process: measure.NewProcess(clock), byName: map[string]*Scenario{}}, nil
}

// Watch begins to watch the process's own use of processors, once.
func (r *Run) Watch() { r.process.Begin() }

// Track begins to remember every accepted message, for Collect. It costs 24 octets a message.
func (r *Run) Track() { r.ledger.CompareAndSwap(nil, newLedger()) }

// Stamp gives the stamp of the next message.
func (r *Run) Stamp(intended, now time.Time) message.Stamp {
	return message.Stamp{
		Run: r.Name, Sequence: r.sequence.Add(1),
		Intended: r.Clock.Steady(intended), Sent: r.Clock.Steady(now),
	}
}

// Scenario gives the account of a scenario; scheduled says that its intended starts follow from a rate.
func (r *Run) Scenario(name string, scheduled bool) *Scenario {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	scenario := r.byName[name]
	if scenario == nil {
		scenario = &Scenario{run: r, number: len(r.scenarios), name: name, failures: map[failureKey]int{}}
		r.byName[name] = scenario
		r.scenarios = append(r.scenarios, scenario)
	}
	scenario.scheduled = scenario.scheduled || scheduled
	return scenario
}

// AddTarget registers a way of sending for the report.
func (r *Run) AddTarget(target *Target) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.targets = append(r.targets, target)
}

// Report is what a run has measured. README.md describes it.
type Report struct {
	SchemaVersion string                     `json:"schemaVersion"`
	Producer      string                     `json:"producer"`
	Run           string                     `json:"run"`
	StartedAt     time.Time                  `json:"startedAt"`
	Seconds       float64                    `json:"seconds"`
	Clock         measure.ClockReport        `json:"clock"`
	Process       measure.ProcessReport      `json:"process"`
	Environment   Environment                `json:"environment"`
	Targets       []TargetReport             `json:"targets"`
	Scenarios     map[string]*ScenarioReport `json:"scenarios"`
	Collected     *CollectedReport           `json:"collected"`
}

// Environment is what the figures were measured with.
type Environment struct {
	K6   string `json:"k6"`
	Go   string `json:"go"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
}

const k6Module = "go.k6.io/k6/v2"

func environment() Environment {
	found := Environment{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == k6Module {
				found.K6 = module.Version
			}
		}
	}
	return found
}

// Report tells what was measured until now.
func (r *Run) Report() *Report {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	report := &Report{
		SchemaVersion: "1", Producer: "k6/x/smtp", Run: r.Name,
		StartedAt: r.Clock.Start(), Seconds: time.Since(r.Clock.Start()).Seconds(),
		Clock: r.Clock.Report(), Process: r.process.Report(), Environment: environment(),
		Targets: []TargetReport{}, Scenarios: map[string]*ScenarioReport{}, Collected: r.collected,
	}
	for _, target := range r.targets {
		report.Targets = append(report.Targets, target.report())
	}
	for _, scenario := range r.scenarios {
		report.Scenarios[scenario.name] = scenario.report(r.collected != nil)
	}
	return report
}
