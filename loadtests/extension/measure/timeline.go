package measure

import (
	"math/bits"
	"slices"
	"time"
)

// Second is what happened within one second of a scenario.
type Second struct {
	offered, accepted, failed, delivered int
	submit, endToEnd                     map[int64]int64
}

// Timeline holds the seconds of a run. It is used by one goroutine at a time.
type Timeline struct {
	seconds []*Second
}

// longestTimeline is how many seconds are told apart: a day.
const longestTimeline = 24 * 60 * 60

func (t *Timeline) at(elapsed time.Duration) *Second {
	index := min(max(int(elapsed/time.Second), 0), longestTimeline-1)
	if index >= len(t.seconds) {
		t.seconds = append(t.seconds, make([]*Second, index+1-len(t.seconds))...)
	}
	if t.seconds[index] == nil {
		t.seconds[index] = &Second{submit: map[int64]int64{}, endToEnd: map[int64]int64{}}
	}
	return t.seconds[index]
}

// Offered counts a message in the second of its intended start.
func (t *Timeline) Offered(intended time.Duration) { t.at(intended).offered++ }

// Accepted counts a message in the second of its final reply, and its latency in that of its intended start.
func (t *Timeline) Accepted(intended, replied, submit time.Duration) {
	t.at(replied).accepted++
	t.at(intended).submit[coarse(submit)]++
}

// Failed counts a message in the second in which its failure was known.
func (t *Timeline) Failed(known time.Duration) { t.at(known).failed++ }

// Delivered counts a message in the second of its arrival, and its latency in that of its intended start.
func (t *Timeline) Delivered(intended, arrived, endToEnd time.Duration) {
	t.at(arrived).delivered++
	t.at(intended).endToEnd[coarse(endToEnd)]++
}

// coarse gives the highest value, in microseconds, of the bucket with two significant digits that a duration falls in.
func coarse(duration time.Duration) int64 {
	micros := max(duration.Microseconds(), 0)
	if shift := bits.Len64(uint64(micros)) - 8; shift > 0 {
		return (micros>>shift+1)<<shift - 1
	}
	return micros
}

// SecondReport is one second as it is written to reports.
type SecondReport struct {
	Second    int      `json:"second"`
	Offered   int      `json:"offered"`
	Accepted  int      `json:"accepted"`
	Failed    int      `json:"failed"`
	Delivered int      `json:"delivered"`
	Submit    []Bucket `json:"submit"`
	EndToEnd  []Bucket `json:"endToEnd"`
}

// Report gives the seconds in which anything happened.
func (t *Timeline) Report() []SecondReport {
	report := []SecondReport{}
	for index, second := range t.seconds {
		if second != nil {
			report = append(report, SecondReport{
				Second: index, Offered: second.offered, Accepted: second.accepted, Failed: second.failed,
				Delivered: second.delivered, Submit: sorted(second.submit), EndToEnd: sorted(second.endToEnd),
			})
		}
	}
	return report
}

func sorted(counts map[int64]int64) []Bucket {
	buckets := make([]Bucket, 0, len(counts))
	for upper, count := range counts {
		buckets = append(buckets, Bucket{upper, count})
	}
	slices.SortFunc(buckets, func(a, b Bucket) int { return int(a[0] - b[0]) })
	return buckets
}
