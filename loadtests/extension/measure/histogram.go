// Package measure keeps what a load run measures: histograms that merge without losing percentiles, a timeline, a clock
// that does not step, and what the process itself has used.
package measure

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Limits and precision of every histogram, in microseconds.
const (
	histogramMax    = int64(time.Hour / time.Microsecond)
	histogramDigits = 3
)

// Histogram counts durations in microseconds with three significant digits. It is used by one goroutine at a time.
type Histogram struct {
	buckets  *hdrhistogram.Histogram
	sum      float64
	min, max int64
}

// Record counts one duration. Negative ones count as 0, those above an hour as an hour.
func (h *Histogram) Record(duration time.Duration) {
	if h.buckets == nil {
		h.buckets = hdrhistogram.New(1, histogramMax, histogramDigits)
		h.min = math.MaxInt64
	}
	micros := min(max(duration.Microseconds(), 0), histogramMax)
	_ = h.buckets.RecordValue(micros) // It fails only beyond the limits.
	h.sum += float64(micros)
	h.min, h.max = min(h.min, micros), max(h.max, micros)
}

// Bucket is the highest value of a bucket, and its count.
type Bucket [2]int64

// HistogramReport is a histogram as it is written to reports. Times are microseconds.
type HistogramReport struct {
	Unit    string   `json:"unit"`
	Digits  int      `json:"digits"`
	Count   int64    `json:"count"`
	Min     int64    `json:"min"`
	Max     int64    `json:"max"`
	Mean    float64  `json:"mean"`
	Buckets []Bucket `json:"buckets"`
}

// Report gives the histogram; nil when nothing has been counted.
func (h *Histogram) Report() *HistogramReport {
	if h.buckets == nil {
		return nil
	}
	report := &HistogramReport{
		Unit: "us", Digits: histogramDigits, Count: h.buckets.TotalCount(), Min: h.min, Max: h.max,
		Mean: h.sum / float64(h.buckets.TotalCount()),
	}
	for _, bar := range h.buckets.Distribution() {
		if bar.Count > 0 {
			report.Buckets = append(report.Buckets, Bucket{bar.To, bar.Count})
		}
	}
	return report
}

// Percentile gives the value that the given share of all values, in percent, does not exceed.
func (h *HistogramReport) Percentile(percent float64) time.Duration {
	if h == nil {
		return 0
	}
	rank := int64(math.Ceil(percent / 100 * float64(h.Count)))
	var seen int64
	for _, bucket := range h.Buckets {
		if seen += bucket[1]; seen >= rank {
			return time.Duration(bucket[0]) * time.Microsecond
		}
	}
	return time.Duration(h.Max) * time.Microsecond
}
