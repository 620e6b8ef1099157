package smtpmodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/sink"
)

// sinkHandle is a sink that all virtual users share: one in this process, or one that is reached over its control address.
type sinkHandle struct {
	options sink.Options
	remote  *remoteSink

	mutex  sync.Mutex
	local  *sink.Server
	before *results.ClockOffset
}

// scriptSink is what a script holds.
type scriptSink struct {
	instance *Instance
	handle   *sinkHandle
}

// newSink is the constructor of Sink.
func (i *Instance) newSink(call sobek.ConstructorCall) *sobek.Object {
	object := i.toObject("Sink: options", call.Argument(0))
	text, err := object.MarshalJSON()
	if err != nil {
		i.fail(fmt.Errorf("Sink: %w", err))
	}
	handle, err := i.root.sink(string(text), object)
	if err != nil {
		i.fail(fmt.Errorf("Sink: %w", err))
	}
	i.root.run.Track()
	s := &scriptSink{instance: i, handle: handle}
	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"start": s.start, "plan": s.plan, "collect": s.collect, "report": s.report, "stop": s.stop,
	} {
		if err := call.This.Set(name, method); err != nil {
			i.fail(err)
		}
	}
	return call.This
}

// sink gives the handle that sinks with these options share.
func (r *Root) sink(options string, object *sobek.Object) (*sinkHandle, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if handle := r.sinks[options]; handle != nil {
		return handle, nil
	}
	handle := &sinkHandle{}
	var err error
	if control := object.Get("control"); control != nil && !sobek.IsUndefined(control) {
		if len(object.Keys()) > 1 {
			return nil, errors.New("control stands alone: the sink that it belongs to has its own options")
		}
		handle.remote, err = newRemoteSink(control.String())
	} else {
		if handle.options, err = sink.ParseOptions(strings.NewReader(options)); err == nil {
			err = handle.options.Check()
		}
	}
	if err == nil {
		r.sinks[options] = handle
	}
	return handle, err
}

// started is what start gives to a script.
type started struct {
	Host string `js:"host" json:"host"`
	Port int    `js:"port" json:"port"`
	CA   string `js:"ca" json:"ca"`
}

func (s *scriptSink) start(sobek.FunctionCall) sobek.Value {
	s.instance.state("Sink.start")
	s.handle.mutex.Lock()
	defer s.handle.mutex.Unlock()
	place, err := s.handle.begin(s.instance)
	if err != nil {
		s.fail("start", err)
	}
	return s.instance.vu.Runtime().ToValue(started(*place))
}

// begin starts a sink of one's own, or measures the clock of another one.
func (h *sinkHandle) begin(i *Instance) (*sink.Place, error) {
	if h.remote != nil {
		offset, err := h.remote.Clock(i.vu.Context(), i.root.run.Clock)
		if err != nil {
			return nil, err
		}
		if h.before == nil {
			h.before = &offset
		}
		return h.remote.place(i.vu.Context())
	}
	if h.local == nil {
		server, err := sink.Start(h.options)
		if err != nil {
			return nil, err
		}
		h.local = server
	}
	place := h.local.Place()
	return &place, nil
}

func (s *scriptSink) fail(method string, err error) {
	s.instance.fail(fmt.Errorf("Sink.%s: %w", method, err))
}

var errNotStarted = errors.New("the sink has not been started")

// running gives the sink of this process; nil for another one.
func (s *scriptSink) running(method string) *sink.Server {
	s.instance.state("Sink." + method)
	s.handle.mutex.Lock()
	defer s.handle.mutex.Unlock()
	if s.handle.remote == nil && s.handle.local == nil {
		s.fail(method, errNotStarted)
	}
	return s.handle.local
}

func (s *scriptSink) plan(call sobek.FunctionCall) sobek.Value {
	server := s.running("plan")
	text, err := s.instance.toObject("Sink.plan: plan", call.Argument(0)).MarshalJSON()
	if err == nil && server == nil {
		err = s.handle.remote.plan(s.instance.vu.Context(), text)
	} else if err == nil {
		var plan sink.Plan
		if plan, err = sink.ParsePlan(strings.NewReader(string(text))); err == nil {
			err = server.SetPlan(plan)
		}
	}
	if err != nil {
		s.fail("plan", err)
	}
	return sobek.Undefined()
}

