package measure

import (
	"runtime"
	"sync"
	"time"
)

// Process watches what this process uses, second by second.
type Process struct {
	clock *Clock
	begin sync.Once
	end   sync.Once
	ended chan struct{}

	mutex   sync.Mutex
	seconds []ProcessSecond
}

// ProcessSecond is the processor time, in seconds, that was used within a second of the run.
type ProcessSecond struct {
	Second     int     `json:"second"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

// ProcessReport is what the process has used since it was started.
type ProcessReport struct {
	// CPUSeconds is nil, MaxRSSBytes 0 and Timeline empty where the system does not tell.
	CPUSeconds  *float64        `json:"cpuSeconds"`
	Cores       int             `json:"cores"`
	MaxRSSBytes int64           `json:"maxRssBytes"`
	Timeline    []ProcessSecond `json:"timeline"`
}

// NewProcess prepares to watch; clock gives the seconds of the run, and is observed as well.
func NewProcess(clock *Clock) *Process {
	return &Process{clock: clock, ended: make(chan struct{})}
}

// Begin starts watching, once.
func (p *Process) Begin() { p.begin.Do(func() { go p.watch() }) }

// End stops watching.
func (p *Process) End() { p.end.Do(func() { close(p.ended) }) }

func (p *Process) watch() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	before, _, isKnown := usage()
	for {
		select {
		case <-p.ended:
			return
		case now := <-ticker.C:
			p.clock.Observe(time.Now())
			if !isKnown {
				continue
			}
			used, _, _ := usage()
			p.mutex.Lock()
			p.seconds = append(p.seconds, ProcessSecond{
				Second: max(int(p.clock.Elapsed(now)/time.Second)-1, 0), CPUSeconds: (used - before).Seconds(),
			})
			p.mutex.Unlock()
			before = used
		}
	}
}

// Report gives what was used until now.
func (p *Process) Report() ProcessReport {
	used, memory, isKnown := usage()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	report := ProcessReport{
		Cores: runtime.GOMAXPROCS(0), MaxRSSBytes: memory, Timeline: append([]ProcessSecond{}, p.seconds...),
	}
	if isKnown {
		seconds := used.Seconds()
		report.CPUSeconds = &seconds
	}
	return report
}
