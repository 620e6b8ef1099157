package sink

import (
	"maps"
	"time"

	"hipaa-check/loadtests/extension/measure"
)

// Report is what a sink has to tell. README.md describes it.
type Report struct {
	SchemaVersion string                 `json:"schemaVersion"`
	Producer      string                 `json:"producer"`
	StartedAt     time.Time              `json:"startedAt"`
	Seconds       float64                `json:"seconds"`
	Clock         measure.ClockReport    `json:"clock"`
	Process       *measure.ProcessReport `json:"process"`
	Sessions      SessionsReport         `json:"sessions"`
	Messages      MessagesReport         `json:"messages"`
	// Service runs from the last octet of a message to the sink's answer, planned delays not counted.
	Service  *measure.HistogramReport `json:"service"`
	Faults   []FaultReport            `json:"faults"`
	Limits   []LimitReport            `json:"limits"`
	Runs     map[string]RunReport     `json:"runs"`
	Timeline []SecondReport           `json:"timeline"`
	Samples  []Sample                 `json:"samples"`
}

// SessionsReport counts connections.
type SessionsReport struct {
	Opened  int64 `json:"opened"`
	Refused int64 `json:"refused"`
	AtOnce  int64 `json:"atOnce"`
	// TLS counts handshakes by version.
	TLS           map[string]int64 `json:"tls"`
	Authenticated int64            `json:"authenticated"`
}

// MessagesReport counts messages that have arrived; Faulty are those that met a fault.
type MessagesReport struct {
	Received        int64 `json:"received"`
	Recipients      int64 `json:"recipients"`
	Octets          int64 `json:"octets"`
	Plaintext       int64 `json:"plaintext"`
	Unstamped       int64 `json:"unstamped"`
	ListUnsubscribe int64 `json:"listUnsubscribe"`
	OneClick        int64 `json:"oneClick"`
	Faulty          int64 `json:"faulty"`
}

// FaultReport says how often a fault was carried out.
type FaultReport struct {
	Fault
	Applied int64 `json:"applied"`
}

// LimitReport says how often a limit was met.
type LimitReport struct {
	Limit
	Applied int64 `json:"applied"`
}

// RunReport is what came from one sender process.
type RunReport struct {
	Messages   int `json:"messages"`
	Recipients int `json:"recipients"`
	Duplicates int `json:"duplicates"`
	// EndToEnd runs from the intended start in the stamp to the arrival, by the two wall clocks.
	EndToEnd *measure.HistogramReport `json:"endToEnd"`
}

// SecondReport is one second of the sink's life.
type SecondReport struct {
	Second   int   `json:"second"`
	Received int64 `json:"received"`
}

// Report tells what has happened until now.
func (s *Server) Report() *Report {
	f, plan, process := &s.figures, s.plan.Load(), s.process.Report()
	report := &Report{
		SchemaVersion: "1", Producer: "smtp-sink",
		StartedAt: s.clock.Start(), Seconds: time.Since(s.clock.Start()).Seconds(),
		Clock: s.clock.Report(), Process: &process,
		Sessions: SessionsReport{
			Opened: f.sessions.Load(), Refused: f.refused.Load(), AtOnce: f.atOnce.Load(), Authenticated: f.authenticated.Load(),
		},
		Messages: MessagesReport{
			Received: f.messages.Load(), Recipients: f.recipients.Load(), Octets: f.octets.Load(),
			Plaintext: f.plaintext.Load(), Unstamped: f.unstamped.Load(), ListUnsubscribe: f.listUnsubscribe.Load(),
			OneClick: f.oneClick.Load(), Faulty: f.faulty.Load(),
		},
		Faults: []FaultReport{}, Limits: []LimitReport{}, Runs: map[string]RunReport{}, Timeline: []SecondReport{},
	}
	for _, fault := range plan.faults {
		report.Faults = append(report.Faults, FaultReport{fault.Fault, fault.applied.Load()})
	}
	for _, limit := range plan.limits {
		report.Limits = append(report.Limits, LimitReport{limit.Limit, limit.applied.Load()})
	}
	s.receipts.Load().report(report.Runs)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	report.Sessions.TLS = maps.Clone(f.tls)
	if report.Sessions.TLS == nil {
		report.Sessions.TLS = map[string]int64{}
	}
	report.Service = f.service.Report()
	for second, received := range f.seconds {
		if received > 0 {
			report.Timeline = append(report.Timeline, SecondReport{second, received})
		}
	}
	report.Samples = append([]Sample{}, f.samples...)
	return report
}

func (r *receipts) report(target map[string]RunReport) {
	r.mutex.RLock()
	defer r.mutex.RUnlock()
	for name, of := range r.runs {
		of.mutex.Lock()
		target[name] = RunReport{
			Messages: of.messages, Recipients: of.recipients, Duplicates: of.duplicates, EndToEnd: of.endToEnd.Report(),
		}
		of.mutex.Unlock()
	}
}