func (s *scriptSink) report(sobek.FunctionCall) sobek.Value {
	server := s.running("report")
	var text []byte
	var err error
	if server == nil {
		text, err = s.handle.remote.get(s.instance.vu.Context(), "/report")
	} else {
		text, err = json.Marshal(server.Report())
	}
	var value any
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		s.fail("report", err)
	}
	return s.instance.vu.Runtime().ToValue(value)
}

func (s *scriptSink) stop(sobek.FunctionCall) sobek.Value {
	server := s.running("stop")
	if server == nil {
		if err := s.handle.remote.stop(s.instance.vu.Context()); err != nil {
			s.fail("stop", err)
		}
		return sobek.Undefined()
	}
	server.Stop()
	return sobek.Undefined()
}

// Collected is what collect gives to a script.
type Collected struct {
	Accepted   int     `js:"accepted" json:"accepted"`
	Delivered  int     `js:"delivered" json:"delivered"`
	Lost       int     `js:"lost" json:"lost"`
	Duplicated int     `js:"duplicated" json:"duplicated"`
	Drained    float64 `js:"drained" json:"drained"`
}

const defaultDrain = 30 * time.Second

func (s *scriptSink) collect(call sobek.FunctionCall) sobek.Value {
	server := s.running("collect")
	i, state := s.instance, s.instance.state("Sink.collect")
	drain := defaultDrain
	if argument := call.Argument(0); !sobek.IsUndefined(argument) {
		object := i.toObject("Sink.collect: options", argument)
		if err := readFields(object, map[string]func(sobek.Value) error{"drain": span(&drain)}); err != nil {
			s.fail("collect", err)
		}
	}
	s.handle.mutex.Lock()
	source, before := results.Source(s.handle.remote), s.handle.before
	s.handle.mutex.Unlock()
	if server != nil {
		source, before = localSink{server}, &results.ClockOffset{}
	}
	emitter := i.newEmitter(state)
	totals, err := i.root.run.Collect(i.vu.Context(), source, drain, before, emitter.emit)
	if err != nil {
		s.fail("collect", err)
	}
	emitter.push()
	return i.vu.Runtime().ToValue(&Collected{
		totals.Accepted, totals.Delivered, totals.Lost, totals.Duplicated, metrics.D(totals.Drained),
	})
}

// emitter turns deliveries into samples.
type emitter struct {
	instance *Instance
	state    *lib.State
	samples  samples
	base     *metrics.TagSet
	byName   map[string]*metrics.TagSet
}

func (i *Instance) newEmitter(state *lib.State) *emitter {
	base, _ := i.tagSet(state, "")
	if state.Options.SystemTags.Has(metrics.TagGroup) {
		base = base.With(metrics.TagGroup.String(), lib.RootGroupPath)
	}
	return &emitter{instance: i, state: state, base: base, byName: map[string]*metrics.TagSet{}, samples: samples{tags: base}}
}

func (e *emitter) emit(delivery *results.Delivery) {
	tags := e.byName[delivery.Scenario]
	if tags == nil {
		if tags = e.base; e.state.Options.SystemTags.Has(metrics.TagScenario) {
			tags = tags.With(metrics.TagScenario.String(), delivery.Scenario)
		}
		e.byName[delivery.Scenario] = tags
	}
	m, s := e.instance.metrics, &e.samples
	s.time = delivery.At
	endToEnd := math.Inf(1)
	if delivery.Arrived {
		endToEnd = metrics.D(delivery.EndToEnd)
		s.addTagged(m.delivery, max(metrics.D(delivery.Delivery), 0), tags)
	} else {
		s.time = time.Now()
	}
	s.addTagged(m.endToEnd, endToEnd, tags)
	s.addTagged(m.lost, rate(!delivery.Arrived), tags)
	if delivery.Duplicates > 0 {
		s.addTagged(m.duplicates, float64(delivery.Duplicates), tags)
	}
	if len(s.list) >= samplesAtOnce {
		e.push()
	}
}

func (e *emitter) push() {
	if len(e.samples.list) > 0 {
		metrics.PushIfNotDone(e.instance.vu.Context(), e.state.Samples, metrics.Samples(e.samples.list))
	}
	e.samples.list = make([]sample, 0, samplesAtOnce+samplesForOne)
}
