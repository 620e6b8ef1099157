package measure

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestPercentilesAreWithinPrecision(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var histogram Histogram
	var values []time.Duration
	for range 20_000 {
		value := time.Duration(random.ExpFloat64() * float64(20*time.Millisecond))
		histogram.Record(value)
		values = append(values, value)
	}
	slices.Sort(values)
	report := histogram.Report()
	for _, percent := range []float64{50, 90, 95, 99, 99.9, 100} {
		exact := values[min(int(percent/100*float64(len(values))), len(values)-1)]
		found := report.Percentile(percent)
		if difference := (found - exact).Abs(); difference > exact/500+20*time.Microsecond {
			t.Errorf("p%v is %s and not %s", percent, found, exact)
		}
	}
	if report.Count != 20_000 || report.Max != values[len(values)-1].Microseconds() || report.Min != values[0].Microseconds() {
		t.Errorf("%d from %d to %d", report.Count, report.Min, report.Max)
	}
}

// Adding the counts of equal buckets is all that it takes to merge.
func TestMergingLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var all Histogram
	parts := make([]Histogram, 4)
	for index := range 40_000 {
		value := time.Duration(random.NormFloat64()*float64(5*time.Millisecond)) + 30*time.Millisecond
		all.Record(value)
		parts[index%4].Record(value)
	}
	counts := map[int64]int64{}
	for index := range parts {
		for _, bucket := range parts[index].Report().Buckets {
			counts[bucket[0]] += bucket[1]
		}
	}
	if merged, wanted := sorted(counts), all.Report().Buckets; !slices.Equal(merged, wanted) {
		t.Errorf("%d buckets and not %d", len(merged), len(wanted))
	}
}

func TestHistogramsAtTheirLimits(t *testing.T) {
	var histogram Histogram
	if histogram.Report() != nil || histogram.Report().Percentile(99) != 0 {
		t.Error("an empty histogram reports something")
	}
	histogram.Record(-time.Second)
	histogram.Record(2 * time.Hour)
	report := histogram.Report()
	if report.Min != 0 || report.Max != histogramMax || report.Count != 2 || report.Percentile(50) != 0 {
		t.Errorf("%+v", report)
	}
}

func TestTimelines(t *testing.T) {
	var timeline Timeline
	timeline.Offered(900 * time.Millisecond)
	timeline.Accepted(900*time.Millisecond, 1200*time.Millisecond, 300*time.Millisecond)
	timeline.Delivered(900*time.Millisecond, 3100*time.Millisecond, 2200*time.Millisecond)
	timeline.Failed(-time.Second)
	report := timeline.Report()
	if len(report) != 3 || report[0].Second != 0 || report[1].Second != 1 || report[2].Second != 3 {
		t.Fatalf("%+v", report)
	}
	first := report[0]
	if first.Offered != 1 || first.Failed != 1 || first.Accepted != 0 || report[1].Accepted != 1 || report[2].Delivered != 1 {
		t.Errorf("%+v", report)
	}
	if submit := first.Submit[0][0]; submit < 300_000 || submit > 303_000 {
		t.Errorf("submit in a bucket up to %d us", submit)
	}
}

func TestBucketsOfTimelinesHoldTheirValues(t *testing.T) {
	previous := int64(-1)
	for micros := range int64(200_000) {
		upper := coarse(time.Duration(micros) * time.Microsecond)
		if upper < micros || upper < previous || upper-micros > micros/100+1 {
			t.Fatalf("%d us is in a bucket up to %d", micros, upper)
		}
		previous = upper
	}
}

func TestStepsOfTheClock(t *testing.T) {
	clock := NewClock()
	now := clock.Start()
	for second := range 60 {
		// A time service that slews by half a millisecond a second sets nothing.
		clock.observe(now.Add(time.Duration(second)*time.Second), time.Duration(second)*time.Millisecond/2)
	}
	if clock.largest != 0 {
		t.Errorf("slewing counts as a step of %s", clock.largest)
	}
	clock.observe(now.Add(61*time.Second), 30*time.Millisecond-2*time.Second)
	if clock.largest < 1990*time.Millisecond || clock.largest > 2*time.Second {
		t.Errorf("a step of two seconds back is seen as %s", clock.largest)
	}
	if report := clock.Report(); report.StepMs < 1990 {
		t.Errorf("%+v", report)
	}
}

func TestSteadyTimesFollowTheMonotonicClock(t *testing.T) {
	clock := NewClock()
	later := clock.Start().Add(90 * time.Second)
	if steady := clock.Steady(later); !steady.Equal(clock.Start().Round(0).Add(90 * time.Second)) {
		t.Error(steady)
	}
	if clock.Elapsed(later) != 90*time.Second {
		t.Error(clock.Elapsed(later))
	}
}

func TestProcessesAreWatched(t *testing.T) {
	process := NewProcess(NewClock())
	process.Begin()
	process.Begin()
	defer process.End()
	if report := process.Report(); report.Cores < 1 || report.MaxRSSBytes < 1<<20 || report.CPUSeconds == nil || *report.CPUSeconds <= 0 {
		t.Errorf("%+v", report)
	}
}
