package measure

import (
	"sync"
	"time"
)

// Clock gives wall-clock times that never step: the wall clock is read once, and time goes on by the monotonic clock. It
// notices when somebody sets the wall clock. It is safe for use by many goroutines.
type Clock struct {
	start time.Time

	mutex   sync.Mutex
	last    time.Time
	drift   time.Duration
	largest time.Duration
}

// NewClock starts a clock.
func NewClock() *Clock {
	now := time.Now()
	return &Clock{start: now, last: now}
}

// Start is when the clock was started.
func (c *Clock) Start() time.Time { return c.start }

// Elapsed is the time from the start of the clock until a time that time.Now has given.
func (c *Clock) Elapsed(at time.Time) time.Duration { return at.Sub(c.start) }

// Steady turns a time that time.Now has given into a wall-clock time that steps of the wall clock do not touch.
func (c *Clock) Steady(at time.Time) time.Time {
	return c.start.Round(0).Add(c.Elapsed(at))
}

// slewPerSecond is how fast a time service may correct the clock without setting it.
const slewPerSecond = time.Millisecond

// Observe compares the wall clock with the monotonic one.
func (c *Clock) Observe(now time.Time) {
	wall := now.Round(0).Sub(c.start.Round(0))
	c.observe(now, wall-c.Elapsed(now))
}

func (c *Clock) observe(now time.Time, drift time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	allowed := time.Duration(now.Sub(c.last).Seconds() * float64(slewPerSecond))
	step := max((drift-c.drift).Abs()-allowed, 0)
	c.largest = max(c.largest, step)
	c.last, c.drift = now, drift
}

// ClockReport is what was noticed about the wall clock.
type ClockReport struct {
	// StepMs is the largest step in milliseconds.
	StepMs float64 `json:"stepMs"`
}

// Report observes once more and gives the largest step.
func (c *Clock) Report() ClockReport {
	c.Observe(time.Now())
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return ClockReport{StepMs: Milliseconds(c.largest)}
}

// Milliseconds gives a duration in milliseconds with fractions.
func Milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}
