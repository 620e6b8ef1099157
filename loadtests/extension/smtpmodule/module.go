// Package smtpmodule is the k6 module k6/x/smtp. README.md and index.d.ts describe it for those who write scripts.
package smtpmodule

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/lib"

	"hipaa-check/loadtests/extension/message"
	"hipaa-check/loadtests/extension/results"
)

// Name is what scripts import.
const Name = "k6/x/smtp"

func init() { modules.Register(Name, new(Root)) }

// Root is what all virtual users of a process share.
type Root struct {
	mutex     sync.Mutex
	run       *results.Run
	targets   map[sessionOptions]*target
	sinks     map[string]*sinkHandle
	templates map[contentKey]*message.Template
}

var _ modules.Module = (*Root)(nil)

// Instance is the module within one virtual user.
type Instance struct {
	root     *Root
	vu       modules.VU
	metrics  *smtpMetrics
	tags     tagCache
	schedule schedule
	lastKey  contentKey
	last     *message.Template
	buffers  [batchBuffers][]byte
	// A virtual user does one thing at a time, so that what it needs for that is used again.
	delivery delivery
	request  request
}

var _ modules.Instance = (*Instance)(nil)

// NewModuleInstance makes the module for one virtual user.
func (r *Root) NewModuleInstance(vu modules.VU) modules.Instance {
	if err := r.begin(); err != nil {
		common.Throw(vu.Runtime(), err)
	}
	return &Instance{root: r, vu: vu, metrics: registerMetrics(vu.InitEnv().Registry)}
}

func (r *Root) begin() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.run != nil {
		return nil
	}
	run, err := results.NewRun()
	if err != nil {
		return err
	}
	r.run = run
	r.targets, r.sinks = map[sessionOptions]*target{}, map[string]*sinkHandle{}
	r.templates = map[contentKey]*message.Template{}
	return nil
}

// Exports are what scripts import by name.
func (i *Instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"Session": i.newSession,
		"Sink":    i.newSink,
		"report":  i.report,
	}}
}

func (i *Instance) report() (string, error) {
	text, err := json.Marshal(i.root.run.Report())
	return string(text), err
}

// state gives the state of the virtual user. Outside of its code it throws.
func (i *Instance) state(method string) *lib.State {
	state := i.vu.State()
	if state == nil {
		common.Throw(i.vu.Runtime(), common.NewInitContextError(method+" cannot be called in the init context"))
	}
	return state
}

// fail throws a TypeError with the message of an error.
func (i *Instance) fail(err error) {
	panic(i.vu.Runtime().NewTypeError("%s", err.Error()))
}

// account gives where to count what a virtual user does, and the intended start of what it does now.
func (i *Instance) account(state *lib.State, called time.Time) (*results.Scenario, time.Time) {
	scenario := lib.GetScenarioState(i.vu.Context())
	if scenario == nil {
		name := "setup"
		if group, _ := state.Tags.GetCurrentValues().Tags.Get("group"); group == lib.GroupSeparator+"teardown" {
			name = "teardown"
		}
		return i.root.run.Scenario(name, false), called
	}
	if i.schedule.of != scenario {
		i.schedule = newSchedule(scenario, state.Options.Scenarios[scenario.Name])
		i.schedule.account = i.root.run.Scenario(scenario.Name, i.schedule.after != nil)
	}
	return i.schedule.account, i.schedule.intended(state, called)
}

// toObject gives an argument as an object, or throws.
func (i *Instance) toObject(what string, value sobek.Value) *sobek.Object {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		panic(i.vu.Runtime().NewTypeError("%s must be an object", what))
	}
	return object
}
